"""The program `coopkg`: one command a verb, each a short recipe; those of the history and of backups lie beside it.

Exit codes: see `EXIT_CODES` and docs/errors.md.
"""

from __future__ import annotations

import errno
import logging
import os
import signal
import sys
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from coopkg import errors, explanation, names, negotiation, scribe, sparql, upkeep
from coopkg.cli import drafts, dumping, editing, erasure, following, history, safekeeping, synth, tokens, validating
from coopkg.cli.terminal import (
    collector_paused,
    open_standard_streams,
    print_findings,
    printable,
    reading_files,
    report,
    settings_of,
)
from coopkg.datalog import Fact
from coopkg.dictation import Dictation
from coopkg.errors import CoopkgError
from coopkg.findings import violations
from coopkg.graph import Graph
from coopkg.rdf import NamedNode
from coopkg.redirects import Redirects
from coopkg.rehearsal import Rehearsal
from coopkg.settings import Settings, table
from coopkg.store import QuadStore
from coopkg.tokens import Tokens

#: The first class that matches decides. 0 is success; 2 is click's own, for a wrong command line.
EXIT_CODES: tuple[tuple[type[CoopkgError], int], ...] = (
    (errors.SettingsError, 2),
    (errors.Unauthorised, 1),
    (errors.ScopeExceeded, 1),
    (errors.WriteForbidden, 1),
    (errors.RevisionConflict, 4),
    (errors.ConditionFailed, 4),
    (errors.KeyReused, 1),
    (errors.TooFarReaching, 1),
    (errors.WriteRejected, 3),
    (errors.WriteConflict, 4),
    (errors.RevisionOvertaken, 4),
    (errors.MergeRefused, 4),
    (errors.DraftOvertaken, 4),
    (errors.RevisionsLost, 4),
    (errors.ErasureRefused, 4),
    (errors.ErasuresUndone, 4),
    (errors.ReplicaOvertaken, 4),
    (errors.ReplicaError, 1),
    (errors.StateLocked, 5),
    (errors.NothingPublished, 6),
    (errors.StateDamaged, 7),
    (errors.LinksFull, 8),
    (errors.DiskFullError, 8),
    (errors.QueryError, 1),
    (errors.DocumentError, 1),
    (errors.DocumentTooLarge, 1),
    (errors.UnsupportedMediaType, 1),
    (errors.NotAcceptable, 1),
    (errors.AnswerTooLarge, 1),
    (errors.QueryTimedOut, 1),
    (errors.QueryTooHeavy, 1),
    (errors.UnknownGraph, 1),
    (errors.RevisionGone, 1),
    (errors.ServerBusy, 1),
    (errors.BudgetSpent, 1),
    (errors.QueryQuarantined, 1),
    (errors.Refused, 1),
    (errors.InputError, 1),
    (errors.CoopkgError, 1),
)
_CHANGES_SHOWN = 10
_HELP = {name: f"{text} [{env}]" for name, env, _, text in table()}


def main() -> None:
    """Run the program; turn every refusal into one sentence and an exit code."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # end quietly when the reader of a pipe goes, as filters do
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    open_standard_streams()
    # A literal that is no value of its datatype is told as a finding; rdflib would print a traceback besides.
    logging.getLogger("rdflib").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="rdflib")
    try:
        code = commands(standalone_mode=False)
        sys.stdout.flush()
        sys.exit(code)
    except click.exceptions.Abort:
        click.echo("coopkg: stopped; the graph that was published stays", err=True)
        sys.exit(130)
    except click.ClickException as fault:
        fault.show()
        sys.exit(fault.exit_code)
    except CoopkgError as fault:
        click.echo(f"coopkg: {printable(str(fault))}", err=True)
        sys.exit(exit_code(fault))
    except OSError as fault:
        click.echo(f"coopkg: {fault.filename or 'output'}: {fault.strerror}; mend this and run it again", err=True)
        os._exit(8 if fault.errno == errno.ENOSPC else 1)  # what is still buffered cannot be written either


def exit_code(error: CoopkgError) -> int:
    """Return the exit code of an error."""
    return next(code for kind, code in EXIT_CODES if isinstance(error, kind))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("coopkg"), prog_name="coopkg")
@click.option("--config", type=click.Path(path_type=Path), help="TOML file of settings [COOPKG_CONFIG]")
@click.option("--state", metavar="FOLDER", help=_HELP["state"])
@click.option("--content", metavar="FOLDER", help=_HELP["content"])
@click.option("--lang", metavar="fr|en", help=_HELP["lang"])
@click.pass_context
def commands(context: click.Context, /, config: Path | None, **flags: str | None) -> None:
    """Le graphe ouvert des projets en coopération / the open graph of cooperation projects.

    \b
    A first tour:
      coopkg build                      judge data/ and publish it
      coopkg stats                      what is published
      echo 'SELECT ?p { ?p a coop:Project }' | coopkg query -
      coopkg serve                      answer SPARQL at http://127.0.0.1:8080/sparql
      coopkg validate my-source.trig    judge a file before it enters data/
      coopkg log                        what changed, when, by whom
      coopkg rename id/project/a id/project/b
      coopkg draft add my-source.trig --author Ada
      coopkg backup my-backup.tar.zst   keep the journal elsewhere
      coopkg dump                       what is published as files for anybody
      coopkg follow https://coop.example --state my-replica
      coopkg synth --triples 100000     a made-up graph, to measure and to try things out

    Settings come from flags, COOPKG_* variables or a TOML file: docs/settings.md.
    """
    context.obj = (flags, config)


@commands.command()
@click.pass_context
def build(context: click.Context) -> None:
    """Judge what changed in the content folder and publish it.

    The graph that was published serves until the new one is whole. Nothing is judged again when nothing changed.
    """
    _build(settings_of(context))


@commands.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, allow_dash=True, path_type=Path))
@click.option(
    "--against",
    type=click.Choice([one.value for one in upkeep.Against]),
    default="data",
    show_default=True,
    help="what the files are judged with: the content folder, what is published, or only the ontology and the tables",
)
@click.option("--as", "name", metavar="NAME", help="the name of what comes from standard input, as my-source.trig")
@click.option(
    "--format",
    "form",
    type=click.Choice(validating.FORMS),
    default="text",
    show_default=True,
    help="text on standard error, the others on standard output",
)
@click.option("--watch", "again", is_flag=True, help="judge again each time that a file changes, until Ctrl-C")
@click.option("--all", "everything", is_flag=True, help="show warnings and infos about all files, not only these")
@click.option(
    "--engine",
    type=click.Choice(["compiled", "pyshacl"]),
    default="compiled",
    show_default=True,
    help="who judges; both say the same, pyshacl takes longer",
)
@click.pass_context
def validate(
    context: click.Context,
    paths: tuple[Path, ...],
    against: str,
    name: str | None,
    form: str,
    again: bool,
    everything: bool,
    engine: str,
) -> None:
    """Judge files together with the content folder, and write nothing.

    A file stands in for the one of the same name; a new one is judged beside the others. PATHS may be folders, and -
    for standard input. Without PATHS the folder is judged as it is. Exit code 3 when a violation is found.
    """
    if again and validating.STANDARD_INPUT in paths:
        raise click.UsageError("standard input cannot be watched; give a file, or leave --watch")
    settings, rehearsal = settings_of(context), Rehearsal(report, engine)
    with validating.files(paths, name) as (chosen, called):
        task = validating.Task(settings, chosen, called, upkeep.Against(against), form, everything)
        if again:
            validating.watch(task, rehearsal, validating.changes(validating.polled(task)))
        elif refused := validating.once(task, rehearsal):
            raise click.exceptions.Exit(exit_code(refused))


@commands.command()
@click.argument("file", type=click.File("rb"))
@click.option("--format", "wish", help=f"{', '.join(negotiation.SHORT_NAMES)} [default: csv, or turtle for triples]")
@click.option("--rewrite/--no-rewrite", default=True, show_default=True, help="ask it otherwise where that is faster")
@click.option("--explain", is_flag=True, help="show the text that the engine would be asked, instead of its answer")
@click.pass_context
def query(context: click.Context, file: Any, wish: str | None, rewrite: bool, explain: bool) -> None:
    """Run the SPARQL query of FILE (- for standard input) on the published graph.

    The project's prefixes are predeclared. SELECT and ASK give csv, tsv, json or xml; CONSTRUCT and DESCRIBE give
    turtle, nt, json-ld or rdf.
    """
    settings = settings_of(context)
    published = Graph.open(settings, os.environ)
    content = file.read(settings.query_max_bytes + 1)
    if len(content) > settings.query_max_bytes:
        raise errors.InputError(f"{file.name}: is longer than {settings.query_max_bytes:,} bytes; see query_max_bytes")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise errors.InputError(
            f"{file.name}: the query is not UTF-8 (byte {fault.start}); save it as UTF-8"
        ) from fault
    question = sparql.Question(text, rewrite=rewrite)
    if explain:
        sparql.answered(
            QuadStore.in_memory(), question, lambda offers: _format(wish, offers)
        )  # refuses what is refused
        click.echo(sparql.rewritten(question).text)
        return
    _, body = sparql.answered(published.current()[0], question, lambda offers: _format(wish, offers))
    sys.stdout.buffer.write(body)


@commands.command()
@click.option("--host", metavar="ADDRESS", help=_HELP["host"])
@click.option("--port", metavar="NUMBER", help=_HELP["port"])
@click.option("--threads", metavar="NUMBER", help=_HELP["threads"])
@click.option("--build/--no-build", "first", default=True, show_default=True, help="bring the graph up to date first")
@click.pass_context
def serve(context: click.Context, /, first: bool, **flags: str | None) -> None:
    """Publish what changed, then answer SPARQL over HTTP until stopped (Ctrl-C)."""
    from coopkg.web import log  # Flask is loaded only by the command that needs it
    from coopkg.web.imprint import refuse_unsigned
    from coopkg.web.server import Server

    settings = settings_of(context, flags)
    if settings.writes == "on":
        upkeep.refuse_foreign(settings, os.environ)
    refuse_unsigned(settings)  # before a build that may take long; the server asks again where it binds
    if first and not upkeep.is_foreign(settings, os.environ):  # what a replica or a made-up graph has is whole
        _build(settings)
    published = Graph.open(settings, os.environ)
    service = upkeep.query_service(published, settings)
    writer = Dictation(scribe.argument(settings, os.environ)) if settings.writes == "on" else None
    server = Server(published, service, settings, writer, _tokens(settings))
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # a client that hangs up must not end the server
    click.echo(f"coopkg is ready: {server.url}/  (SPARQL endpoint: {server.url}/sparql)")
    click.echo(f"try:  curl -s {server.url}/sparql -H 'Accept: text/csv' --data-urlencode '{_EXAMPLE}'")
    sys.stdout.flush()
    if settings.access_log == "on":
        log.to_stderr()
    try:
        server.run()
    finally:
        if writer:
            writer.close()


@commands.command()
@click.argument("subject")
@click.argument("predicate")
@click.argument("value", metavar="OBJECT")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "turtle"]),
    default="text",
    show_default=True,
    help="turtle tells it in the words of PROV",
)
@click.pass_context
def why(context: click.Context, subject: str, predicate: str, value: str, form: str) -> None:
    """Say why a statement holds: the rules and premises, down to the graphs that state them.

    SUBJECT, PREDICATE and OBJECT are terms of Turtle, with the project's prefixes; IRIs may stand without brackets.
    """
    settings = settings_of(context)
    published = Graph.open(settings, os.environ)
    with collector_paused():
        found = published.why(subject, predicate, value)
    if found is None:
        renamed = _renamed(published, explanation.asked(subject, predicate, value))
        raise errors.InputError(
            f"{subject} {predicate} {value}: is neither stated nor does it follow; {renamed or 'check the terms'}"
        )
    click.echo(found.text(settings.lang) if form == "text" else found.turtle(), nl=False)


@commands.command()
@click.option("--quality", is_flag=True, help="show how many findings there are, by source and project")
@click.pass_context
def stats(context: click.Context, quality: bool) -> None:
    """Show what is published: revision, digest, counts."""
    published = Graph.open(settings_of(context), os.environ)
    if quality:
        for place, times in sorted(published.quality().items()):
            where = "  ".join(iri.removeprefix(names.BASE) or "-" for iri in (place.graph, place.project))
            click.echo(f"{times:>7,}  {place.tier.value:<9}  {where}")
        return
    manifest = published.current()[1]
    click.echo(f"revision   {manifest.revision}\ndigest     {manifest.digest}")
    click.echo(f"asserted   {manifest.asserted:,}\ninferred   {manifest.inferred:,}")
    click.echo(f"warnings   {manifest.warnings:,}\ninfos      {manifest.infos:,}\n")
    for kind, count in published.rows(_COUNTS):
        click.echo(f"{int(count or 0):>7,}  {(kind or '').rpartition('#')[2]}")


@commands.command()
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="another folder than the content folder")
@click.pass_context
def export(context: click.Context, out: Path | None) -> None:
    """Write the accepted graphs back to data/, in canonical form, byte for byte stable."""
    done = upkeep.export(settings_of(context), os.environ, out)
    for path in done.written:
        click.echo(path)
    hint = "; run 'coopkg build' before you edit them" if done.written and not out else ""
    click.echo(f"{len(done.written)} file{'s' if len(done.written) != 1 else ''} written{hint}", err=True)
    if done.newer:
        click.echo(f"left, edited since the last build: {', '.join(done.newer)}; run 'coopkg build'", err=True)


@commands.command()
@click.pass_context
def vouch(context: click.Context) -> None:
    """Judge the reference tables whole and record their digests, so that builds need not judge them again."""
    settings = settings_of(context)
    found = upkeep.vouch(settings, report)
    print_findings(found, settings.lang)
    if grave := violations(found):
        raise click.exceptions.Exit(exit_code(errors.WriteRejected(grave)))
    click.echo("the reference tables conform; recorded in data/reference/judged.json", err=True)


for _command in (
    *(history.log, history.show, history.diff, history.revert, history.blame),
    *(safekeeping.verify, safekeeping.backup, safekeeping.restore, erasure.redact),
    *(editing.rename, editing.merge, drafts.draft),
    *(dumping.dump, following.follow, tokens.token, synth.synth),
):
    commands.add_command(_command)

_EXAMPLE = "query=SELECT ?project ?name { ?project a coop:Project ; skos:prefLabel ?name } LIMIT 5"
_COUNTS = """
SELECT ?class (COUNT(?thing) AS ?count) WHERE {
  VALUES ?class { coop:Project coop:Programme coop:Experiment coop:Event coop:Participation coop:ExpectedParticipation
    org:Organization coop:StakeholderGroup coop:Territory coop:Outcome coop:Measure coop:Lesson coop:Perspective
    coop:SourceDocument }
  { SELECT DISTINCT ?class ?thing WHERE { ?thing a ?class } }
} GROUP BY ?class ORDER BY DESC(?count) ?class
"""


def _tokens(settings: Settings) -> Tokens | None:
    return Tokens(settings.state_folder(os.environ)) if settings.writes == "on" else None


def _format(wish: str | None, offers: tuple[str, ...]) -> str:
    if wish is None:
        return negotiation.choose("", ["csv"], offers)
    for media_type in negotiation.SHORT_NAMES.get(wish.lower(), (wish,)):
        if media_type in offers:
            return media_type
    fitting = [name for name, types in negotiation.SHORT_NAMES.items() if not set(types).isdisjoint(offers)]
    raise errors.NotAcceptable(f"--format {wish}: this query gives no such format; choose one of {', '.join(fitting)}")


def _renamed(published: Graph, fact: Fact) -> str:
    """Return what the terms of a statement were renamed to, in words; "" when none was."""
    redirects = Redirects.of(published.current()[0])
    targets = ((term.value, redirects.target(term.value)) for term in fact if isinstance(term, NamedNode))
    return ", ".join(f"<{iri}> was renamed to <{target}>" for iri, target in targets if target)


def _build(settings: Settings) -> None:
    try:
        with collector_paused():
            done = upkeep.build(settings, os.environ, report, reading_files)
        _print_build(done)
    except errors.WriteRejected as fault:
        print_findings(fault.findings, settings.lang)
        raise


def _print_build(done: upkeep.Build) -> None:
    manifest = done.manifest
    count = len(done.changes)
    what = f"{count} change{'s' if count != 1 else ''}" if count else "nothing to do"
    if done.judged_again:
        what = f"{what if count else 'no change'}, all judged again (a shape, a rule or the program is another)"
    for message in sorted(done.changes, key=lambda text: not text.startswith("remove "))[:_CHANGES_SHOWN]:
        click.secho(f"  {message}", fg="yellow" if message.startswith("remove ") else None, err=True)
    if count > _CHANGES_SHOWN:
        click.echo(f"  and {count - _CHANGES_SHOWN} more", err=True)
    click.echo(
        f"revision {manifest.revision}: {what}; {manifest.asserted:,} statements, {manifest.inferred:,} inferred, "
        f"{manifest.warnings} warnings, {manifest.infos} infos ({done.seconds:.1f} s)",
        err=True,
    )
    if done.to_export:
        click.echo(
            f"changed in the store and not in data/: {', '.join(done.to_export)}; run 'coopkg export'",
            err=True,
        )
