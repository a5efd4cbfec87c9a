"""Published generations: read-only store folders, one of which is current.

A generation is prepared in a private folder, checked, fsynced, renamed, and only then pointed at by the link
`current`. A kill at any step leaves the previous one in place. Source: ADR 0003.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from coopkg.difference import Difference, NotingStore, base_of
from coopkg.editions import fsync_folder
from coopkg.errors import DiskFullError, InputError, NothingPublished, StateDamaged
from coopkg.journal import Revision
from coopkg.rdf import Quad, digest
from coopkg.store import QuadStore

#: How the folders begin that hold what was there before a restoration.
ASIDE = "before-restore-"
#: The file that remembers the state of the content folder for a journal that was put back or made anew.
BUILT = "built.json"

_MANIFEST = "generation.json"
_STORE = "store"
_DIFFERENCE = "difference"
_QUALITY = "quality.json"
_CANDIDATE = "candidate-"
_RETIRED = "retired-"
_NAME = re.compile(r"([0-9]{9,})-([0-9]+)")
_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class BuiltFile:
    """A file of the content folder as it was last built: its SHA-256 and the digest of each of its graphs."""

    sha256: str
    graphs: dict[str, str]


@dataclass(frozen=True, slots=True)
class HeldGraph:
    """A named graph: how many statements it has, and the digest of its canonical form."""

    statements: int
    digest: str

    @classmethod
    def of(cls, quads: Iterable[Quad]) -> HeldGraph:
        """Return what is said of a named graph of these quads."""
        held = list(quads)
        return cls(len(held), digest(held))


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation holds.

    `graphs` are the asserted ones, by their IRI, and `digest` is that of all of them together. `rules` identifies the
    shapes, the rules and the program that judged and inferred. `checksums` are those of the store's files and of the
    difference, and under the manifest's own name that of the rest of the manifest.
    """

    revision: int
    head: str
    digest: str
    rules: str
    asserted: int
    inferred: int
    warnings: int
    infos: int
    built: dict[str, BuiltFile]
    checksums: dict[str, str]
    graphs: dict[str, HeldGraph] = field(default_factory=dict)

    def members(self) -> dict[str, Any]:
        """Return the members of its file but for the checksums; there may be tens of thousands of graphs."""
        plain = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "checksums"}
        built = {path: {"sha256": file.sha256, "graphs": file.graphs} for path, file in self.built.items()}
        graphs = {name: {"statements": held.statements, "digest": held.digest} for name, held in self.graphs.items()}
        return {**plain, "built": built, "graphs": graphs}


class Candidate:
    """A private store that becomes a generation, and then the next one, as often as it is published.

    Args:
        folder: where it lies; nobody else opens it.
        store: a `NotingStore` unless it began empty.
        base: the generation that the store equals but for what was changed since; None when it began empty.
    """

    def __init__(self, folder: Path, store: QuadStore, base: Path | None) -> None:
        self.folder = folder
        self.store = store
        self.base = base

    @property
    def difference(self) -> Difference | None:
        """What the store holds other than its base; None when nothing notes that."""
        return self.store.difference if isinstance(self.store, NotingStore) else None

    def stands_on(self, current: Path | None) -> bool:
        """Return whether it is still there, and its base is the current generation."""
        return self.base == current and self.folder.is_dir()

    def close(self) -> None:
        """Remove it. Closing twice is allowed."""
        self.store.close()  # an open store goes on writing files, and the folder would come back
        if self.folder.exists():
            shutil.rmtree(self.folder, ignore_errors=True)


class Generations:
    """The generations of a state folder."""

    def __init__(self, folder: Path, keep: int) -> None:
        self._folder = folder
        self._keep = keep
        self._current = folder / "current"
        self._seen = "", folder  # where `current` led when it was last read
        #: What was published last from here, and the checksums of its files of data, by inode.
        self._last: Path | None = None
        self._files: dict[int, str] = {}

    @property
    def state(self) -> Path:
        """The state folder that they belong to."""
        return self._folder.parent

    def current(self) -> Path | None:
        """Return the folder of the current generation, or None when nothing is published.

        Raises:
            StateDamaged: `current` is not the link that a publication makes.
        """
        try:
            target = os.readlink(self._current)  # noqa: PTH115  # each query asks; Path.readlink takes five times as long
        except FileNotFoundError:
            return None
        except OSError as fault:
            raise StateDamaged(f"{self._current}: is no link ({fault.strerror}); remove it and build again") from fault
        name, seen = self._seen
        if name == target:
            return seen
        if not _NAME.fullmatch(target):
            raise StateDamaged(
                f"{self._current}: leads to {target}, which is no generation of this folder; remove the link (not "
                "what it leads to) and build again"
            )
        self._seen = target, self._folder / target
        return self._seen[1]

    def name(self) -> str:
        """Return the name of the current generation, which no other one ever bears; "" when there is none.

        One system call: for who asks at each request.
        """
        try:
            return os.readlink(self._current)  # noqa: PTH115  # five times as quick as Path.readlink
        except OSError:
            return ""

    def manifest(self, folder: Path | None = None) -> Manifest:
        """Return the manifest of a generation, the current one by default.

        Raises:
            NothingPublished: nothing is published.
            StateDamaged: the manifest cannot be read.
        """
        where = folder or self.current()
        if where is None:
            raise NothingPublished(f"nothing is published in {self._folder.parent}; run 'coopkg build' first")
        try:
            content = json.loads((where / _MANIFEST).read_text(encoding="utf-8"))
            built = {path: BuiltFile(**file) for path, file in content.pop("built").items()}
            if "graphs" not in content and "revision" in content:
                raise StateDamaged(
                    f"{where / _MANIFEST}: an earlier version of coopkg wrote this; run 'coopkg build' once"
                )
            graphs = {name: HeldGraph(**held) for name, held in content.pop("graphs").items()}
            return Manifest(built=built, graphs=graphs, **content)
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as fault:
            raise StateDamaged(
                f"{where / _MANIFEST}: cannot be read ({fault}); remove {where} and build again"
            ) from fault

    def check(self, folder: Path) -> Manifest:
        """Return the manifest after comparing every file of a generation with its checksum.

        Raises:
            StateDamaged: a file is missing, was added or is not what was published; names each.
        """
        manifest = self.manifest(folder)
        try:
            found = {path.name: "" for path in folder.iterdir() if path.name != _STORE}
            found |= {**_files_of(folder), _MANIFEST: _digest(_text(manifest))}
        except OSError as fault:
            raise StateDamaged(f"{folder}: cannot be read ({fault}); remove {folder} and build again") from fault
        wrong = sorted(
            name for name in manifest.checksums.keys() | found.keys() if manifest.checksums.get(name) != found.get(name)
        )
        if wrong:
            raise StateDamaged(
                f"{folder}: {', '.join(wrong)} changed since publication; remove {folder} and build again"
            )
        return manifest

    def open(self, folder: Path) -> QuadStore:
        """Return the store of a published generation, read only."""
        return QuadStore.published(folder / _STORE)

    def published_at(self, folder: Path) -> float:
        """Return when a generation was published, in seconds since the epoch."""
        return (folder / _MANIFEST).stat().st_mtime

    def kept(self) -> dict[int, Path]:
        """Return the folder of each revision that is still kept; where one was published again, the last."""
        return {_age(folder)[0]: folder for folder in self._published()}

    @contextmanager
    def candidate(self, base: Path | None) -> Iterator[Candidate]:
        """Give a private copy of a generation (or an empty store), and remove it afterwards unless published."""
        self.sweep()
        candidate = self.begin(base)
        try:
            yield candidate
        finally:
            candidate.close()

    def begin(self, base: Path | None) -> Candidate:
        """Return a private copy of a generation, or an empty store. Only the holder of the write lock may call it.

        Raises:
            DiskFullError: no room; nothing is left of it.
        """
        folder = self._free_candidate()
        try:
            with self._room():
                folder.mkdir(parents=True)
            if base is None:
                return Candidate(folder, QuadStore.create(folder / _STORE), None)
            QuadStore.copy(base / _STORE, folder / _STORE)
            store = NotingStore.writable(folder / _STORE)
            store.note_since(base.name)
            return Candidate(folder, store, base)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def advance(self, candidate: Candidate, manifest: Manifest, quality: str) -> None:
        """Publish what a candidate holds now, which stays open as a candidate for the next generation.

        Args:
            quality: see `coopkg.quality.Quality.to_json`.
        Raises:
            DiskFullError: see `publish`.
        """
        folder = self._free_candidate()
        try:
            with self._room():
                folder.mkdir(parents=True)
            candidate.store.save(folder / _STORE)
            candidate.base = self.publish(folder, manifest, candidate.difference, quality)
        finally:
            if folder.exists():
                shutil.rmtree(folder, ignore_errors=True)
        if isinstance(candidate.store, NotingStore):
            candidate.store.note_since(candidate.base.name)

    def publish(
        self, folder: Path, manifest: Manifest, difference: Difference | None = None, quality: str = "[]\n"
    ) -> Path:
        """Make a prepared folder the current generation, durably; its store must be closed.

        Args:
            difference: that of the candidate, for readers who hold its base in memory; without it they load anew.
        Returns:
            The folder where it now lies.
        Raises:
            DiskFullError: no room; the generation that was current still is, or (when only older ones could not be
                removed) this one is.
        """
        with self._room():
            (folder / _QUALITY).write_text(quality, encoding="utf-8")
            self._complete(folder, manifest, difference.content() if difference else None)
            target = self._free_name(manifest.revision)
            folder.rename(target)
            link = self._folder / "current.new"
            link.unlink(missing_ok=True)
            link.symlink_to(target.name)
            link.rename(self._current)
            fsync_folder(self._folder)
            self._last = target
            self._retire(target)
        return target

    def quality(self, folder: Path | None = None) -> str:
        """Return the counts of findings of a generation, the current one by default, as they were published.

        Raises:
            NothingPublished: nothing is published.
            StateDamaged: the file cannot be read.
        """
        where = folder or self.current()
        if where is None:
            raise NothingPublished(f"nothing is published in {self._folder.parent}; run 'coopkg build' first")
        try:
            return (where / _QUALITY).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as fault:
            raise StateDamaged(
                f"{where / _QUALITY}: cannot be read ({fault}); remove {where} and build again"
            ) from fault

    def remembered(self, head: str) -> dict[str, BuiltFile] | None:
        """Return the state of the content folder that a backup remembers for a journal; None when none does.

        Args:
            head: the hash of the journal's last revision.
        """
        try:
            content = json.loads((self._folder / BUILT).read_text(encoding="utf-8"))
            built = {path: BuiltFile(**file) for path, file in content["built"].items()}
            return built if content["head"] == head else None
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def forget(self, stale: Callable[[int, str], bool]) -> None:
        """Remove the generations, but for the current one, that are of a journal from before an erasure.

        Args:
            stale: whether one is, by its revision and the hash that it has for it ("" where it cannot be read).
        """
        current = self.current()
        for folder in self._published():
            try:
                head = self.manifest(folder).head
            except StateDamaged:
                head = ""
            if folder != current and stale(_age(folder)[0], head):
                _remove(folder)

    def sweep(self) -> None:
        """Remove what a killed build left behind. Only the holder of the write lock may call it."""
        for kind in (_CANDIDATE, _RETIRED):
            for leftover in self._folder.glob(f"{kind}*"):
                shutil.rmtree(leftover, ignore_errors=True)

    def _complete(self, folder: Path, manifest: Manifest, difference: bytes | None) -> None:
        """Add difference and manifest to a prepared folder, and make all of it durable."""
        if difference is not None:
            (folder / _DIFFERENCE).write_bytes(difference)
        # There may be tens of thousands of graphs: their text is made once, and the checksums are put behind it.
        members = _text(manifest)
        checksums = {**_files_of(folder, self._known_files()), _MANIFEST: _digest(members)}
        behind = json.dumps({"checksums": checksums}, sort_keys=True)
        (folder / _MANIFEST).write_text(f"{members[:-1]}, {behind[1:]}\n", encoding="utf-8")
        self._files = {path.stat().st_ino: checksums[path.name] for path in (folder / _STORE).glob("*.sst")}
        for path in (*(folder / _STORE).iterdir(), *(path for path in folder.iterdir() if path.is_file())):
            with path.open("rb") as file:
                os.fsync(file.fileno())
        fsync_folder(folder / _STORE)
        fsync_folder(folder)

    def _known_files(self) -> dict[int, str]:
        """Return the checksums of the current generation's files of data, by inode; the engine never changes one.

        A generation shares them with the one that it was copied from, and they are most of it.
        """
        if self._files and self._last == self.current():
            return self._files
        try:
            current = self.current()
            checksums = self.manifest(current).checksums if current else {}
            files = list((current / _STORE).glob("*.sst")) if current else []
            return {path.stat().st_ino: checksums[path.name] for path in files if path.name in checksums}
        except (StateDamaged, OSError):
            return {}  # it is being replaced because it cannot be read

    @contextmanager
    def _room(self) -> Iterator[None]:
        try:
            yield
        except OSError as fault:
            raise DiskFullError(
                f"{self._folder}: cannot be written ({fault}); free some room and build again"
            ) from fault

    def scratch(self) -> Path:
        """Return a folder where a private copy may lie for a while; what is left there goes with candidates."""
        return self._folder / f"{_CANDIDATE}{os.getpid()}-scratch"

    def _free_candidate(self) -> Path:
        # The engine forgets no folder that this process has open, even one that another has swept.
        return self._folder / f"{_CANDIDATE}{os.getpid()}-{next(_NUMBERS)}"

    def _free_name(self, revision: int) -> Path:
        # Above those that are there, and not the first free one: age is read from the name. Above those that a
        # restoration moved aside, too: a reader takes one name for one graph.
        aside = self._folder.parent.glob(f"{ASIDE}*/{self._folder.name}/*")
        names = [*self._published(), *(path for path in aside if _NAME.fullmatch(path.name))]
        attempts = [attempt for number, attempt in map(_age, names) if number == revision]
        return self._folder / f"{revision:09d}-{max(attempts, default=0) + 1}"

    def _retire(self, current: Path) -> None:
        # An open reader goes on after its folder is removed: the files live until it closes them.
        for path in self._published()[: -self._keep]:
            if path != current:
                _remove(path)

    def _published(self) -> list[Path]:
        """Return the folders of generations, the oldest first."""
        return sorted((path for path in self._folder.iterdir() if _NAME.fullmatch(path.name)), key=_age)


def differences(held: Path, wanted: Path) -> list[bytes] | None:
    """Return the differences that lead from one generation to a later one, in their order.

    None when they are not kept, or one of them is not what was published.
    """
    found: list[bytes] = []
    while wanted != held:
        try:
            content = (wanted / _DIFFERENCE).read_bytes()
            known = json.loads((wanted / _MANIFEST).read_text(encoding="utf-8"))["checksums"][_DIFFERENCE]
            base = wanted.with_name(base_of(content))
        except (OSError, ValueError, KeyError, InputError):
            return None
        if hashlib.sha256(content).hexdigest() != known or _age(base) >= _age(wanted):
            return None
        found.append(content)
        wanted = base
    return found[::-1]


def built_after(built: Mapping[str, BuiltFile], revisions: Sequence[Revision]) -> dict[str, BuiltFile]:
    """Return the state of the content folder after revisions, as far as these say which files they come from."""
    after = dict(built)
    for origin in (revision.origin for revision in revisions):
        if origin and origin.sha256:
            after[origin.path] = BuiltFile(origin.sha256, origin.graphs)
        elif origin:
            after.pop(origin.path, None)  # the file was removed
    return after


def remembering(head: str, built: Mapping[str, BuiltFile]) -> bytes:
    """Return what `Generations.remembered` reads from `built.json`."""
    content = {"head": head, "built": {path: asdict(file) for path, file in built.items()}}
    return json.dumps(content, indent=1, sort_keys=True).encode() + b"\n"


def _remove(folder: Path) -> None:
    gone = folder.with_name(f"{_RETIRED}{folder.name}")  # at once, so that nobody meets half of a generation
    with contextlib.suppress(OSError):
        folder.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


def _age(path: Path) -> tuple[int, int]:
    revision, _, attempt = path.name.partition("-")
    return int(revision), int(attempt)


def _files_of(folder: Path, known: Mapping[int, str] | None = None) -> dict[str, str]:
    """Return the checksum of each file of a generation's folder but its manifest, by name.

    Args:
        known: checksums by inode, of files that need not be read.
    """
    store, others = folder / _STORE, (folder / _DIFFERENCE, folder / _QUALITY)
    files = [*(sorted(store.iterdir()) if store.is_dir() else ()), *(path for path in others if path.exists())]
    inodes = {path: path.stat().st_ino for path in files}
    known = known or {}
    return {path.name: known.get(inode) or (_sha256(path) if path.is_file() else "") for path, inode in inodes.items()}


def _text(manifest: Manifest) -> str:
    return json.dumps(manifest.members(), sort_keys=True)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
