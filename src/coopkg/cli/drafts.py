"""The commands for drafts: propose, look through, approve, reject, withdraw."""

from __future__ import annotations

import os
from pathlib import Path

import click

from coopkg import chronicle, errors, review
from coopkg.cli.terminal import (
    collector_paused,
    one_line,
    print_findings,
    printable,
    report,
    settings_of,
    showing_findings,
    span,
)
from coopkg.drafts import KEPT, Draft
from coopkg.review import Approved, Reviewed

_WORDS = {
    "fr": {
        "added": "brouillon {} : graphes qui changeraient : {}, fautes à corriger : {}",
        "none": "aucun brouillon n'attend",
        "line": "{}  {}  révision {}  {} : {} ({})",
        "waits": "fautes à sa proposition : {}",
        "rejected": "rejeté par {} : {}",
        "head": "brouillon {} du {}, par {} : {}\nproposé contre la révision {} ; la révision en vigueur est la {}",
        "overtaken": "ne s'applique plus : ce qui suit a été retiré ou ajouté entre-temps",
        "applies": "s'applique ; fautes à corriger : {}",
        "approved": "révision {} : brouillon {} accepté",
        "repeated": "révision {} : brouillon {} déjà accepté ; il n'a pas été appliqué une seconde fois",
        "waiting": "changé dans le graphe et pas encore dans data/ : {} ; lancez « coopkg export »",
        "kept": "brouillon {} rejeté ; gardé {} jours",
        "gone": "brouillon {} retiré",
    },
    "en": {
        "added": "draft {}: graphs that would change: {}, faults to repair: {}",
        "none": "no draft waits",
        "line": "{}  {}  revision {}  {}: {} ({})",
        "waits": "faults when it was proposed: {}",
        "rejected": "rejected by {}: {}",
        "head": "draft {} of {}, by {}: {}\nproposed against revision {}; revision {} is in force",
        "overtaken": "does not apply any more: this was removed or added meanwhile",
        "applies": "applies; faults to repair: {}",
        "approved": "revision {}: draft {} approved",
        "repeated": "revision {}: draft {} was approved before; it was not applied a second time",
        "waiting": "changed in the store and not yet in data/: {}; run 'coopkg export'",
        "kept": "draft {} rejected; kept for {} days",
        "gone": "draft {} withdrawn",
    },
}
_FILES = click.Path(exists=True, dir_okay=False, path_type=Path)
_AUTHOR = click.option("--author", metavar="NAME", required=True, help="who you are")
_ID = click.argument("name", metavar="ID")


@click.group()
def draft() -> None:
    """Propose changes that wait for a second person."""


@draft.command()
@click.argument("paths", nargs=-1, required=True, type=_FILES, metavar="FILE...")
@click.option("-m", "--message", metavar="TEXT", default="", help="why  [default: names the files]")
@_AUTHOR
@click.pass_context
def add(context: click.Context, paths: tuple[Path, ...], message: str, author: str) -> None:
    """Propose what FILES would change; print the id of the draft.

    A file stands in for the one of the same name, as for `coopkg validate`. What is wrong in it is shown and does not
    refuse it: a draft may be unfinished.
    """
    settings = settings_of(context)
    texts = one_line("--author", author), one_line("--message", message)
    with collector_paused():
        made = review.propose(settings, os.environ, list(paths), *texts, report=report)
    print_findings(made.findings, settings.lang)
    click.echo(made.id)
    _say(settings.lang, "added", made.id, len(made.changes), len(made.findings))


@draft.command(name="list")
@click.pass_context
def listed(context: click.Context) -> None:
    """List the drafts, the oldest first: id, time, revision that it was made against, author, message."""
    settings = settings_of(context)
    found = review.waiting(settings, os.environ)
    for one in found:
        click.echo(printable(_line(one, settings.lang)))
    if not found:
        _say(settings.lang, "none")


@draft.command()
@_ID
@click.pass_context
def show(context: click.Context, name: str) -> None:
    """Show what draft ID changes, whether it still applies, and what is wrong in it now."""
    settings = settings_of(context)
    with collector_paused():
        found = review.reviewed(settings, os.environ, name, report)
    _print_reviewed(found, settings.lang)


@draft.command()
@_ID
@_AUTHOR
@click.pass_context
def approve(context: click.Context, name: str, author: str) -> None:
    """Let draft ID enter, as another person than the one who proposed it.

    Judged as any change. The files of data/ stay as they are until `coopkg export`.
    """
    settings = settings_of(context)
    try:
        with collector_paused(), showing_findings(settings.lang):
            done = review.approve(settings, os.environ, name, one_line("--author", author), report)
    except errors.DraftOvertaken as fault:
        _print_overtaken(fault.statements)
        raise
    _print_approved(done, name, settings.lang)


@draft.command()
@_ID
@click.option("-m", "--message", metavar="WHY", required=True, help="why")
@_AUTHOR
@click.pass_context
def reject(context: click.Context, name: str, message: str, author: str) -> None:
    """Refuse draft ID, with the reason."""
    settings = settings_of(context)
    texts = one_line("--author", author), one_line("--message", message)
    review.reject(settings, os.environ, name, *texts)
    _say(settings.lang, "kept", name, KEPT.days)


@draft.command()
@_ID
@_AUTHOR
@click.pass_context
def withdraw(context: click.Context, name: str, author: str) -> None:
    """Take back draft ID, as the person who proposed it."""
    settings = settings_of(context)
    review.withdraw(settings, os.environ, name, one_line("--author", author))
    _say(settings.lang, "gone", name)


def _line(one: Draft, lang: str) -> str:
    words = _WORDS[lang]
    state = words["waits"].format(len(one.findings))
    if one.rejection:
        state = words["rejected"].format(one.rejection.author, one.rejection.reason)
    return words["line"].format(one.id, one.time, one.base, one.author, one.message, state)


def _print_reviewed(found: Reviewed, lang: str) -> None:
    words, one = _WORDS[lang], found.draft
    head = words["head"].format(one.id, one.time, one.author, one.message, one.base, found.current)
    click.echo(printable(f"{head}\n\n{chronicle.changed(found.delta)}"), nl=False)
    if one.rejection:
        _say(lang, "rejected", one.rejection.author, one.rejection.reason)
    if found.overtaken:
        _say(lang, "overtaken")
        _print_overtaken(found.overtaken)
    else:
        print_findings(found.findings, lang)
        _say(lang, "applies", len(found.findings))


def _print_overtaken(statements: tuple[str, ...]) -> None:
    for statement in statements:
        click.echo(printable(f"  {statement}"), err=True)


def _print_approved(done: Approved, name: str, lang: str) -> None:
    _say(lang, "repeated" if done.repeated else "approved", span(done.revisions), name)
    _say(lang, "waiting", ", ".join(done.to_export))


def _say(lang: str, what: str, *values: object) -> None:
    click.echo(printable(_WORDS[lang][what].format(*values)), err=True)
