"""The quad store on disk: the only module that calls `pyoxigraph.Store`.

A store folder is either being prepared (one writer, private) or published (read only, never changed again).
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any, ClassVar, Self

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
)

from coopkg import names, syntax
from coopkg.errors import CoopkgError, DiskFullError, QueryError, StateDamaged

Term = NamedNode | BlankNode | Literal | Triple
Results = QuerySolutions | QueryBoolean | QueryTriples

RESULT_FORMATS = {
    "application/sparql-results+json": QueryResultsFormat.JSON,
    "application/sparql-results+xml": QueryResultsFormat.XML,
    "text/csv": QueryResultsFormat.CSV,
    "text/tab-separated-values": QueryResultsFormat.TSV,
}
GRAPH_FORMATS = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/rdf+xml": RdfFormat.RDF_XML,
}
_DISK_FULL = re.compile(r"no space left|quota exceeded|file too large", re.IGNORECASE)
_NOT_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
_NO_FUNCTION = re.compile(r"custom function <([^>]*)> is not supported")
#: A text without any of these letters, and without an escape that could stand for them, speaks of no graph.
_NAMES_GRAPHS = re.compile(r"graph|from|\\u", re.IGNORECASE)
_NOWHERE = "urn:x-coopkg:nowhere"
_BULK_QUADS = 20_000
_INFERRED = NamedNode(names.INFERRED_GRAPH)
_DERIVED = (_INFERRED, NamedNode(names.CATALOG_GRAPH))
_VERBATIM = frozenset({f"{names.XSD}string", f"{names.RDF}langString", f"{names.XSD}token"})


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change did to the set of all asserted triples: those that are stated no more, and those that were not."""

    gone: frozenset[Triple] = frozenset()
    new: frozenset[Triple] = frozenset()

    def then(self, later: Effect) -> Effect:
        """Return the effect of both, this one first."""
        gone = (self.gone - later.new) | (later.gone - self.new)
        return Effect(gone, (self.new - later.gone) | (later.new - self.gone))


class QuadStore:
    """Quads in named graphs, in a folder or in memory.

    The engine's default graph is kept as the set of all asserted triples. The engine's own union of graphs is no set: a
    triple that two graphs state is given twice, and every count is wrong (pyoxigraph 0.5.13). What is inferred is
    stated nowhere, so the default graph and the inferred one together are a set. Joins over two graphs take up to half
    as long again: a store in memory has the inferred triples in its default graph, too. What the catalogue says of the
    whole is kept as what is inferred is, and must be stated nowhere else either.
    """

    #: Whether it is an RDF dataset as others know it: its default graph is one of its own, and no graph is derived.
    is_plain: ClassVar[bool] = False

    def __init__(self, engine: Store, *, on_disk: bool, alone: Store | None = None) -> None:
        self._engine = engine
        self._on_disk = on_disk
        #: The set of all triples, asserted and inferred, without a graph beside it; None where none is kept.
        self._alone = alone

    @classmethod
    def in_memory(cls, quads: Iterable[Quad] = ()) -> Self:
        """Return a store that lives in memory and holds the quads."""
        store = cls(Store(), on_disk=False)
        store.change((), list(quads))
        return store

    @classmethod
    def apart(cls, quads: Iterable[Quad]) -> Self:
        """Return a store in memory that keeps what is inferred apart, as one in a folder does: changes tell the two."""
        store = cls(Store(), on_disk=True)
        store.change((), list(quads))
        return store

    @classmethod
    def create(cls, folder: Path) -> Self:
        """Return an empty store in a new folder."""
        return cls(_opened(folder, read_only=False), on_disk=True)

    @classmethod
    def writable(cls, folder: Path) -> Self:
        """Return the store of a private folder, open for writing."""
        return cls(_opened(folder, read_only=False), on_disk=True)

    @classmethod
    def published(cls, folder: Path) -> Self:
        """Return the store of a published folder, open for reading only."""
        return cls(_opened(folder, read_only=True), on_disk=True)

    @classmethod
    def loaded(cls, folder: Path) -> Self:
        """Return a store in memory with everything that a published folder holds, made to be asked.

        It keeps the set of all triples once more by itself. The engine looks through all that is said of a thing or by
        a predicate, in whichever graph: where each triple stands in two, a join takes twice as long.
        """
        engine, alone, disk = Store(), Store(), _opened(folder, read_only=True)
        _pour(lambda output: disk.dump(output, RdfFormat.N_QUADS), engine, RdfFormat.N_QUADS)
        for graph in _DERIVED:
            _pour(partial(disk.dump, format=RdfFormat.N_TRIPLES, from_graph=graph), engine, RdfFormat.N_TRIPLES)
        for part in (DefaultGraph(), *_DERIVED):
            _pour(partial(disk.dump, format=RdfFormat.N_TRIPLES, from_graph=part), alone, RdfFormat.N_TRIPLES)
        return cls(engine, on_disk=False, alone=alone)

    @classmethod
    def copy(cls, published: Path, folder: Path) -> None:
        """Copy a published store into a new folder, by hard links."""
        cls(_opened(published, read_only=True), on_disk=True).save(folder)

    def close(self) -> None:
        """Let the folder go; the store cannot be used afterwards. Closing twice is allowed."""
        # pyoxigraph closes a store when the last reference to it goes.
        self._alone = None
        if hasattr(self, "_engine"):
            del self._engine

    def graphs(self) -> list[str]:
        """Return the IRIs of the named graphs, sorted."""
        return sorted(graph.value for graph in self._engine.named_graphs() if isinstance(graph, NamedNode))

    def quads(self, graph: str) -> Iterator[Quad]:
        """Yield the quads of a named graph, in no order."""
        return self._matching(None, None, NamedNode(graph))

    def about(self, subject: str, graph: str | None = None) -> Iterator[Quad]:
        """Yield the quads with a subject, in all graphs or in one."""
        return self._matching(NamedNode(subject), None, NamedNode(graph) if graph else None)

    def toward(self, value: str) -> Iterator[Quad]:
        """Yield the quads whose object is an IRI, in all graphs."""
        return self._matching(None, NamedNode(value), None)

    def stating(self, subject: NamedNode | None, predicate: NamedNode, value: Term | None) -> Iterator[Quad]:
        """Yield the quads with a predicate, and with a subject or an object where one is given, in all graphs."""
        return self._matching(subject, value, None, predicate)

    def _matching(
        self,
        subject: NamedNode | None,
        value: Term | None,
        graph: NamedNode | None,
        predicate: NamedNode | None = None,
    ) -> Iterator[Quad]:
        try:
            for quad in self._engine.quads_for_pattern(subject, predicate, value, graph):
                if not isinstance(quad.graph_name, DefaultGraph):
                    yield quad
        except OSError as fault:
            raise _translated(fault) from fault

    def triples(self, subject: Term | None, predicate: NamedNode | None, value: Term | None) -> Iterator[Triple]:
        """Yield the asserted and the inferred triples with some terms, in no order; none comes twice.

        Args:
            subject: None stands for any, here and in the others. Nothing is said of a literal.
        """
        if isinstance(subject, Literal | Triple):
            return
        engine = self._engine if self._alone is None else self._alone
        try:
            for graph in (DefaultGraph(), _INFERRED) if self._on_disk else (DefaultGraph(),):
                for quad in engine.quads_for_pattern(subject, predicate, value, graph):
                    yield quad.triple
        except OSError as fault:
            raise _translated(fault) from fault

    def holds(self, quad: Quad) -> bool:
        """Return whether a quad of a graph is here, exactly."""
        try:
            return quad in self._engine
        except OSError as fault:
            raise _translated(fault) from fault

    def solutions(
        self,
        query: str,
        default_graphs: Sequence[str] | None = None,
        named_graphs: Sequence[str] | None = None,
        base: str | None = None,
    ) -> tuple[list[str], Iterator[tuple[Term | None, ...]]]:
        """Return the variables of a SELECT, and its solutions over the asserted and the inferred triples as they come.

        Args:
            query: whole, with its prefixes.
            default_graphs, named_graphs, base: see `query`.
        Raises:
            QueryError: the text is not a valid query, or its evaluation fails.
        """
        results = self.query(query, default_graphs, named_graphs, base)
        if not isinstance(results, QuerySolutions):
            raise QueryError("only a SELECT query has solutions")
        return variables(results), _tuples(results)

    def change(self, remove: Iterable[Quad], add: Sequence[Quad]) -> Effect:
        """Remove, then add. Not atomic: only for a store that nobody else sees yet."""
        gone, new, emptied = set[Triple](), set[Triple](), set[NamedNode | BlankNode | DefaultGraph]()
        try:
            for quad in remove:
                self._engine.remove(quad)
                emptied.add(quad.graph_name)
                merged = _in_default(quad)
                if self._merges(quad) and merged in self._engine and not self._stated(quad):
                    self._engine.remove(merged)
                    gone.add(quad.triple)
            new.update(quad.triple for quad in add if self._merges(quad) and _in_default(quad) not in self._engine)
            extend = self._engine.extend if len(add) <= _BULK_QUADS else self._engine.bulk_extend
            extend(add)
            extend(Quad(*triple) for triple in new)
            if self._alone is not None:
                for triple in gone:
                    self._alone.remove(Quad(*triple))
                self._alone.extend(Quad(*triple) for triple in new)
            self._forget_empty(emptied)
        except OSError as fault:
            raise _translated(fault) from fault
        return Effect(frozenset(gone - new), frozenset(new - gone))

    def pour(self, pieces: Iterable[bytes]) -> None:
        """Load N-Quads of any length as they come; lines without a graph go into the set of asserted triples.

        Only for a store that nobody else sees yet, and for quads that are as a store would give them back. Whoever
        gives a quad of an asserted graph gives its triple, too.
        """
        try:
            self._engine.bulk_load(_Pieces(pieces), RdfFormat.N_QUADS)  # type: ignore[arg-type]  # it needs `read` alone
        except OSError as fault:
            raise _translated(fault) from fault

    def settle(self) -> None:
        """Bring what was loaded into the form that is read fastest."""
        try:
            self._engine.optimize()
        except OSError as fault:
            raise _translated(fault) from fault

    def dump(self, write: Callable[[bytes], object]) -> None:
        """Write the asserted and the inferred triples as N-Triples, in no order, each once."""
        try:
            graphs: list[DefaultGraph | NamedNode] = [DefaultGraph(), *(self._derived() if self._on_disk else ())]
            for graph in graphs:
                self._engine.dump(_Writer(write), RdfFormat.N_TRIPLES, from_graph=graph)  # type: ignore[arg-type]  # it needs `write` and `flush` alone
        except OSError as fault:
            raise _translated(fault) from fault

    def _forget_empty(self, graphs: Iterable[NamedNode | BlankNode | DefaultGraph]) -> None:
        """Forget those of some graphs that hold nothing more: a graph without quads is none."""
        for graph in graphs:
            if isinstance(graph, DefaultGraph):
                continue
            if next(iter(self._engine.quads_for_pattern(None, None, None, graph)), None) is None:
                self._engine.remove_graph(graph)

    def _merges(self, quad: Quad) -> bool:
        """Whether the triple of a quad is kept in the default graph, too."""
        return not (self._on_disk and quad.graph_name in _DERIVED)

    def _stated(self, quad: Quad) -> bool:
        found = self._engine.quads_for_pattern(quad.subject, quad.predicate, quad.object, None)
        return any(self._merges(other) and not isinstance(other.graph_name, DefaultGraph) for other in found)

    def flush(self) -> None:
        """Bring everything into the store's files."""
        try:
            self._engine.flush()
        except OSError as fault:
            raise _translated(fault) from fault

    def save(self, folder: Path) -> None:
        """Bring everything that is held now into a new folder, by hard links; this store can go on changing."""
        try:
            self._engine.backup(folder)
        except (OSError, ValueError, RuntimeError) as fault:
            raise _translated(fault) from fault

    def query(
        self,
        query: str,
        default_graphs: Sequence[str] | None = None,
        named_graphs: Sequence[str] | None = None,
        base: str | None = None,
        *,
        inferred: bool = True,
    ) -> Results:
        """Return the results of a query.

        Its default graph is the set of all triples, unless FROM or the arguments say otherwise. The project's
        prefixes are predeclared. Results are lazy: use them in the thread that made them.

        Args:
            default_graphs: IRIs of the graphs whose merge is the default graph; wins over FROM.
            named_graphs: IRIs that GRAPH may name; wins over FROM NAMED. When one of the two is given and the other
                is not, the other is empty.
            inferred: whether the set of all triples has the inferred ones. A store in memory is slow without them.
            base: IRI that relative IRIs are resolved against.
        Raises:
            QueryError: the text is not a valid query, or a graph's IRI is none; line and column where the engine says
                them.
        """
        with _in_our_words(query, base):
            engine, dataset = self._engine, dict[str, Any](base_iri=base)
            if default_graphs is not None or named_graphs is not None:
                engine, dataset["default_graph"] = self._merged(default_graphs or (), named_graphs or ())
                dataset["named_graphs"] = [NamedNode(iri) for iri in named_graphs or ()]
            elif self._on_disk is inferred and not _has_from(query, base):
                engine, dataset["default_graph"] = self._all() if inferred else self._all_asserted()
            elif self._alone is not None and inferred and not _NAMES_GRAPHS.search(query):
                engine = self._alone
            return engine.query(query, prefixes=names.PREFIXES, **dataset)

    def _all(self) -> tuple[Store, Any]:
        return self._engine, [DefaultGraph(), *self._derived()]

    def _derived(self) -> list[NamedNode]:
        """Return the graphs, of those that are kept apart, that are there: each that is asked makes joins longer."""
        return [graph for graph in _DERIVED if self._engine.contains_named_graph(graph)]

    def _all_asserted(self) -> tuple[Store, Any]:
        graphs = self.graphs()
        return self._merged([graph for graph in graphs if not names.is_derived(graph)], graphs)

    def _merged(self, default_graphs: Sequence[str], named_graphs: Sequence[str]) -> tuple[Store, Any]:
        """Return where a dataset is asked, and its default graph there.

        The engine would give a triple twice that two default graphs state: their set is made first.
        """
        chosen = set(default_graphs)
        if len(chosen) < 2:
            return self._engine, [NamedNode(iri) for iri in chosen]
        if kept := self._kept(chosen):
            return self._engine, kept
        merged = Store()
        merged.bulk_extend(_in_default(quad) for iri in chosen for quad in self.quads(iri))
        merged.bulk_extend(quad for iri in set(named_graphs) for quad in self.quads(iri))
        return merged, [DefaultGraph()]

    def _kept(self, chosen: set[str]) -> list[DefaultGraph | NamedNode]:
        """Return the engine's graphs whose union is the merge of these graphs and a set; empty when there are none."""
        graphs = set(self.graphs())
        if self._on_disk and chosen >= {graph for graph in graphs if not names.is_derived(graph)}:
            return [DefaultGraph(), *(graph for graph in self._derived() if graph.value in chosen)]
        return [DefaultGraph()] if chosen >= graphs and not self._on_disk else []


def read_update(update: str, base: str | None = None) -> None:
    """Raise when a text is not a valid update. Nothing of it is carried out: no address is called, no store changed.

    Raises:
        QueryError: says where.
    """
    # The engine cannot parse alone. It parses the whole text, carries out the first operation and stops when it fails:
    # so one that always fails is put before all others, on lines of its own, behind the prologue, which has no place
    # further on in its grammar (pyoxigraph 0.5.13; SPARQL 1.1 allows a prologue after each semicolon).
    prologue = syntax.PROLOGUE.match(update)
    begin = prologue.end() if prologue else 0
    line, column = syntax.place(update, begin)
    failing = f"\nDROP GRAPH <{_NOWHERE}> ;\n{' ' * (column - 1)}"
    with _in_our_words(update, base, "update"):
        try:
            Store().update(update[:begin] + failing + update[begin:], base_iri=base, prefixes=names.PREFIXES)
        except SyntaxError as fault:
            said = syntax.ERROR_AT.sub(
                lambda found: f"error at {max(line, int(found[1]) - 2)}:{found[2]}: ", str(fault)
            )
            raise SyntaxError(said) from fault
        except RuntimeError as fault:
            if _NOWHERE in str(fault):
                return
            raise
    raise QueryError("the update could not be read by itself, and was not carried out; write its prologue plainly")


def stated(insertion: str, base: str | None = None) -> list[Quad]:
    """Return the quads that an INSERT DATA states, as a store gives them back; each blank node is a new one.

    Args:
        insertion: valid; the caller has seen that it calls no address.
    """
    engine = Store()
    with _in_our_words(insertion, base, "update"):
        engine.update(insertion, base_iri=base, prefixes=names.PREFIXES)
    return list(engine)


@contextlib.contextmanager
def _in_our_words(text: str, base: str | None, kind: str = "query") -> Iterator[None]:
    """Translate what the engine raises for a SPARQL text, which is a "query" or an "update"."""
    try:
        yield
    except SyntaxError as fault:
        raise syntax.fault_of(fault, text, base, kind) from fault
    except (OSError, RuntimeError) as fault:
        raise _failed(fault) from fault
    except ValueError as fault:
        raise QueryError(f"the {kind} cannot be run: {fault}") from fault


class _Writer:
    """What is written to, for the engine: it needs `write` and `flush` alone."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write

    def write(self, piece: bytes) -> int:
        self._write(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing waits here."""


class _Pieces:
    """Bytes that come in pieces, as a file to read; the engine panics when it is given more than it asked for."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._left = memoryview(b"")

    def read(self, size: int) -> bytes:
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._left = memoryview(piece)
        given, self._left = self._left[:size], self._left[size:]
        return bytes(given)


def _pour(dump: Callable[[IO[bytes]], object], engine: Store, form: RdfFormat) -> None:
    """Load what a store dumps, as it comes."""
    reading, writing = os.pipe()

    def pour() -> None:
        with os.fdopen(writing, "wb") as output:
            dump(output)

    thread = threading.Thread(target=pour)
    thread.start()
    with os.fdopen(reading, "rb") as source:
        engine.bulk_load(source, form)
    thread.join()


def _has_from(query: str, base: str | None) -> bool:
    """Return whether a valid query chooses its graphs by FROM.

    The engine's grammar knows no word ends (`ASKFROM<http://a>`), so it is asked itself: a text that is still read when
    every "from" in it is spelt otherwise has none of them as a keyword.
    """
    lower = query.lower()
    if "from" not in lower:
        return False
    other = next((letter for letter in "xqzkjwyv" if f"fr{letter}m" not in lower), None)
    if other is None:
        return True
    respelt = re.sub("(fr)o(m)", rf"\1{other}\2", query, flags=re.IGNORECASE)
    try:
        Store().query(respelt, base_iri=base, prefixes=names.PREFIXES)
    except (SyntaxError, ValueError):
        return True
    return False


def _in_default(quad: Quad) -> Quad:
    return Quad(quad.subject, quad.predicate, quad.object, DefaultGraph())


def normalised(quads: Iterable[Quad]) -> list[Quad]:
    """Return quads as a store gives them back: `4.0`, `+4` and `04` as xsd:decimal are all `4`.

    The engine keeps the value of numbers, dates and booleans, not how they were written; whatever is compared with
    a store, or digested, must be brought to its form first.
    """
    kept: list[Quad] = []
    typed = Store()
    for quad in quads:
        if isinstance(quad.object, Literal) and quad.object.datatype.value not in _VERBATIM:
            typed.add(quad)
        else:
            kept.append(quad)
    return [*kept, *typed]


def media_types(results: Results) -> tuple[str, ...]:
    """Return the media types in which results can be written, the preferred one first."""
    return tuple(GRAPH_FORMATS if isinstance(results, QueryTriples) else RESULT_FORMATS)


def write(results: Results, output: IO[bytes], media_type: str) -> None:
    """Write results to a binary stream, as they come.

    Raises:
        QueryError: the evaluation failed half-way, or the representation has no word for what came.
    """
    if media_type.endswith("xml"):
        output = _XmlOutput(output)  # type: ignore[assignment]  # the engine needs `write` and `flush` alone
    try:
        if isinstance(results, QueryTriples):
            results.serialize(output, GRAPH_FORMATS[media_type])
        else:
            results.serialize(output, RESULT_FORMATS[media_type])
    except (OSError, RuntimeError) as fault:
        if "RDF 1.2" in str(fault):  # JSON-LD has no word for a triple term
            raise QueryError(f"the answer cannot be written as {media_type}: {fault}; ask for Turtle") from fault
        raise _failed(fault) from fault


class _XmlOutput:
    """Refuses what XML 1.0 cannot hold and the engine writes all the same (pyoxigraph 0.5.13)."""

    def __init__(self, output: IO[bytes]) -> None:
        self._output = output
        self._tail = b""

    def write(self, piece: bytes) -> int:
        if _NOT_XML.search(self._tail + piece):
            raise QueryError("the answer holds a control character, which XML cannot; ask for JSON, CSV or Turtle")
        self._tail = piece[-2:]  # a character of three bytes may come in two pieces
        return self._output.write(piece)

    def flush(self) -> None:
        self._output.flush()


def _tuples(results: QuerySolutions) -> Iterator[tuple[Term | None, ...]]:
    try:
        for row in results:
            yield tuple(row)
    except (OSError, RuntimeError) as fault:
        raise _failed(fault) from fault


def rows(results: Results) -> list[tuple[str | None, ...]]:
    """Return the rows of a SELECT as texts: IRIs bare, literals by their value, None where unbound."""
    if not isinstance(results, QuerySolutions):
        raise QueryError("only a SELECT query has rows")
    try:
        return [tuple(None if term is None else getattr(term, "value", str(term)) for term in row) for row in results]
    except (OSError, RuntimeError) as fault:
        raise _failed(fault) from fault


def variables(results: Results) -> list[str]:
    """Return the variable names of a SELECT, in its order."""
    return [variable.value for variable in results.variables] if isinstance(results, QuerySolutions) else []


def _opened(folder: Path, *, read_only: bool) -> Store:
    try:
        return Store.read_only(str(folder)) if read_only else Store(str(folder))
    except (OSError, ValueError, RuntimeError) as fault:
        raise _translated(fault) from fault


def _translated(fault: Exception) -> DiskFullError | StateDamaged:
    # A full disk reaches Python with errno None (pyoxigraph 0.5.13), so the text decides.
    text = str(fault)
    if _DISK_FULL.search(text):
        return DiskFullError(f"the disk is full ({text}); free some room and run the command again")
    return StateDamaged(f"the store cannot be used ({text}); remove the generation and build again")


def _failed(fault: Exception) -> CoopkgError:
    if isinstance(fault, OSError):
        return _translated(fault)
    if missing := _NO_FUNCTION.search(str(fault)):
        known = ", ".join(f"geof:{name}" for name in names.GEO_FUNCTIONS)
        return QueryError(
            f"there is no function {names.short(missing[1])} here; beside those of SPARQL there are {known}"
        )
    return QueryError(f"the evaluation failed: {fault}")
