"""The commands that check a state folder, and keep a copy of it."""

from __future__ import annotations

import os
from pathlib import Path

import click

from coopkg import upkeep
from coopkg.audit import Verified
from coopkg.cli.terminal import collector_paused, reading_journal, report, settings_of

_VERIFIED = {
    "fr": (
        "journal      {0} révisions, chaîne et contenus intacts",
        "générations  {0} : fichiers intacts, graphe égal à celui du journal",
        "graphe       {0:,} énoncés, empreinte {1}",
        "le journal finit par {0:,} octets d'une révision inachevée, qui ne compte pas ; la prochaine construction les "
        "met de côté",
        "le journal devance ce qui est publié (révision {0}) ; lancez « coopkg build »",
        "effacements  {0}",
    ),
    "en": (
        "journal      {0} revisions, chain and bodies whole",
        "generations  {0}: files whole, graph that of the journal",
        "graph        {0:,} statements, digest {1}",
        "the journal ends with {0:,} bytes of an unfinished revision, which does not count; the next build sets them "
        "aside",
        "the journal is ahead of what is published (revision {0}); run 'coopkg build'",
        "erasures     {0}",
    ),
}
_KEPT = {
    "fr": (
        "{} : sauvegarde jusqu'à la révision {}",
        "{} : sauvegarde intacte jusqu'à la révision {}",
        "restauré jusqu'à la révision {} ; lancez « coopkg build » pour publier",
        "ce qui était là est dans {} ; supprimez-le quand vous n'en avez plus besoin",
        "rien n'a été écrit",
    ),
    "en": (
        "{}: backup up to revision {}",
        "{}: whole backup up to revision {}",
        "restored up to revision {}; run 'coopkg build' to publish",
        "what was there lies in {}; remove it when you need it no more",
        "nothing was written",
    ),
}


@click.command()
@click.pass_context
def verify(context: click.Context) -> None:
    """Check the whole journal, each kept generation, and that the journal gives what is published.

    Nothing is written. Exit code 7 at the first fault, with what to do about it.
    """
    settings = settings_of(context)
    with collector_paused():
        found = upkeep.verify(settings, os.environ, reading_journal(settings.lang), report)
    _print_verified(found, settings.lang)


@click.command()
@click.argument("target", metavar="TARGET", type=click.Path(path_type=Path))
@click.pass_context
def backup(context: click.Context, target: Path) -> None:
    """Write a backup of the state folder to TARGET, while others may read and write.

    TARGET is a name that ends in `.tar.zst`, or a new folder. It appears under its name once it is whole.
    """
    settings = settings_of(context)
    contents = upkeep.backup(settings, os.environ, target, reading_journal(settings.lang))
    click.echo(_KEPT[settings.lang][0].format(target, contents.revision), err=True)


@click.command()
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--drop-newer", is_flag=True, help="also when the state folder has revisions that the backup lacks")
@click.option("--undo-erasures", is_flag=True, help="also when the backup is from before an erasure")
@click.option("--dry-run", is_flag=True, help="check the backup and the state folder, write nothing")
@click.pass_context
def restore(context: click.Context, source: Path, drop_newer: bool, undo_erasures: bool, dry_run: bool) -> None:
    """Put the backup in FILE (or a folder) into the state folder, once the whole backup was checked.

    What was there is moved aside, never deleted. The next `coopkg build` or `coopkg serve` publishes it again.
    """
    settings = settings_of(context)
    progress = reading_journal(settings.lang)
    done = upkeep.restore(
        settings,
        os.environ,
        source,
        progress,
        drop_newer=drop_newer,
        undo_erasures=undo_erasures,
        dry_run=dry_run,
    )
    _, whole, restored, aside, nothing = _KEPT[settings.lang]
    click.echo(whole.format(source, done.contents.revision), err=True)
    click.echo(nothing if dry_run else restored.format(done.contents.revision), err=True)
    if done.aside:
        click.echo(aside.format(done.aside), err=True)


def _print_verified(found: Verified, lang: str) -> None:
    journal, generations, statements, unfinished, ahead, erasures = _VERIFIED[lang]
    click.echo(journal.format(f"{found.head:,}"))
    click.echo(generations.format(", ".join(map(str, found.generations)) or "-"))
    click.echo(statements.format(found.statements, found.digest))
    if found.erasures:
        click.echo(erasures.format(found.erasures))
    if found.unfinished_bytes:
        click.echo(unfinished.format(found.unfinished_bytes), err=True)
    if found.published < found.head:
        click.echo(ahead.format(found.published), err=True)
