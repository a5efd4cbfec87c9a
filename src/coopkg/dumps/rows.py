"""The rows of tables, read from a store: what is asserted of each thing, one thing after the other.

A row costs one look at its thing; names and codes of what it speaks of are remembered, so many and no more.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from coopkg import names
from coopkg.dumps import outlet
from coopkg.dumps.manifest import File
from coopkg.dumps.sorting import ordered
from coopkg.dumps.tables import SEPARATOR, Column, Table
from coopkg.rdf import Literal, NamedNode, Quad
from coopkg.store import QuadStore, Term

CSV = "text/csv"
_TYPE = NamedNode(f"{names.RDF}type")
_REMEMBERED = 20_000
#: In a cell of several values, what stands in the place of a separator in one of them.
_NO_SEPARATOR = "¦"


def write(store: QuadStore, table: Table, work: Path) -> File:
    """Write a table into a private folder (RFC 4180, UTF-8), and return what a manifest says of it."""
    reading = Rows(store)
    with outlet.writing(work / table.file, CSV) as file:
        lines = csv.writer(_Encoded(file))
        lines.writerow(["iri", *(column.name for column in table.columns)])
        for row in reading.of(table, work):
            lines.writerow(row)
            file.rows += 1
    return file.told()


class Rows:
    """One reading of a store; what was looked up of other things is remembered."""

    def __init__(self, store: QuadStore) -> None:
        self._store = store
        self._said = lru_cache(_REMEMBERED)(self._looked_up)

    def of(self, table: Table, work: Path) -> Iterator[list[str]]:
        """Yield the rows of a table, by IRI.

        Args:
            work: a folder with room for the IRIs.
        """
        wanted = frozenset(column.first for column in table.columns if not column.is_inverse)
        for line in ordered(self._things(table), work):
            iri = line.decode().rstrip("\n")
            said = self._about(iri, wanted)
            yield [iri, *(self._cell(iri, said, column) for column in table.columns)]

    def _things(self, table: Table) -> Iterator[bytes]:
        for kind in table.of:
            for triple in self._store.triples(None, _TYPE, NamedNode(kind)):
                if isinstance(triple.subject, NamedNode):
                    yield f"{triple.subject.value}\n".encode()

    def _about(self, iri: str, wanted: frozenset[str]) -> dict[str, list[Term]]:
        """Return the values of some properties of a thing, each once, in the order of their texts."""
        said: dict[str, set[Term]] = {}
        for quad in self._store.about(iri):
            predicate = quad.predicate.value
            if predicate in wanted and _is_asserted(quad):
                said.setdefault(predicate, set()).add(quad.object)
        return {predicate: sorted(values, key=str) for predicate, values in said.items()}

    def _cell(self, iri: str, said: dict[str, list[Term]], column: Column) -> str:
        values = self._behind(iri, column.first) if column.is_inverse else said.get(column.first, [])
        if column.then:
            found = (self._said(value.value, column.then) for value in values if isinstance(value, NamedNode))
            texts = [one.get(column.lang, "") for one in found]
        else:
            texts = [_text(value) for value in values if _suits(value, column.lang)]
        if column.is_many:
            return SEPARATOR.join(text.replace(SEPARATOR, _NO_SEPARATOR) for text in texts)
        return next(iter(texts), "")

    def _behind(self, iri: str, predicate: str) -> list[Term]:
        found = self._store.stating(None, NamedNode(predicate), NamedNode(iri))
        return sorted({quad.subject for quad in found if _is_asserted(quad)}, key=str)

    def _looked_up(self, iri: str, predicates: tuple[str, ...]) -> Mapping[str, str]:
        """Return what the first property that has a value says, by language; under "" the first of all its values."""
        for predicate in predicates:
            found = self._store.stating(NamedNode(iri), NamedNode(predicate), None)
            values = [quad.object for quad in found if _is_asserted(quad)]
            if values:
                texts = sorted(((_language(value), _text(value)) for value in values), reverse=True)
                return {**dict(texts), "": min(text for _, text in texts)}
        return {}


class _Encoded:
    """Writes text into bytes."""

    def __init__(self, output: outlet.Outlet) -> None:
        self._output = output

    def write(self, text: str) -> int:
        return self._output.write(text.encode())


def _is_asserted(quad: Quad) -> bool:
    return not names.is_derived(getattr(quad.graph_name, "value", ""))


def _suits(value: Term, lang: str) -> bool:
    return not lang or _language(value) == lang


def _language(value: Term) -> str:
    return (value.language or "") if isinstance(value, Literal) else ""


def _text(value: Term) -> str:
    return value.value if isinstance(value, NamedNode | Literal) else str(value)
