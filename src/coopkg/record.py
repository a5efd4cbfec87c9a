"""The form of the journal's records: bytes to headers and back. Pure; it touches no file.

A record is a line `R <bytes of header> <SHA-256 of header> <check>` of a fixed width, whose check is the SHA-256 of
what stands before it; the header (JSON, one line); a block; and a line end. `R` is a revision: its block is a random
key and, behind it, the body (an RDF Patch of canonical N-Quads lines, `D ` or `A ` before each, zlib); its header
commits to the body by an HMAC with that key. `E` is an erasure: its block is empty. Each header has the hash of the one
before it. Source: ADR 0003, ADR 0016.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from coopkg.rdf import Quad, to_patch

#: What stands in for the hash before the first record.
START = "0" * 64
LINE = re.compile(rb"(([RE]) ([0-9]{10}) ([0-9a-f]{64}) )([0-9a-f]{64})\n")
LINE_BYTES = 2 + 10 + 1 + 64 + 1 + 64 + 1
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Origin:
    """The file that a change came from: path below the content folder, its SHA-256, digest of each of its graphs."""

    path: str
    sha256: str
    graphs: dict[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """What one revision removes and adds, with who says so and why.

    Args:
        key: digest of the idempotency key of the request; "" for none.
        asked: digest of the request.
    """

    remove: frozenset[Quad]
    add: frozenset[Quad]
    message: str
    author: str = "coopkg build"
    origin: Origin | None = None
    key: str = ""
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it lies in a segment: its header, the hash of that, and where its block is."""

    kind: str
    header: dict[str, Any]
    hash: str
    segment: int
    offset: int
    block_offset: int
    block_bytes: int

    @property
    def end(self) -> int:
        """The offset behind it."""
        return self.block_offset + self.block_bytes + 1


@dataclass(frozen=True, slots=True)
class Revision:
    """A change that was accepted: its number (from 1), time, hash in the chain, and where its block lies.

    Args:
        body_bytes: the length of the block: of the key and the body.
        commitment: the HMAC of the body.
        redacted: when terms of it were erased; "" when none were.
    """

    number: int
    time: str
    author: str
    message: str
    origin: Origin | None
    removed: int
    added: int
    key: str
    asked: str
    hash: str
    segment: int
    body_offset: int
    body_bytes: int
    commitment: str
    batch_index: int
    batch_size: int
    redacted: str = ""


@dataclass(frozen=True, slots=True)
class Erasure:
    """That terms were erased from the journal.

    Args:
        number: from 1.
        reason: why, in words that do not repeat what was erased.
        terms: how many were asked for.
        touched: the revisions that spoke of them.
        held: first and last revision of each stretch after which the graph held them.
        first: the first revision that has another hash since.
        after: the last revision of that moment.
        old: the hash that this one had until then.
        hash: that of this record.
    """

    number: int
    time: str
    reason: str
    terms: int
    touched: tuple[int, ...]
    held: tuple[tuple[int, int], ...]
    first: int
    after: int
    old: str
    hash: str

    def concerns(self, revision: int) -> bool:
        """Return whether a revision, or the graph after it, spoke of what was erased."""
        return revision in self.touched or any(first <= revision <= last for first, last in self.held)


def packed(kind: str, header: Mapping[str, Any], block: bytes = b"") -> bytes:
    """Return a record as bytes."""
    text = json.dumps(header, ensure_ascii=False, sort_keys=True).encode("utf-8")
    line = f"{kind} {len(text):010d} {hashlib.sha256(text).hexdigest()} ".encode()
    return line + hashlib.sha256(line).hexdigest().encode() + b"\n" + text + b"\n" + block + b"\n"


def hash_of(record: bytes) -> str:
    """Return the hash of the header of a record."""
    return record[13:77].decode("ascii")


def sealed(patch: bytes) -> tuple[bytes, dict[str, Any]]:
    """Return the block for a body, with a key of its own, and what a header says of it."""
    key, body = secrets.token_bytes(_KEY_BYTES), zlib.compress(patch, 6)
    return key + body, {"bytes": _KEY_BYTES + len(body), "commitment": _commitment(key, body)}


def opened(block: bytes, commitment: str) -> bytes | None:
    """Return the body in a block; None when it is not the one that was committed to."""
    key, body = block[:_KEY_BYTES], block[_KEY_BYTES:]
    return body if _commitment(key, body) == commitment else None


def patch_in(block: bytes) -> bytes:
    """Return the patch in a block that was checked."""
    return zlib.decompress(block[_KEY_BYTES:])


def of_change(change: Change, number: int, time: str, batch: tuple[int, int], previous: str) -> bytes:
    """Return the record of a change."""
    block, body = sealed(to_patch(change.remove, change.add))
    origin = change.origin
    header = {
        "revision": number,
        "time": time,
        "author": change.author,
        "message": change.message,
        "origin": origin and {"path": origin.path, "sha256": origin.sha256, "graphs": origin.graphs},
        "batch": list(batch),
        "removed": len(change.remove),
        "added": len(change.add),
        "key": change.key,
        "asked": change.asked,
        "body": body,
        "previous": previous,
    }
    return packed("R", header, block)


def is_line(match: re.Match[bytes]) -> bool:
    """Return whether the first line of a record is what was written."""
    return hashlib.sha256(match[1]).hexdigest().encode() == match[5]


def is_header(match: re.Match[bytes], text: bytes) -> bool:
    """Return whether a header is the one that its line names."""
    return hashlib.sha256(text).hexdigest().encode() == match[4]


def understood(line: re.Match[bytes], text: bytes, segment: int, offset: int) -> Record:
    """Return a record whose line and header were read.

    Raises:
        ValueError, TypeError, KeyError: the header is none.
    """
    header = json.loads(text)
    size = header["body"]["bytes"] if line[2] == b"R" else 0
    if type(size) is not int or size < 0 or not isinstance(header["previous"], str):
        raise ValueError("a length is no whole number, or a hash no text")
    begin = offset + LINE_BYTES + len(text) + 1
    return Record(line[2].decode(), header, line[4].decode(), segment, offset, begin, size)


def revision_of(record: Record) -> Revision:
    """Return the revision of a record.

    Raises:
        ValueError, TypeError, KeyError: the header is not that of a revision.
    """
    header = record.header
    origin, (index, size) = header["origin"], header["batch"]
    revision = Revision(
        number=header["revision"],
        time=header["time"],
        author=header["author"],
        message=header["message"],
        origin=None if origin is None else Origin(origin["path"], origin["sha256"], dict(origin["graphs"])),
        removed=header["removed"],
        added=header["added"],
        key=header["key"],
        asked=header["asked"],
        hash=record.hash,
        segment=record.segment,
        body_offset=record.block_offset,
        body_bytes=record.block_bytes,
        commitment=header["body"]["commitment"],
        batch_index=index,
        batch_size=size,
    )
    _check_counts(revision.number, revision.removed, revision.added, index, size)
    _check_texts(revision.time, revision.author, revision.message, revision.commitment, revision.key, revision.asked)
    return revision


def erasure_of(record: Record) -> Erasure:
    """Return the erasure of a record.

    Raises:
        ValueError, TypeError, KeyError: the header is not that of an erasure.
    """
    header = record.header
    erasure = Erasure(
        number=header["erasure"],
        time=header["time"],
        reason=header["reason"],
        terms=header["terms"],
        touched=tuple(header["touched"]),
        held=tuple((first, last) for first, last in header["held"]),
        first=header["first"],
        after=header["after"],
        old=header["old"],
        hash=record.hash,
    )
    _check_counts(erasure.number, erasure.terms, erasure.first, erasure.after, *erasure.touched)
    _check_counts(*(number for stretch in erasure.held for number in stretch))
    _check_texts(erasure.time, erasure.reason, erasure.old)
    return erasure


def of_erasure(erasure: Erasure, previous: str) -> bytes:
    """Return the record of an erasure; its own `hash` is not read."""
    header = {
        "erasure": erasure.number,
        "time": erasure.time,
        "reason": erasure.reason,
        "terms": erasure.terms,
        "touched": list(erasure.touched),
        "held": [list(stretch) for stretch in erasure.held],
        "first": erasure.first,
        "after": erasure.after,
        "old": erasure.old,
        "previous": previous,
    }
    return packed("E", header)


def _commitment(key: bytes, body: bytes) -> str:
    return hmac.new(key, body, hashlib.sha256).hexdigest()


def _check_counts(*counts: object) -> None:
    if not all(type(count) is int and count >= 0 for count in counts):
        raise ValueError("a count is no whole number")


def _check_texts(*texts: object) -> None:
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("a text is no text")
