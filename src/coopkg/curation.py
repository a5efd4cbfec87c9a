"""The content folder and the store, kept in step: files enter as proposals, accepted graphs are written back.

Neither overwrites the other: a graph that changed on both sides since the last build is refused, by name.
"""

from __future__ import annotations

import gzip
import os
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from coopkg import names, trig
from coopkg.content import Content, ContentFile, path_of
from coopkg.errors import DiskFullError, InputError, WriteConflict
from coopkg.generations import BuiltFile
from coopkg.journal import Change, Origin
from coopkg.rdf import Quad, canonical_lines, digest
from coopkg.store import QuadStore

Progress = Callable[[list[ContentFile]], Iterator[ContentFile]]

_NOTHING = digest(())


@dataclass(slots=True)
class Plan:
    """What a build would do: the changes to propose, and the state of the files once they are accepted."""

    changes: list[Change] = field(default_factory=list)
    built: dict[str, BuiltFile] = field(default_factory=dict)
    to_export: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Export:
    """What an export did: the files that it wrote or removed, and those that it left because they are newer."""

    written: list[str]
    newer: list[str] = field(default_factory=list)


def plan(content: Content, store: QuadStore | None, known: Mapping[str, BuiltFile], progress: Progress = iter) -> Plan:
    """Compare the content folder with the store and with what was last built.

    Args:
        content: the files as they are now.
        store: the published graph; None when nothing is published.
        known: the files as they were last built.
        progress: passes the files through, and may show them.
    Raises:
        InputError: files cannot be understood; names all of them.
        WriteConflict: graphs that changed on both sides; names all of them.
    """
    planner = _Planner(content, store, known)
    for file in progress(content.files):
        planner.consider(file)
    return planner.finished()


def plan_files(
    content: Content, files: Iterable[ContentFile], store: QuadStore, known: Mapping[str, BuiltFile]
) -> list[Change]:
    """Compare some files alone with the published graph, as a build would, and return the changes.

    Args:
        files: of the content folder, those that stand in for others included.
        store, known: see `plan`.
    Raises:
        InputError: files cannot be understood; names all of them.
        WriteConflict: graphs that changed in the store since the files were last built; names all of them.
    """
    planner = _Planner(content, store, known)
    for file in files:
        planner.consider(file)
    return planner.considered().changes


class _Planner:
    """Decides, file by file, what a build would propose."""

    def __init__(self, content: Content, store: QuadStore | None, known: Mapping[str, BuiltFile]) -> None:
        self._content = content
        self._store = store
        self._known = known
        self._recorded = _recorded(known)
        self._plan = Plan()
        self._conflicts: list[str] = []
        self._faults: list[str] = []

    def consider(self, file: ContentFile) -> None:
        """Compare one file with the store and with what was last built from it."""
        before = self._known.get(file.path)
        if before is not None and before.sha256 == file.sha256:
            self._plan.built[file.path] = before
            # Nobody writes to reference tables: their 330,000 statements stay unread.
            if not names.is_reference(file.graph) and self._is_moved(file, self._stored(file.graph)):
                self._plan.to_export.append(file.path)
            return
        try:
            self._propose(file, frozenset(self._content.read(file)))
        except InputError as fault:
            self._faults.append(str(fault))

    def finished(self) -> Plan:
        """Return the plan, files that have gone included; or raise what forbids it."""
        if self._store is not None and not self._faults:
            self._plan_removals()
            stated = {file.graph for file in self._content.files} | self._recorded.keys()
            unstated = (graph for graph in self._store.graphs() if graph not in stated)
            self._plan.to_export += (path for graph in unstated if (path := path_of(graph)))
        return self.considered()

    def considered(self) -> Plan:
        """Return the plan for what was considered so far, or raise what forbids it."""
        if self._faults:
            raise InputError("\n".join(self._faults))
        if self._conflicts:
            raise WriteConflict(self._conflicts)
        return self._plan

    def _propose(self, file: ContentFile, wanted: frozenset[Quad]) -> None:
        stored = self._stored(file.graph)
        entry = BuiltFile(file.sha256, {file.graph: digest(wanted)})
        self._plan.built[file.path] = entry
        if wanted == stored:
            return
        if names.is_reference(file.graph) or not self._is_moved(file, stored):
            origin = Origin(file.path, entry.sha256, entry.graphs)
            change = Change(stored - wanted, wanted - stored, f"build {file.path}", origin=origin)
            self._plan.changes.append(change)
        elif entry.graphs[file.graph] != self._recorded.get(file.graph, _NOTHING):
            self._conflicts.append(file.path)
        else:
            self._plan.to_export.append(file.path)  # only the file's form changed: the store's change stands

    def _plan_removals(self) -> None:
        paths, graphs = {file.path for file in self._content.files}, {file.graph for file in self._content.files}
        for path, before in self._known.items():
            # A file that was renamed (say .nq to .nq.gz) left its graph to another file.
            for graph, was in before.graphs.items() if path not in paths else ():
                stored = self._stored(graph) if graph not in graphs else frozenset()
                if stored and digest(stored) != was:
                    self._conflicts.append(path)
                elif stored:
                    change = Change(stored, frozenset(), f"remove {path}", origin=Origin(path, "", {}))
                    self._plan.changes.append(change)

    def _is_moved(self, file: ContentFile, stored: frozenset[Quad]) -> bool:
        """Whether the store's graph is not what was last built from the file."""
        return digest(stored) != self._recorded.get(file.graph, _NOTHING)

    def _stored(self, graph: str) -> frozenset[Quad]:
        return frozenset(self._store.quads(graph)) if self._store is not None else frozenset()


def export_to(store: QuadStore, content: Content, folder: Path) -> list[str]:
    """Write every exportable graph of the store to a folder, canonically; return the paths that changed.

    The ontology, its schemes and the licences are written by hand and are left alone.
    """
    paths = _export_paths(store, content)
    return sorted(p for graph, p in paths.items() if _replace(folder / p, canonical_bytes(p, store.quads(graph))))


def export_back(store: QuadStore, content: Content, known: Mapping[str, BuiltFile]) -> Export:
    """Write the graphs that changed in the store back to the content folder, and put its files into canonical form.

    A file that was edited since the last build, and not in the store, is newer: it is left to the next build.

    Raises:
        InputError: an edited file cannot be understood; nothing was written.
        WriteConflict: graphs that changed on both sides; nothing was written.
    """
    recorded = _recorded(known)
    files = {file.graph: file for file in content.files}
    writing, newer, conflicts = dict[str, str](), list[str](), list[str]()
    for graph, path in _export_paths(store, content, known).items():
        stored = frozenset(store.quads(graph))
        if not stored and graph not in files:
            continue
        if _is_as_built(content, files.get(graph), graph, known, stored):
            writing[graph] = path
        else:
            (newer if digest(stored) == recorded.get(graph, _NOTHING) else conflicts).append(path)
    if conflicts:
        raise WriteConflict(sorted(conflicts))
    written = []
    for graph, path in writing.items():
        quads = list(store.quads(graph))
        if _replace(content.folder / path, canonical_bytes(path, quads)) if quads else _remove(content.folder / path):
            written.append(path)
    return Export(sorted(written), sorted(newer))


def _is_as_built(
    content: Content, file: ContentFile | None, graph: str, known: Mapping[str, BuiltFile], stored: frozenset[Quad]
) -> bool:
    """Whether nothing of a file would be lost by writing its graph over it."""
    if file is None:
        return graph not in _recorded(known)
    before = known.get(file.path)
    return (before is not None and before.sha256 == file.sha256) or frozenset(content.read(file)) == stored


def _recorded(known: Mapping[str, BuiltFile]) -> dict[str, str]:
    return {graph: was for file in known.values() for graph, was in file.graphs.items()}


def _export_paths(store: QuadStore, content: Content, known: Mapping[str, BuiltFile] | None = None) -> dict[str, str]:
    """Return where each exportable graph is written; also those known graphs that are gone from the store."""
    reference = {file.graph: file.path for file in content.files if names.is_reference(file.graph)}
    graphs = [*store.graphs(), *_recorded(known or {})]
    paths = {graph: path for graph in graphs if (path := reference.get(graph) or path_of(graph))}
    return {graph: path for graph, path in paths.items() if not path.endswith(".ttl")}


def canonical_bytes(path: str, quads: Iterable[Quad]) -> bytes:
    """Return the canonical bytes of a file of the content folder: TriG, or sorted N-Quads (gzip without time)."""
    if path.endswith(".trig"):
        return trig.write(quads).encode("utf-8")
    lines = "".join(f"{line}\n" for line in canonical_lines(quads)).encode("utf-8")
    return gzip.compress(lines, 9, mtime=0) if path.endswith(".gz") else lines


def _replace(path: Path, content: bytes) -> bool:
    """Write a file whole or not at all; return whether it changed."""
    try:
        if path.is_file() and _unpacked(path, path.read_bytes()) == _unpacked(path, content):
            return False  # compressors differ between versions; the content is what counts
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as fault:
        raise _cannot_write(path, fault) from fault
    return True


def _unpacked(path: Path, content: bytes) -> bytes:
    if path.suffix != ".gz":
        return content
    try:
        return gzip.decompress(content)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        return content


def _remove(path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as fault:
        raise _cannot_write(path, fault) from fault
    return True


def _cannot_write(path: Path, fault: OSError) -> DiskFullError:
    return DiskFullError(
        f"{path}: cannot be written ({fault.strerror}); make its folder writable, free some room, and export again"
    )
