"""Answers of queries, read from any format into rows, and compared as SPARQL wants it.

Rows are a multiset, and blank nodes are equal up to a one-to-one renaming. Numbers and booleans are equal when type
and value are: the engine keeps the value of a literal, not its spelling (see `coopkg.store.normalised`).
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    RdfFormat,
    Store,
    Triple,
    parse,
    parse_query_results,
)

_RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_RESULTS = {
    "application/sparql-results+json": QueryResultsFormat.JSON,
    "application/sparql-results+xml": QueryResultsFormat.XML,
    "text/tab-separated-values": QueryResultsFormat.TSV,
}
_MEDIA_TYPES = {
    ".srj": "application/sparql-results+json",
    ".srx": "application/sparql-results+xml",
    ".tsv": "text/tab-separated-values",
    ".csv": "text/csv",
}
_GRAPHS = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/ld+json": RdfFormat.JSON_LD,
}
_FILES = {
    ".ttl": RdfFormat.TURTLE,
    ".nt": RdfFormat.N_TRIPLES,
    ".rdf": RdfFormat.RDF_XML,
    ".trig": RdfFormat.TRIG,
    ".nq": RdfFormat.N_QUADS,
}
_INTEGERS = frozenset(
    f"{_XSD}{name}"
    for name in (
        "integer",
        "negativeInteger",
        "nonNegativeInteger",
        "nonPositiveInteger",
        "positiveInteger",
        *("long", "int", "short", "byte"),
        *("unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte"),
    )
)

# A cell is a text, a blank node, a tuple of cells (a triple term), or None where nothing is bound.
Cell = object
Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query gave: the columns, and rows of as many cells; `is_ordered` when their order matters.

    The columns of a graph are those of a triple, the only row of a boolean holds it.
    """

    columns: tuple[str, ...]
    rows: Sequence[Row]
    is_ordered: bool = False


_TRIPLE = ("(subject)", "(predicate)", "(object)")
_BOOLEAN = ("(boolean)",)


def forms(expected: Answer, path: Path) -> tuple[str, ...]:
    """Return the media types in which an answer must be right: all that hold it whole, or the one that is tested.

    Args:
        path: the file of the expected answer.
    """
    if path.suffix in (".csv", ".tsv"):
        return (_MEDIA_TYPES[path.suffix],)
    if expected.columns == _TRIPLE:
        has_triple_term = any(isinstance(cell, tuple) for row in expected.rows for cell in row)
        return tuple(_GRAPHS)[:3] if has_triple_term else tuple(_GRAPHS)  # JSON-LD 1.1 has no triple terms
    return tuple(_RESULTS)[:2] if expected.columns == _BOOLEAN else tuple(_RESULTS)


def triples_of(path: Path, base: str) -> list[Quad]:
    """Return the quads of a data file; its blank nodes are its own."""
    return list(parse(path=str(path), format=_FILES[path.suffix], base_iri=base, rename_blank_nodes=True))


def of_file(path: Path, base: str) -> Answer:
    """Return the answer that a file of the suites holds."""
    if path.suffix in _MEDIA_TYPES:
        return of_body(path.read_bytes(), _MEDIA_TYPES[path.suffix], base)
    quads = triples_of(path, base)
    result_set = NamedNode(f"{_RS}ResultSet")
    return _of_result_set(quads) if any(quad.object == result_set for quad in quads) else _of_graph(quads)


def of_body(body: bytes, media_type: str, base: str) -> Answer:
    """Return the answer that a response holds."""
    if media_type in _GRAPHS:
        return _of_graph(parse(body, format=_GRAPHS[media_type], base_iri=base))
    if media_type == "text/csv":
        return _of_csv(body.decode("utf-8"))
    results = parse_query_results(body, _RESULTS[media_type])
    if isinstance(results, QueryBoolean):
        return Answer(_BOOLEAN, [(bool(results),)])
    names = sorted(variable.value for variable in results.variables)
    return Answer(tuple(names), [tuple(_cell(row[name]) for name in names) for row in results])


def of_dataset(quads: Iterable[Quad]) -> Answer:
    """Return the rows that a query for ?g ?s ?p ?o gives over a dataset; in the default graph ?g is unbound."""
    rows = {
        (
            None if isinstance(q.graph_name, DefaultGraph) else _cell(q.graph_name),
            *map(_cell, (q.object, q.predicate, q.subject)),
        )
        for q in quads
    }
    return Answer(("g", "o", "p", "s"), list(rows))


def differences(expected: Answer, given: Answer, *, is_lax: bool = False) -> str:
    """Return in what an answer differs from the expected one; "" when it does not.

    Args:
        is_lax: a row may come fewer times than expected, but at least once.
    """
    if expected.columns != given.columns:
        return f"columns {', '.join(given.columns)} instead of {', '.join(expected.columns)}"
    wanted, got = (_numbered(expected), _numbered(given)) if expected.is_ordered else (expected.rows, given.rows)
    if is_lax:
        is_right = isomorphic(list(set(wanted)), list(set(got))) and len(got) <= len(wanted)
    else:
        is_right = isomorphic(wanted, got)
    return "" if is_right else f"{_shown(given.rows)}\ninstead of\n{_shown(expected.rows)}"


def isomorphic(left: Sequence[Row], right: Sequence[Row]) -> bool:
    """Return whether two multisets of rows are the same but for the names of blank nodes.

    >>> isomorphic([(BlankNode("a"), "1")], [(BlankNode("b"), "1")])
    True
    >>> isomorphic([(BlankNode("a"), BlankNode("a"))], [(BlankNode("b"), BlankNode("c"))])
    False
    """
    left_colours, right_colours = _coloured(left), _coloured(right)

    def left_look(row: Row) -> Cell:
        return _replaced(row, left_colours)

    def right_look(row: Row) -> Cell:
        return _replaced(row, right_colours)

    if Counter(map(left_look, left)) != Counter(map(right_look, right)):
        return False
    candidates: dict[Cell, list[Row]] = {}
    for row in right:
        candidates.setdefault(right_look(row), []).append(row)
    # Rows that look like few others leave the least to try.
    todo = sorted(filter(_has_blank, left), key=lambda row: len(candidates[left_look(row)]))
    return _matched(todo, candidates, left_look, {}, {})


def _matched(
    todo: list[Row],
    candidates: dict[Cell, list[Row]],
    look: Callable[[Row], Cell],
    forth: dict[BlankNode, BlankNode],
    back: dict[BlankNode, BlankNode],
) -> bool:
    if not todo:
        return True
    row, rest = todo[0], todo[1:]
    alike = candidates[look(row)]
    for position, candidate in enumerate(alike):
        pairs = list(zip(_blanks(row), _blanks(candidate), strict=True))
        if all(forth.get(a, b) == b and back.get(b, a) == a for a, b in pairs) and _one_to_one(pairs):
            remaining = {**candidates, look(row): alike[:position] + alike[position + 1 :]}
            paired, unpaired = dict(pairs), {b: a for a, b in pairs}
            if _matched(rest, remaining, look, {**forth, **paired}, {**back, **unpaired}):
                return True
    return False


def _one_to_one(pairs: Sequence[tuple[BlankNode, BlankNode]]) -> bool:
    distinct = set(pairs)
    return len(distinct) == len({a for a, _ in distinct}) == len({b for _, b in distinct})


def _coloured(rows: Sequence[Row]) -> Mapping[BlankNode, Cell]:
    """Return a colour for each blank node, the same for those that stand in the same places; finer round by round."""
    colours: dict[BlankNode, Cell] = {blank: 0 for row in rows for blank in _blanks(row)}
    kinds = 1 if colours else 0
    while kinds:
        seen: dict[BlankNode, list[int]] = {blank: [] for blank in colours}
        for row in rows:
            for blank in set(_blanks(row)):
                seen[blank].append(hash(_replaced(row, {**colours, blank: "itself"})))
        colours = {blank: hash((colours[blank], tuple(sorted(looks)))) for blank, looks in seen.items()}
        finer = len(set(colours.values()))
        if finer <= kinds:
            break
        kinds = finer
    return colours


def _replaced(cell: Cell, colours: Mapping[BlankNode, Cell]) -> Cell:
    if isinstance(cell, BlankNode):
        return ("a blank node", colours[cell])
    return tuple(_replaced(part, colours) for part in cell) if isinstance(cell, tuple) else cell


def _blanks(cell: Cell) -> Iterator[BlankNode]:
    if isinstance(cell, BlankNode):
        yield cell
    elif isinstance(cell, tuple):
        for part in cell:
            yield from _blanks(part)


def _has_blank(row: Row) -> bool:
    return next(_blanks(row), None) is not None


def _of_graph(quads: Iterable[Quad]) -> Answer:
    return Answer(_TRIPLE, list({(_cell(q.subject), _cell(q.predicate), _cell(q.object)) for q in quads}))


def _of_csv(text: str) -> Answer:
    header, *lines = csv.reader(io.StringIO(text, newline=""))
    order = sorted(range(len(header)), key=lambda position: header[position])
    rows = [tuple(_csv_cell(line[position]) for position in order) for line in lines]
    return Answer(tuple(header[position] for position in order), rows)


def _csv_cell(text: str) -> Cell:
    if text.startswith("_:"):
        return BlankNode(text[2:])
    try:
        return str(Decimal(text).normalize())
    except InvalidOperation:
        return text


def _of_result_set(quads: Sequence[Quad]) -> Answer:
    """Return the answer that an rs:ResultSet describes (DAWG test cases, section "Result Set")."""
    store = Store()
    store.extend(quads)

    def values(subject: Cell, name: str) -> list[NamedNode | BlankNode | Literal | Triple]:
        if not isinstance(subject, NamedNode | BlankNode):
            return []
        return [quad.object for quad in store.quads_for_pattern(subject, NamedNode(_RS + name), None)]

    root = next(quad.subject for quad in quads if quad.object == NamedNode(f"{_RS}ResultSet"))
    if booleans := values(root, "boolean"):
        return Answer(_BOOLEAN, [(_value(booleans[0]) == "true",)])
    names = sorted(_value(name) for name in values(root, "resultVariable"))
    found: list[tuple[int, Row]] = []
    for solution in values(root, "solution"):
        bound = {
            _value(values(binding, "variable")[0]): _cell(values(binding, "value")[0])
            for binding in values(solution, "binding")
        }
        index = values(solution, "index")
        found.append((int(_value(index[0])) if index else 0, tuple(bound.get(name) for name in names)))
    found.sort(key=lambda pair: pair[0])
    return Answer(tuple(names), [row for _, row in found], any(index for index, _ in found))


def _numbered(answer: Answer) -> list[Row]:
    return [(str(position), *row) for position, row in enumerate(answer.rows)]


def _cell(term: object) -> Cell:
    if isinstance(term, Triple):
        return (_cell(term.subject), _cell(term.predicate), _cell(term.object))
    return _literal(term) if isinstance(term, Literal) else str(term) if isinstance(term, NamedNode) else term


def _literal(term: Literal) -> str:
    """Return the text of a literal, with numbers and booleans in one spelling each."""
    text, datatype = term.value, term.datatype.value
    try:
        if datatype in _INTEGERS:
            text = str(int(text))
        elif datatype == f"{_XSD}decimal":
            text = f"{Decimal(text).normalize():f}"
        elif datatype in (f"{_XSD}double", f"{_XSD}float"):
            text = repr(float(text))
        elif datatype == f"{_XSD}boolean":
            text = {"1": "true", "0": "false"}.get(text, text)
    except (ValueError, InvalidOperation):
        pass  # ill-formed: its spelling is all it has
    language = f"@{term.language.lower()}--{term.direction}" if term.language else ""
    return f'"{text}"{language}^^<{datatype}>'


def _value(term: object) -> str:
    return term.value if isinstance(term, Literal | NamedNode) else str(term)


def _shown(rows: Sequence[Row]) -> str:
    return "\n".join(sorted(str(row) for row in rows)[:20]) or "(no rows)"
