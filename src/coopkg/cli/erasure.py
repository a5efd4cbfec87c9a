"""The command that erases."""

from __future__ import annotations

import os
import sys

import click

from coopkg import errors, upkeep
from coopkg.cli.terminal import collector_paused, printable, reading_journal, report, settings_of
from coopkg.erasure import Plan
from coopkg.redaction import Wanted

_WORDS = {
    "fr": (
        "révisions à expurger : {}",
        "états que l'on ne donnera plus : {}",
        "supprimé en entier : {}",
        "reste, car le texte n'y est qu'une partie : {}",
        "Effacer pour toujours ?",
        "effacé ; les sauvegardes et les copies faites ailleurs restent à traiter (docs/erasure.md)",
        "rien n'a été écrit",
    ),
    "en": (
        "revisions to redact: {}",
        "states that will be given no more: {}",
        "removed whole: {}",
        "stays, since the text is only a part of it: {}",
        "Erase for ever?",
        "erased; backups, and copies made elsewhere, are yours to deal with (docs/erasure.md)",
        "nothing was written",
    ),
}


@click.command()
@click.argument("terms", metavar="TERM...", nargs=-1)
@click.option("--statement", "statements", metavar="'S P O'", multiple=True, help="a statement, in terms of Turtle")
@click.option("--reason", metavar="TEXT", required=True, help="why, in words that do not repeat what is erased")
@click.option("--dry-run", is_flag=True, help="show what it would do, write nothing")
@click.option("--yes", is_flag=True, help="do not ask")
@click.pass_context
def redact(
    context: click.Context, terms: tuple[str, ...], statements: tuple[str, ...], reason: str, dry_run: bool, yes: bool
) -> None:
    """Erase TERMs from the journal and from all that the state folder keeps, for ever.

    A TERM is an IRI, or the whole text of a literal; - reads them from standard input, one a line, so that they are not
    in the history of the shell. Refused while a graph still states it.
    """
    settings = settings_of(context)
    words = _WORDS[settings.lang]
    given = [line for term in terms for line in (sys.stdin.read().splitlines() if term == "-" else [term])]
    if not reason.isprintable() or not reason.strip():
        raise errors.InputError("--reason: must be one line, without control characters")
    done = False

    def confirmed(plan: Plan) -> bool:
        nonlocal done
        _print_plan(plan, words)
        done = not dry_run and (yes or click.confirm(words[4], err=True))
        return done

    with collector_paused():
        upkeep.redact(
            settings,
            os.environ,
            Wanted.of(given, statements),
            reason.strip(),
            confirmed,
            report,
            reading_journal(settings.lang),
        )
    click.echo(words[5] if done else words[6], err=True)


def _print_plan(plan: Plan, words: tuple[str, ...]) -> None:
    stretches = [f"{first}-{last}" if first < last else str(first) for first, last in plan.found.stretches()]
    rows = (
        (words[0], map(str, plan.found.touched)),
        (words[1], stretches),
        (words[2], map(str, plan.doomed)),
        (words[3], map(repr, sorted(plan.found.within))),
    )
    for told, values in rows:
        if text := ", ".join(values):
            click.echo(printable(told.format(text)), err=True)
