"""The redaction of a journal: which records speak of what is to be erased, and what stands in their place.

A term becomes an IRI `urn:x-coopkg:redacted:<HMAC of the term>`. The key lives in memory, for one erasure: the same
term has the same tombstone in all records, so that what was added is removed again when they are replayed, and nobody
can try out terms. Pure but for reading; `erasure` does it. Source: ADR 0016.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from coopkg import names, record
from coopkg.errors import InputError
from coopkg.history import Progress, resource
from coopkg.journal import Journal, Revision
from coopkg.rdf import Literal, NamedNode, Quad, RdfFormat, Triple, from_patch, parse_quads, to_patch
from coopkg.record import Erasure, Record

TOMBSTONE = "urn:x-coopkg:redacted:"
#: What stands in for the SHA-256 of a file, or the digest of a graph, that held what was erased.
_NO_DIGEST = "0" * 64
_WITHIN_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be erased: every IRI and literal with one of some values, and some statements in whatever graph."""

    values: frozenset[str]
    statements: frozenset[Triple] = frozenset()

    @classmethod
    def of(cls, terms: Sequence[str], statements: Sequence[str] = ()) -> Wanted:
        """Return what a person asks for.

        Args:
            terms: IRIs, also in angle brackets or with one of the project's prefixes, or texts of literals.
            statements: three terms of Turtle each.
        Raises:
            InputError: nothing is asked for, or a statement is none.
        """
        values = {value for term in terms for value in _values(term) if value}
        if not values and not statements:
            raise InputError("nothing to erase: give an IRI, the exact text of a literal, or --statement 'S P O'")
        return cls(frozenset(values), frozenset(map(_statement, statements)))

    @property
    def terms(self) -> int:
        """How many things are asked for."""
        return len(self.values) + len(self.statements)

    def needles(self) -> list[bytes]:
        """Return texts one of which is in each line of a patch that speaks of it."""
        ends = {term for triple in self.statements for term in (_value(triple.object),)}
        return [str(Literal(value))[1:-1].encode() for value in sorted(self.values | ends)]

    def concerns(self, quad: Quad) -> bool:
        """Return whether a statement speaks of it."""
        return quad.triple in self.statements or any(_value(term) in self.values for term in _terms(quad))

    def spoken_in(self, text: str) -> bool:
        """Return whether a text for people has one of the values in it."""
        return any(value in text for value in self.values)


@dataclass(slots=True)
class Found:
    """Where a journal speaks of what is to be erased.

    Args:
        touched: the revisions whose statements, message, author or file do.
        held: the graphs that held it after each revision after which one did.
        remaining: the statements that hold still.
        clean: digests of graphs, as files brought them, that did not hold it.
        told: the revisions behind which the reason of an earlier erasure speaks of it.
        within: other terms of these statements' kind that have a value as a part of theirs; they stay.
    """

    touched: list[int] = field(default_factory=list)
    held: dict[int, frozenset[str]] = field(default_factory=dict)
    remaining: set[Quad] = field(default_factory=set)
    clean: set[str] = field(default_factory=set)
    told: list[int] = field(default_factory=list)
    within: set[str] = field(default_factory=set)

    @property
    def first(self) -> int:
        """The first revision from which on the journal is to be made anew."""
        return min([*self.touched, *self.told])

    def graphs(self) -> set[str]:
        """Return the graphs that ever held it."""
        return {graph for graphs in self.held.values() for graph in graphs}

    def stretches(self) -> tuple[tuple[int, int], ...]:
        """Return first and last of each row of revisions after which a graph held it."""
        rows: list[tuple[int, int]] = []
        for number in sorted(self.held):
            begin = rows.pop()[0] if rows and rows[-1][1] == number - 1 else number
            rows.append((begin, number))
        return tuple(rows)


def find(journal: Journal, wanted: Wanted, progress: Progress = iter) -> Found:
    """Return where a journal speaks of what is to be erased.

    Raises:
        StateDamaged: a body is not what was written.
    """
    found, needles = (
        Found(told=[one.after for one in journal.erasures if wanted.spoken_in(one.reason)]),
        wanted.needles(),
    )
    for revision in progress(journal.revisions):
        lines = [line + b"\n" for line in journal.patch(revision).split(b"\n") if any(map(line.__contains__, needles))]
        removed, added = from_patch(b"".join(lines), f"revision {revision.number}")
        gone, come = ([quad for quad in part if wanted.concerns(quad)] for part in (removed, added))
        found.remaining.difference_update(gone)
        found.remaining.update(come)
        found.within.update(_within(wanted, [*removed, *added], _WITHIN_SHOWN - len(found.within)))
        if gone or come or any(map(wanted.spoken_in, _told(revision))):
            found.touched.append(revision.number)
        if found.remaining:
            found.held[revision.number] = frozenset(_value(quad.graph_name) for quad in found.remaining)
        if revision.origin:
            held = found.held.get(revision.number, ())
            found.clean.update(digest for graph, digest in revision.origin.graphs.items() if graph not in held)
    return found


class Redaction:
    """An erasure under way: makes each record anew, the tombstones and the chain with it.

    Args:
        found: where the journal speaks of it.
    """

    def __init__(self, wanted: Wanted, found: Found) -> None:
        self._wanted = wanted
        self._found = found
        self._touched = frozenset(found.touched)
        self._key = secrets.token_bytes(32)

    @property
    def first(self) -> int:
        """The first revision that is made anew."""
        return self._found.first

    def made_anew(self, found: Record, block: bytes, previous: str) -> bytes:
        """Return a record without what is erased, behind another one.

        A touched revision gets another key, also where its statements stay: the old commitment, which nobody has any
        more, keeps its old header from being guessed from a hash that somebody noted.

        Args:
            previous: the hash of the record before it.
        Raises:
            InputError: the body is no patch.
        """
        header = {**found.header, "previous": previous}
        if found.kind == "E":
            return record.packed("E", {**header, "reason": self._text(header["reason"])})
        number = header["revision"]
        if number < self.first:
            return record.packed("R", header, block)
        header["asked"] = ""  # a digest of a request, which may have spoken of it
        held = self._found.held.get(number, frozenset[str]())
        if number in self._touched:
            block, header["body"] = record.sealed(self._patch(record.patch_in(block)))
            header |= {"message": self._text(header["message"]), "author": self._text(header["author"])}
        if header["origin"]:
            header["origin"] = self._origin(header["origin"], held)
        return record.packed("R", header, block)

    def erasure(self, journal: Journal, reason: str, time: str, previous: str) -> bytes:
        """Return the record that says that it was done."""
        made = Erasure(
            number=len(journal.erasures) + 1,
            time=time,
            reason=reason,
            terms=self._wanted.terms,
            touched=tuple(self._found.touched),
            held=self._found.stretches(),
            first=self.first,
            after=journal.head,
            old=journal.head_hash,
            hash="",
        )
        return record.of_erasure(made, previous)

    def _patch(self, patch: bytes) -> bytes:
        removed, added = from_patch(patch, "body")
        return to_patch(map(self._quad, removed), map(self._quad, added))

    def _quad(self, quad: Quad) -> Quad:
        if quad.triple in self._wanted.statements:
            stone = NamedNode(self._tombstone(str(quad.triple)))
            return Quad(stone, stone, stone, self._term(quad.graph_name))
        subject, predicate, value, graph = map(self._term, _terms(quad))
        return Quad(subject, predicate, value, graph)

    def _term(self, term: Any) -> Any:
        return NamedNode(self._tombstone(str(term))) if _value(term) in self._wanted.values else term

    def _text(self, text: str) -> str:
        longest_first = sorted(self._wanted.values, key=len, reverse=True)
        if not longest_first:
            return text
        return re.sub("|".join(map(re.escape, longest_first)), lambda match: self._tombstone(match[0]), text)

    def _origin(self, origin: dict[str, Any], held: Iterable[str]) -> dict[str, Any]:
        """Return an origin without the digests of what held it: they would let one who knows the rest try out terms."""
        held = set(held)
        tainted = not held.isdisjoint(origin["graphs"])
        graphs = {
            self._tombstone(str(NamedNode(graph))) if graph in self._wanted.values else graph: _NO_DIGEST
            if graph in held
            else digest
            for graph, digest in origin["graphs"].items()
        }
        sha256 = _NO_DIGEST if tainted else origin["sha256"]
        return {"path": self._text(origin["path"]), "sha256": sha256, "graphs": graphs}

    def _tombstone(self, text: str) -> str:
        return TOMBSTONE + hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()


def _values(term: str) -> set[str]:
    """Return the values that a person may mean: the text itself, and the IRI that it writes."""
    try:
        return {term, resource(term)}
    except InputError:
        return {term}


def _statement(text: str) -> Triple:
    prefixes = "".join(f"@prefix {name}: <{namespace}> .\n" for name, namespace in names.PREFIXES.items())
    quads = parse_quads(f"{prefixes}{text.strip().removesuffix('.')} .".encode(), RdfFormat.TURTLE, "--statement")
    if len(quads) != 1:
        raise InputError(f"--statement {text!r}: is {len(quads)} statements; give three terms of Turtle")
    return quads[0].triple


def _terms(quad: Quad) -> tuple[Any, Any, Any, Any]:
    return quad.subject, quad.predicate, quad.object, quad.graph_name


def _value(term: object) -> str:
    return str(getattr(term, "value", ""))


def _told(revision: Revision) -> tuple[str, ...]:
    return revision.message, revision.author, revision.origin.path if revision.origin else ""


def _within(wanted: Wanted, quads: Iterable[Quad], limit: int) -> list[str]:
    """Return other terms that have a value as a part of theirs, a few of them."""
    values = {_value(term) for quad in quads for term in _terms(quad)} - wanted.values
    return sorted(filter(wanted.spoken_in, values))[: max(0, limit)]
