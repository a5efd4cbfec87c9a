"""Drafts: proposals that wait for a second person, one folder each below `{state}/drafts`. Readers never see them.

A folder holds `draft.json` (who proposes what and why, against which revision, what was found then, the SHA-256 of the
rest and of itself) and an RDF Patch for each graph. It appears whole, by a rename, or not at all. Only the holder of
the write lock may change one. Source: ADR 0017.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from coopkg.editions import fsync_folder
from coopkg.errors import DiskFullError, DraftOvertaken, InputError, StateDamaged
from coopkg.findings import Finding
from coopkg.journal import Change, Revision
from coopkg.rdf import Quad, from_patch, to_patch
from coopkg.refusal import finding_of
from coopkg.store import QuadStore, normalised

#: A longer draft is refused: nobody could read it.
MAX_BYTES = 4 << 20
#: So many may wait at once.
MAX_DRAFTS = 500
#: How long a rejected draft is kept with its reason.
KEPT = timedelta(days=90)

_DRAFT = "draft.json"
_SLUG = re.compile(r"[0-9a-f]{12}")
_FINDINGS = 200


@dataclass(frozen=True, slots=True)
class Rejection:
    """Who rejected a draft, when and why."""

    author: str
    reason: str
    time: str


@dataclass(frozen=True, slots=True)
class Draft:
    """Changes that somebody proposes.

    Args:
        id: its name; twelve hexadecimal digits.
        time: when it was proposed.
        author, message: who proposes it, and why.
        base: the revision that was in force then.
        changes: one for each graph.
        findings: the violations in it that were found then, the first ones.
        rejection: None while it waits.
    """

    id: str
    time: str
    author: str
    message: str
    base: int
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...] = ()
    rejection: Rejection | None = None

    def approved(self, approver: str) -> list[Change]:
        """Return the changes as they are proposed once a second person approves; their message names the draft."""
        message, author = f"{self.message} {_mark(self.id)}", f"{self.author}, approved by {approver}"
        return [replace(change, message=message, author=author) for change in self.changes]

    def is_of(self, name: str) -> bool:
        """Whether a name is that of who proposed it, whatever its case, accents and blanks."""
        return _folded(name) == _folded(self.author)


def proposed(author: str, message: str, base: int, changes: Iterable[Change], findings: Sequence[Finding]) -> Draft:
    """Return a new draft, of now."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    signed = tuple(replace(change, message=message, author=author, origin=None) for change in changes)
    return Draft(secrets.token_hex(6), now, author, message, base, signed, tuple(findings[:_FINDINGS]))


def refuse_overtaken(draft: Draft, store: QuadStore) -> None:
    """Raise when a draft removes what is there no more, or adds what is there already.

    Raises:
        DraftOvertaken: carries each statement.
    """
    statements = list[str]()
    for change in draft.changes:
        graphs = {getattr(quad.graph_name, "value", "") for quad in change.remove | change.add}
        held = {quad for graph in graphs for quad in store.quads(graph)}
        statements += (f"- {quad} ." for quad in sorted(change.remove - held, key=str))
        statements += (f"+ {quad} ." for quad in sorted(change.add & held, key=str))
    if statements:
        raise DraftOvertaken(draft.id, statements)


def approval_of(draft: str, revisions: Iterable[Revision]) -> int | None:
    """Return the number of the first revision that a draft became; None when it has not become one."""
    return next((one.number for one in revisions if one.message.endswith(_mark(draft))), None)


class Drafts:
    """The drafts of a state folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def ids(self) -> list[str]:
        """Return the name of each draft, sorted."""
        if not self._folder.is_dir():
            return []
        return sorted(path.name for path in self._folder.iterdir() if _SLUG.fullmatch(path.name))

    def read(self, name: str) -> Draft:
        """Return a draft.

        Raises:
            InputError: there is none of this name.
            StateDamaged: it is not what was written.
        """
        if not _SLUG.fullmatch(name) or not (self._folder / name).is_dir():
            raise InputError(f"draft {name!r}: there is none; 'coopkg draft list' names those that wait")
        folder = self._folder / name
        try:
            told = json.loads(_bounded(folder / _DRAFT))
            if told.pop("checksum") != _checksum(told):
                raise ValueError("its checksum is another one")
            return _draft(name, told, folder)
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError, InputError) as fault:
            raise StateDamaged(
                f"{folder}: is not the draft that was written ({fault}); remove the folder and propose it anew"
            ) from fault

    def add(self, draft: Draft) -> None:
        """Keep a draft, durably.

        Raises:
            InputError: it is too long, or too many wait.
            DiskFullError: there is no room; nothing is kept.
        """
        if len(self.ids()) >= MAX_DRAFTS:
            raise InputError(f"{MAX_DRAFTS} drafts wait already; approve, reject or withdraw some first")
        patches = [to_patch(change.remove, change.add) for change in draft.changes]
        content = _content(draft, patches)
        if len(content) + sum(map(len, patches)) > MAX_BYTES:
            raise InputError(f"the draft is longer than {MAX_BYTES:,} bytes; propose it in several parts")
        making = self._folder / f".{draft.id}"
        with self._room():
            try:
                making.mkdir(parents=True)
                for name, part in [(_DRAFT, content), *((_patch(i), patch) for i, patch in enumerate(patches))]:
                    _write(making / name, part)
                fsync_folder(making)
                making.rename(self._folder / draft.id)
                fsync_folder(self._folder)
            except BaseException:
                shutil.rmtree(making, ignore_errors=True)
                raise

    def reject(self, draft: Draft, author: str, reason: str) -> None:
        """Keep a draft as rejected, with the reason.

        Raises:
            DiskFullError: there is no room; it waits as before.
        """
        rejection = Rejection(author, reason, datetime.now(UTC).isoformat(timespec="seconds"))
        patches = [to_patch(change.remove, change.add) for change in draft.changes]
        folder = self._folder / draft.id
        with self._room():
            _write(folder / f".{_DRAFT}", _content(replace(draft, rejection=rejection), patches))
            (folder / f".{_DRAFT}").replace(folder / _DRAFT)
            fsync_folder(folder)

    def remove(self, name: str) -> None:
        """Remove a draft, at once. One that is not there is removed already."""
        with self._room(), contextlib.suppress(FileNotFoundError):
            (self._folder / name).rename(self._folder / f".{name}")
            fsync_folder(self._folder)
            shutil.rmtree(self._folder / f".{name}", ignore_errors=True)

    def sweep(self, revisions: Sequence[Revision], now: datetime | None = None) -> None:
        """Remove what a kill left, drafts that have become revisions, and those that were rejected long ago.

        A damaged draft stays, for whoever asks for it to be told.
        """
        for leftover in self._folder.glob(".*"):
            shutil.rmtree(leftover, ignore_errors=True)
        for name in self.ids():
            with contextlib.suppress(StateDamaged):
                rejection = self.read(name).rejection
                over = rejection and datetime.fromisoformat(rejection.time) + KEPT < (now or datetime.now(UTC))
                if over or approval_of(name, revisions) is not None:
                    self.remove(name)

    @contextmanager
    def _room(self) -> Iterator[None]:
        try:
            yield
        except OSError as fault:
            raise DiskFullError(
                f"{self._folder}: cannot be written ({fault.strerror}); free some room, and run the command again"
            ) from fault


def _content(draft: Draft, patches: Sequence[bytes]) -> bytes:
    """Return `draft.json`."""
    told = {
        "time": draft.time,
        "author": draft.author,
        "message": draft.message,
        "base": draft.base,
        "patches": [hashlib.sha256(patch).hexdigest() for patch in patches],
        "findings": [asdict(finding) for finding in draft.findings],
        "rejection": asdict(draft.rejection) if draft.rejection else None,
    }
    return (json.dumps({**told, "checksum": _checksum(told)}, ensure_ascii=False, indent=1) + "\n").encode()


def _draft(name: str, told: dict[str, Any], folder: Path) -> Draft:
    author, message = str(told["author"]), str(told["message"])
    changes = list[Change]()
    for index, sha256 in enumerate(told["patches"]):
        patch = _bounded(folder / _patch(index))
        if hashlib.sha256(patch).hexdigest() != sha256:
            raise ValueError(f"{_patch(index)} has another checksum")
        remove, add = (frozenset[Quad](normalised(part)) for part in from_patch(patch, _patch(index)))
        changes.append(Change(remove, add, message, author))
    rejection = Rejection(**told["rejection"]) if told["rejection"] else None
    found = tuple(map(finding_of, told["findings"]))
    return Draft(name, str(told["time"]), author, message, int(told["base"]), tuple(changes), found, rejection)


def _bounded(path: Path) -> bytes:
    """Return the bytes of a file.

    Raises:
        ValueError: there are more than a draft may have.
    """
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ValueError(f"{path.name} is longer than {MAX_BYTES:,} bytes")
    return content


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _checksum(told: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _patch(index: int) -> str:
    return f"{index + 1}.patch"


def _mark(name: str) -> str:
    """Return what the messages of a draft's revisions end with: a kill may leave both, and it is not applied twice."""
    return f"(draft {name})"


def _folded(name: str) -> str:
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    return "".join(letter for letter in letters if letter.isalnum())
