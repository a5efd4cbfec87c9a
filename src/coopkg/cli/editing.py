"""The commands that rename a resource, and that make one of two."""

from __future__ import annotations

import os
from collections.abc import Callable

import click

from coopkg import chronicle, editing
from coopkg.cli.terminal import collector_paused, one_line, printable, report, settings_of, showing_findings, span
from coopkg.editing import Edited
from coopkg.history import resource

_WORDS = {
    "fr": (
        "révision {} : {} énoncés retirés, {} ajoutés ; <{}> mène à <{}>",
        "c'est possible : {1} énoncés retirés, {2} ajoutés ; rien n'a été écrit",
        "changé dans le graphe et pas encore dans data/ : {} ; lancez « coopkg export »",
    ),
    "en": (
        "revision {}: {} statements removed, {} added; <{}> leads to <{}>",
        "this can be done: {1} statements removed, {2} added; nothing was written",
        "changed in the store and not yet in data/: {}; run 'coopkg export'",
    ),
}
_MESSAGE = click.option("-m", "--message", metavar="TEXT", default="", help="why  [default: names both]")
_DRY_RUN = click.option("--dry-run", is_flag=True, help="judge it and show it, write nothing")


def _author(default: str) -> Callable[[click.decorators.FC], click.decorators.FC]:
    return click.option("--author", metavar="TEXT", default=default, show_default=True, help="who")


@click.command()
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@_MESSAGE
@_author("coopkg rename")
@_DRY_RUN
@click.pass_context
def rename(context: click.Context, old: str, new: str, message: str, author: str, dry_run: bool) -> None:
    """Give the resource OLD the IRI NEW, in every graph; OLD leads to NEW from then on.

    Both are IRIs, whole or from `id/` on, such as id/project/a-page. Judged as any change; all graphs change, one
    revision each, or none does. The files of data/ stay as they are until `coopkg export`.
    """
    settings = settings_of(context)
    ends, texts = (resource(old), resource(new)), (one_line("--message", message), one_line("--author", author))
    with collector_paused(), showing_findings(settings.lang):
        done = editing.rename(settings, os.environ, *ends, *texts, dry_run=dry_run, report=report)
    _print(done, *ends, settings.lang)


@click.command()
@click.argument("one", metavar="A")
@click.argument("other", metavar="B")
@click.option("--prefer", type=click.Choice(["A", "B"]), help="whose value counts where both have one")
@_MESSAGE
@_author("coopkg merge")
@_DRY_RUN
@click.pass_context
def merge(
    context: click.Context, one: str, other: str, prefer: str | None, message: str, author: str, dry_run: bool
) -> None:
    """Make one resource of A and B: all that is said of A is said of B, and A leads to B from then on.

    A second name in one language becomes another name (skos:altLabel). Refused where both have a value of what a
    thing has once, unless --prefer says whose counts. The rest is as for `coopkg rename`.
    """
    settings = settings_of(context)
    ends, texts = (resource(one), resource(other)), (one_line("--message", message), one_line("--author", author))
    chosen = dict(zip("AB", ends, strict=True)).get(prefer or "", "")
    with collector_paused(), showing_findings(settings.lang):
        done = editing.merge(settings, os.environ, *ends, chosen, *texts, dry_run=dry_run, report=report)
    _print(done, *ends, settings.lang)


def _print(done: Edited, old: str, new: str, lang: str) -> None:
    written, possible, waiting = _WORDS[lang]
    if not done.revisions:
        click.echo(printable(chronicle.changed(done.delta)), nl=False)
    counts = (f"{len(part):,}" for part in (done.delta.removed, done.delta.added))
    click.echo((written if done.revisions else possible).format(span(done.revisions), *counts, old, new), err=True)
    if done.revisions:
        click.echo(waiting.format(", ".join(done.to_export)), err=True)
