"""The dumps of a state folder as those read them who serve or describe them: each manifest is read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from coopkg.dumps import outlet, shelf
from coopkg.dumps.manifest import MANIFEST, NAME, SIGNATURE, Dump, File, folder_of, read
from coopkg.errors import RevisionGone, StateDamaged

_REMEMBERED = 16


class Dumps:
    """The dumps of a state folder; a dump never changes, so what was read of it is remembered while it is there."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self.folder = folder_of(state)
        self._read = lru_cache(_REMEMBERED)(_whole)
        self._described = lru_cache(4 * _REMEMBERED)(_described)

    def all(self) -> list[Dump]:
        """Return the dumps that may be given, the newest first; one that cannot be read is passed over."""
        found = (self._at(folder) for folder in shelf.kept(self.folder))
        return [dump for dump in found if dump is not None]

    def latest(self) -> Dump | None:
        """Return the newest dump that may be given; None when there is none."""
        return next((dump for folder in shelf.kept(self.folder) if (dump := self._at(folder))), None)

    def named(self, name: str) -> Dump | None:
        """Return a dump by its name; None when it is not there.

        Raises:
            RevisionGone: what it held was erased.
        """
        if not NAME.fullmatch(name):
            return None
        folder = self.folder / name
        if erased := shelf.withdrawn(self._state, shelf.revision_of(folder)):
            raise RevisionGone(
                f"dump {name} holds what was redacted on {erased.time[:10]}, and is given no more; begin again with "
                "/dumps/latest/manifest.json"
            )
        return self._at(folder)

    def file(self, dump: Dump, name: str) -> File | None:
        """Return a file of a dump by its name, its manifest and the signature of it among them."""
        return dump.file(name) or next((one for one in self.signed(dump) if one.name == name), None)

    def signed(self, dump: Dump) -> list[File]:
        """Return the manifest of a dump and, when it is signed, the signature: a manifest cannot tell of these."""
        kinds = ((MANIFEST, "application/json"), (SIGNATURE, "application/octet-stream"))
        paths = ((self.folder / dump.name / name, kind) for name, kind in kinds)
        return [self._described(path, path.stat().st_mtime_ns, kind) for path, kind in paths if path.is_file()]

    def graph(self, digest: str) -> File | None:
        """Return the file of a named graph by its digest; None when no dump that may be given names it."""
        held = (self._held(folder) for folder in shelf.kept(self.folder))
        return next((file for one in held if one and (file := one.graphs.get(digest))), None)

    def _at(self, folder: Path) -> Dump | None:
        held = self._held(folder)
        return held.dump if held else None

    def _held(self, folder: Path) -> _Held | None:
        try:
            if shelf.withdrawn(self._state, shelf.revision_of(folder)):
                return None
            return self._read(folder, (folder / MANIFEST).stat().st_mtime_ns)
        except (OSError, StateDamaged):  # removed meanwhile, or not whole: 'coopkg dump' makes another one
            return None


@dataclass(frozen=True, slots=True)
class _Held:
    dump: Dump
    #: The files of its named graphs, by digest.
    graphs: Mapping[str, File]


def _whole(folder: Path, _changed_ns: int) -> _Held:
    dump = read(folder)
    return _Held(dump, {dump.graph_digests[file.graph]: file for file in dump.graphs})


def _described(path: Path, _changed_ns: int, media_type: str) -> File:
    return outlet.described(path, File(path.name, media_type, "", 0, "", ""))
