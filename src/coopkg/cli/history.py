"""The commands that read the history and undo a part of it."""

from __future__ import annotations

import os
from itertools import islice

import click

from coopkg import chronicle, errors, upkeep
from coopkg.cli.terminal import (
    collector_paused,
    one_line,
    printable,
    reading_journal,
    report,
    settings_of,
    showing_findings,
)
from coopkg.content import graph_of
from coopkg.history import History, resource
from coopkg.redirects import Redirects
from coopkg.settings import Settings

_TEXT_OR_JSON = click.Choice(["text", "json"])
_CHANGE_FORMATS = click.Choice(["text", "rdf-patch", "json"])
_WORDS = {
    "fr": (
        "révision {} : défait la révision {} (énoncés retirés : {}, ajoutés : {})",
        "la révision {1} peut être défaite (énoncés retirés : {2}, ajoutés : {3}) ; rien n'a été écrit",
        "changé dans le graphe et pas encore dans data/ : {} ; lancez « coopkg export »",
    ),
    "en": (
        "revision {}: undoes revision {} (statements removed: {}, added: {})",
        "revision {1} can be undone (statements removed: {2}, added: {3}); nothing was written",
        "changed in the store and not yet in data/: {}; run 'coopkg export'",
    ),
}


_RENAMED = {
    "fr": ("<{}> a été renommé : voir <{}>", "<{}> n'est plus à employer, et rien ne le remplace"),
    "en": ("<{}> was renamed to <{}>", "<{}> is deprecated, and nothing replaces it"),
}


@click.command()
@click.option("--limit", type=click.IntRange(min=1), help="show so many revisions at most")
@click.option("--graph", "where", metavar="IRI|PATH", help="only those that touched this named graph, or this file's")
@click.option("--format", "form", type=_TEXT_OR_JSON, default="text", show_default=True, help="how to write it")
@click.pass_context
def log(context: click.Context, limit: int | None, where: str | None, form: str) -> None:
    """List the revisions, the last one first: number, time, counts, author, message, file."""
    settings = settings_of(context)
    wanted = (graph_of(where) or resource(where)) if where else ""
    found = islice(upkeep.history(settings, os.environ).log(wanted), limit)
    if form == "json":
        click.echo(chronicle.as_json([chronicle.revision_members(revision) for revision in found]), nl=False)
    else:
        for revision in found:
            click.echo(printable(chronicle.line(revision)))


@click.command()
@click.argument("number", metavar="N")
@click.option("--format", "form", type=_CHANGE_FORMATS, default="text", show_default=True, help="how to write it")
@click.pass_context
def show(context: click.Context, number: str, form: str) -> None:
    """Show what revision N removed and added. N is a number, or `current`."""
    settings = settings_of(context)
    past = upkeep.history(settings, os.environ)
    revision = past.revision(past.number(number))
    with collector_paused():
        change = past.change(revision.number)
        if form == "json":
            members = {**chronicle.revision_members(revision), **chronicle.change_members(change)}
            text = chronicle.as_json(members)
        elif form == "rdf-patch":
            text = chronicle.patch(change, revision, past.hash_before(revision))
        else:
            text = printable(chronicle.shown(revision, change, settings.lang))
    click.echo(text, nl=False)


@click.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option("--format", "form", type=_CHANGE_FORMATS, default="text", show_default=True, help="how to write it")
@click.pass_context
def diff(context: click.Context, before: str, after: str, form: str) -> None:
    """Show the net difference between the graph after revision A and that after revision B.

    A and B are numbers, or `current`; 0 is the empty graph before the first revision.
    """
    settings = settings_of(context)
    past = _history(settings)
    first, last = past.number(before), past.number(after)
    with collector_paused():
        change = past.difference(first, last)
        redacted = past.redacted(first, last)
        if form == "json":
            members = {"from": first, "to": last, "redacted": redacted, **chronicle.change_members(change)}
            text = chronicle.as_json(members)
        elif form == "rdf-patch":
            text = chronicle.patch(change)
        else:
            text = printable(chronicle.compared(first, last, change, settings.lang, redacted))
    click.echo(text, nl=False)


@click.command()
@click.argument("number", metavar="N")
@click.option("--message", metavar="TEXT", help="why  [default: names the revision and its message]")
@click.option("--author", metavar="TEXT", default="coopkg revert", show_default=True, help="who")
@click.option("--batch", is_flag=True, help="also undo the revisions that were judged together with it")
@click.option("--dry-run", is_flag=True, help="judge it and show it, write nothing")
@click.pass_context
def revert(context: click.Context, number: str, message: str | None, author: str, batch: bool, dry_run: bool) -> None:
    """Undo revision N by a new revision, which is judged as any other.

    Refused when later revisions touched the same statements, or when the shapes find a violation in the result. The
    files of data/ stay as they are until `coopkg export`.
    """
    settings = settings_of(context)
    wanted = upkeep.history(settings, os.environ).number(number)
    texts = [one_line("--message", message or ""), one_line("--author", author)]
    try:
        with collector_paused(), showing_findings(settings.lang):
            done = upkeep.revert(
                settings,
                os.environ,
                wanted,
                *texts,
                batch=batch,
                dry_run=dry_run,
                report=report,
                progress=reading_journal(settings.lang),
            )
    except errors.RevisionOvertaken as fault:
        for later, statement in fault.touched:
            click.echo(printable(f"{later:>6}  {statement}"), err=True)
        raise
    _print_reverted(done, wanted, settings)


@click.command()
@click.argument("name", metavar="RESOURCE")
@click.option("--format", "form", type=_TEXT_OR_JSON, default="text", show_default=True, help="how to write it")
@click.pass_context
def blame(context: click.Context, name: str, form: str) -> None:
    """Say for each statement about RESOURCE that holds now which revision added it last.

    RESOURCE is an IRI, with or without angle brackets, or a name with one of the project's prefixes.
    """
    settings = settings_of(context)
    iri = resource(name)
    found = _history(settings).blame(iri)
    redirects = Redirects.said(one.quad for one in found)
    if redirects.is_deprecated(iri):
        target = redirects.target(iri)
        click.echo(printable(_RENAMED[settings.lang][not target].format(iri, target)), err=True)
    if form == "json":
        click.echo(chronicle.as_json([chronicle.blamed_members(one) for one in found]), nl=False)
    else:
        click.echo(printable(chronicle.blamed(found, settings.lang)), nl=False)


def _history(settings: Settings) -> History:
    return upkeep.history(settings, os.environ, reading_journal(settings.lang))


def _print_reverted(done: upkeep.Reverted, number: int, settings: Settings) -> None:
    written, possible, waiting = _WORDS[settings.lang]
    told = written if done.revision else possible
    if not done.revision:
        click.echo(printable(chronicle.changed(done.delta)), nl=False)
    removed, added = len(done.delta.removed), len(done.delta.added)
    click.echo(told.format(done.revision, number, f"{removed:,}", f"{added:,}"), err=True)
    if done.revision:
        click.echo(waiting.format(", ".join(done.to_export)), err=True)
