"""What `coopkg validate` says, in each of its forms, once or each time that a file changes."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from coopkg import reports, upkeep
from coopkg.cli.terminal import collector_paused, print_findings
from coopkg.errors import CoopkgError, InputError, SettingsError, WriteRejected
from coopkg.findings import Finding, Tier, violations
from coopkg.rehearsal import Proposal, Rehearsal
from coopkg.settings import Settings
from coopkg.upkeep import Against

FORMS = ("text", "json", *reports.GRAPH_FORMS, "github")
STANDARD_INPUT = Path("-")
_POLL_S = 0.3
#: When files were changed, and their sizes, by path.
Snapshot = Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be judged, and how it is told.

    Args:
        called: the paths that say the graphs of files whose names do not.
        everything: whether warnings and infos about all files are shown, not only those about these.
    """

    settings: Settings
    paths: tuple[Path, ...]
    called: Mapping[Path, str]
    against: Against
    form: str
    everything: bool

    def proposal(self) -> Proposal:
        """Return what the files propose, as they are now."""
        return upkeep.proposal(self.settings, self.paths, self.against, os.environ, self.called)


def once(task: Task, rehearsal: Rehearsal) -> CoopkgError | None:
    """Judge, say what was found, and return why it is refused, or None.

    Raises:
        CoopkgError: a refusal that is not about the files.
    """
    try:
        with collector_paused():
            proposal = task.proposal()
            found = rehearsal.judge(proposal)
        grave = violations(found)
        shown = found if task.everything else [one for one in found if _is_about(one, proposal)]
        if task.form == "text" and grave and not proposal.given and not task.everything:
            shown = grave  # what must be mended is not to be looked for among hundreds of wishes
        _tell(task, found, rehearsal.mended(shown))
        return WriteRejected(grave) if grave else None
    except InputError as fault:
        unreadable = list(fault.findings) or [_file_fault(fault)]
        if isinstance(fault, SettingsError) or (task.form == "text" and not fault.findings):
            raise
        _tell(task, unreadable, unreadable)
        return fault


def watch(task: Task, rehearsal: Rehearsal, changes: Iterable[object]) -> None:
    """Judge now, and again at each change, until stopped.

    Args:
        changes: gives something at once, and each time that files changed since.
    """
    for _ in changes:
        _told(task, rehearsal)
        rehearsal.prepare()


def changes(snapshots: Iterable[Snapshot]) -> Iterator[Snapshot]:
    """Yield the state of some files, then each new one, once it is the same in two looks: a file is saved by halves.

    What changes while the state before is judged is a new state, too: that one was looked at before it was judged.
    """
    looks = iter(snapshots)
    told = last = next(looks)
    yield told
    for look in looks:
        if look == last != told:
            told = look
            yield look
        last = look


def polled(task: Task, wait: Callable[[float], object] = time.sleep) -> Iterator[Snapshot]:
    """Yield the state of all files that are judged, or that judge, again and again."""
    folder = task.settings.content_folder()
    roots = [*task.paths, *(folder / top for top in ("ontology", "shapes", "data"))]
    while True:
        yield _snapshot(roots)
        wait(_POLL_S)


@contextmanager
def files(paths: Sequence[Path], name: str | None) -> Iterator[tuple[tuple[Path, ...], Mapping[Path, str]]]:
    """Give the files that are to be judged, standard input among them as one of a folder that goes afterwards.

    Raises:
        UsageError: standard input has no name, or a name has no standard input.
    """
    if (STANDARD_INPUT in paths) is not (name is not None):
        raise click.UsageError("standard input (-) needs a name that says its graph: --as my-source.trig - (both)")
    with tempfile.TemporaryDirectory(prefix="coopkg-validate-") as folder:
        if name is None:
            yield tuple(paths), {}
            return
        file = Path(folder) / Path(name).name
        file.write_bytes(sys.stdin.buffer.read())
        yield tuple(file if path == STANDARD_INPUT else path for path in paths), {file: name}


def _told(task: Task, rehearsal: Rehearsal) -> None:
    began = time.monotonic()
    try:
        once(task, rehearsal)
    except CoopkgError as fault:  # told, and the next change may mend it
        click.echo(f"coopkg: {fault}", err=True)
    click.echo(f"judged in {(time.monotonic() - began) * 1000:,.0f} ms", err=True)


def _tell(task: Task, found: Sequence[Finding], shown: Sequence[Finding]) -> None:
    lang = task.settings.lang
    if task.form == "json":
        click.echo(reports.as_json(found, shown), nl=False)
    elif syntax := reports.GRAPH_FORMS.get(task.form):
        click.echo(reports.as_graph(shown, syntax), nl=False)
    elif task.form == "github":
        for command in reports.as_github(shown, lang, Path.cwd()):
            click.echo(command)
    else:
        for file, several in reports.by_file(shown):
            click.secho(f"{file or '—'} ({reports.summary(several)})", bold=True, err=True)
            print_findings(several, lang)
    left = f"; {len(shown)} shown, --all shows every one" if len(shown) < len(found) else ""
    click.echo(f"{reports.summary(found)}{left}", err=True)


def _is_about(finding: Finding, proposal: Proposal) -> bool:
    files = {place.rpartition(":")[0] for place in finding.where.split(", ")}
    return not proposal.given or finding.tier is Tier.VIOLATION or not files.isdisjoint(proposal.given)


def _file_fault(fault: InputError) -> Finding:
    return Finding(Tier.VIOLATION, "", (("en", str(fault)),), component="File")


def _snapshot(roots: Iterable[Path]) -> Snapshot:
    found = {}
    for root in roots:
        for path in root.rglob("*") if root.is_dir() else (root,):
            try:
                state = path.stat()
            except OSError:  # removed since it was listed, or not there now
                continue
            found[str(path)] = (state.st_mtime_ns, state.st_size)
    return found
