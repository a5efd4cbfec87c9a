"""The list of changes as the original gives it, and whether it continues what a replica has. It asks nobody."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from coopkg.errors import ReplicaError, ReplicaOvertaken

_HASH = re.compile(r"[0-9a-f]{64}")
_NUMBER_MAX = 10**15


@dataclass(frozen=True, slots=True)
class Place:
    """A state of the graph: a revision, the hash that the journal has for it, and the digest of the graph after it.

    The digest is "" where it was not computed.
    """

    revision: int
    head: str
    digest: str


@dataclass(frozen=True, slots=True)
class Item:
    """A revision as the list tells of it.

    Args:
        previous: the hash of the revision before it.
        statements: how many it removed and added, together.
        ends_batch: whether what was judged together ends with it.
    """

    revision: int
    hash: str
    previous: str
    statements: int
    ends_batch: bool


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the list: what is published now, and revisions in ascending order."""

    published: Place
    items: tuple[Item, ...]

    @classmethod
    def read(cls, body: bytes, where: str) -> Page:
        """Return the page that a JSON text holds.

        Args:
            where: how messages name it.
        Raises:
            ReplicaError: it is no such page; says what stands there.
        """
        content = understood(body, where)
        try:
            published = _place(content["published"])
            return cls(published, tuple(_item(one) for one in content["items"]))
        except KeyError as fault:
            raise ReplicaError(f"{where}: is no list of changes: {fault} is missing") from fault
        except (ValueError, TypeError) as fault:
            raise ReplicaError(f"{where}: is no list of changes: {fault}") from fault

    def after(self, held: Place) -> tuple[Item, ...]:
        """Return the published revisions of the page, which follow on what is held.

        Raises:
            ReplicaOvertaken: the original went back, or has another history.
            ReplicaError: a revision is missing, comes twice, or is not in its place.
        """
        self._refuse_other_history(held)
        items = tuple(item for item in self.items if item.revision <= self.published.revision)
        if not items and self.published.revision > held.revision:
            raise ReplicaError(f"the list of changes ends before revision {self.published.revision}, which it names")
        before = held
        for item in items:
            if item.revision != before.revision + 1:
                raise ReplicaError(f"the list of changes has revision {item.revision} after {before.revision}")
            if item.previous != before.head:
                raise ReplicaOvertaken(f"revision {before.revision} has another hash at the original than here")
            before = Place(item.revision, item.hash, "")
        self._refuse_unfinished(before, items)
        return items

    def _refuse_other_history(self, held: Place) -> None:
        published = self.published
        if published.revision < held.revision:
            raise ReplicaOvertaken(
                f"the original went back: it publishes revision {published.revision}, this replica is at "
                f"{held.revision}"
            )
        if published.revision == held.revision and published.head != held.head:
            raise ReplicaOvertaken(f"revision {held.revision} has another hash at the original than here")
        if published.revision == held.revision and held.digest not in ("", published.digest):
            raise ReplicaOvertaken(
                f"the graph of revision {held.revision} has another digest at the original than here"
            )

    def _refuse_unfinished(self, last: Place, items: tuple[Item, ...]) -> None:
        if last.revision != self.published.revision or not items:
            return
        if last.head != self.published.head:
            raise ReplicaError(f"the list of changes gives two hashes for revision {last.revision}")
        if not items[-1].ends_batch:
            raise ReplicaError(f"the list of changes ends within a batch, at revision {last.revision}")


def understood(body: bytes, where: str) -> Any:
    """Return the content of a JSON text.

    Raises:
        ReplicaError: it is none; says how it begins.
    """
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as fault:
        raise ReplicaError(
            f"{where}: is no JSON (it begins with {body[:30]!r}); is this the address of a coopkg site?"
        ) from fault


def number(value: object, name: str) -> int:
    """Return a value that is a whole number, from 0.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _NUMBER_MAX:
        raise ValueError(f"{name} is no whole number: {str(value)[:40]!r}")
    return value


def sha256(value: object, name: str) -> str:
    """Return a value that is a SHA-256 in hexadecimal.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise ValueError(f"{name} is no SHA-256: {str(value)[:80]!r}")
    return value


def _place(members: Mapping[str, Any]) -> Place:
    return Place(
        number(members["revision"], "the published revision"),
        sha256(members["head"], "the published head"),
        sha256(members["digest"], "the published digest"),
    )


def _item(members: Mapping[str, Any]) -> Item:
    revision = number(members["revision"], "a revision")
    index, size = (number(value, f"the batch of revision {revision}") for value in members["batch"])
    return Item(
        revision,
        sha256(members["hash"], f"the hash of revision {revision}"),
        # The first revision of all follows on none.
        sha256(members["previous"] or "0" * 64, f"the previous hash of revision {revision}"),
        sum(number(members[part], f"{part!r} of revision {revision}") for part in ("removed", "added")),
        ends_batch=index == size,
    )
