"""What a SPARQL update removes and adds, found by carrying it out, operation by operation, on a store of one's own.

The engine answers each WHERE and parses each template; which quads go and which come is decided here, since the engine
does not tell (pyoxigraph 0.5.13). What is inferred is read as any query reads it, as it was before the update: it
follows from an update only once the gate has judged it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import NoReturn

from coopkg import guard, names, operations, template
from coopkg.errors import CoopkgError, QueryError
from coopkg.operations import Management, Modification, Operation, Target, Whole
from coopkg.rdf import DefaultGraph, NamedNode, Quad
from coopkg.store import QuadStore
from coopkg.template import Solution, Template
from coopkg.update import Update

#: How many quads the operations of one update may remove and add, if nothing else is said.
MAX_QUADS = 100_000

_Graph = NamedNode | DefaultGraph
#: A quad, and whether it comes; else it goes.
_Step = tuple[Quad, bool]


def evaluated(store: QuadStore, update: Update, max_quads: int = MAX_QUADS) -> tuple[frozenset[Quad], frozenset[Quad]]:
    """Return the quads that an update removes and those that it adds: what was there, and what was not.

    Args:
        store: private and writable; afterwards it holds what the update gives, or after a refusal what it held.
        max_quads: how many quads all operations together may remove and add.
    Raises:
        QueryError: the text is not a valid update, asks the server to call another, names a dataset that is given
            beside it too, would write what is not writable, touches too many quads, or one of its operations failed.
    """
    evaluation = _Evaluation(store, update, max_quads)
    try:
        for operation in operations.read(update.text, update.base):
            evaluation.carry_out(operation)
    except CoopkgError:
        store.change(evaluation.added, list(evaluation.removed))
        raise
    return frozenset(evaluation.removed), frozenset(evaluation.added)


class _Evaluation:
    """An update that is being carried out: what it has removed and added so far.

    A graph is known that held a quad, was given one, or was made, and was not dropped since: a store keeps none that
    is empty.
    """

    def __init__(self, store: QuadStore, update: Update, max_quads: int) -> None:
        self.removed = set[Quad]()
        self.added = set[Quad]()
        self._store = store
        self._update = update
        self._max_quads = max_quads
        self._touched = 0
        self._known = set(store.graphs())

    def carry_out(self, operation: Operation) -> None:
        """Find what an operation removes and adds in the store as it is now; only then change it."""
        gone, come = set[Quad](), set[Quad]()
        steps = self._modified(operation) if isinstance(operation, Modification) else self._managed(operation)
        for quad, comes in steps:
            (come if comes else gone).add(quad)
            if self._touched + len(gone) + len(come) > self._max_quads:
                _refuse(
                    operation,
                    f"the update would remove and add more than {self._max_quads:,} quads; send it in several parts",
                )
        self._touched += len(gone) + len(come)
        self._known |= {quad.graph_name.value for quad in come if isinstance(quad.graph_name, NamedNode)}
        self._apply(gone - come, {quad for quad in come if not self._store.holds(quad)})

    def _apply(self, gone: set[Quad], come: set[Quad]) -> None:
        self._store.change(gone, list(come))
        self.removed |= gone - self.added
        self.added -= gone
        self.added |= come - self.removed
        self.removed -= come

    def _modified(self, operation: Modification) -> Iterator[_Step]:
        graph = NamedNode(operation.graph) if operation.graph else None
        delete = self._template(operation, operation.delete, graph)
        insert = self._template(operation, operation.insert, graph)
        for solution in self._solutions(operation, delete, insert):
            for quad in delete.filled(solution, graph):
                self._refuse_unwritable(operation, quad.graph_name)
                if self._store.holds(quad):
                    yield quad, False
            for quad in insert.filled(solution, graph):
                self._refuse_unwritable(operation, quad.graph_name)
                if delete.quads or not self._store.holds(quad):  # what is deleted and inserted stays
                    yield quad, True

    def _template(self, operation: Modification, text: str, graph: NamedNode | None) -> Template:
        with _read_apart(operation):
            found = template.read(operation.prologue, text, self._update.base)
        for quad in found.quads:
            if quad.graph_name not in found.variables:
                is_default = isinstance(quad.graph_name, DefaultGraph)
                self._refuse_unwritable(operation, graph if graph and is_default else quad.graph_name)
        return found

    def _solutions(self, operation: Modification, delete: Template, insert: Template) -> Iterator[Solution]:
        if not operation.where:
            yield {}
            return
        asked = {*delete.variables.values(), *insert.variables.values()} or {"nothing"}
        form = "SELECT" if insert.makes_nodes() else "SELECT DISTINCT"
        query = f"{operation.prologue}\n{form} ?{' ?'.join(sorted(asked))} WHERE {operation.where}"
        default, named = self._dataset(operation)
        with _read_apart(operation):
            guard.refuse_remote(query)
            variables, rows = self._store.solutions(query, default, named, self._update.base)
        for row in rows:
            yield dict(zip(variables, row, strict=True))

    def _dataset(self, operation: Modification) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
        """Return the default and the named graphs that a WHERE looks at; (None, None) for what any query sees."""
        default, named = operation.using, operation.using_named
        if self._update.using_graphs or self._update.using_named_graphs:
            if default or named or operation.graph:
                _refuse(
                    operation,
                    f"the update says {'WITH' if operation.graph else 'USING'}, and the request gives using-graph-uri "
                    "or using-named-graph-uri: give one of the two",
                )
            default, named = self._update.using_graphs, self._update.using_named_graphs
        if default or named:
            return default, named
        return ((operation.graph,), tuple(self._store.graphs())) if operation.graph else (None, None)

    def _managed(self, operation: Management) -> Iterator[_Step]:
        match operation.verb:
            case "CREATE":
                self._create(operation)
                return iter(())
            case "CLEAR" | "DROP":
                return self._cleared(operation)
        return self._transferred(operation)

    def _create(self, operation: Management) -> None:
        self._refuse_unwritable(operation, NamedNode(operation.target))
        if operation.target in self._known and not operation.is_silent:
            _refuse(operation, f"the graph <{operation.target}> already exists; leave the CREATE out, or say SILENT")
        self._known.add(operation.target)

    def _cleared(self, operation: Management) -> Iterator[_Step]:
        for graph in self._graphs(operation, operation.target):
            self._refuse_unwritable(operation, graph)
            for quad in self._content(graph):
                yield quad, False
            if operation.verb == "DROP" and isinstance(graph, NamedNode):
                self._known.discard(graph.value)

    def _transferred(self, operation: Management) -> Iterator[_Step]:
        """Yield the steps of ADD, MOVE and COPY. Source: SPARQL 1.1 Update, sections 3.2.3 to 3.2.5."""
        target = DefaultGraph() if operation.target is Whole.DEFAULT else NamedNode(operation.target)
        self._refuse_unwritable(operation, target)
        for source in self._graphs(operation, operation.source):
            if operation.verb == "MOVE":
                self._refuse_unwritable(operation, source)
            if source == target:
                return
            if operation.verb != "ADD":
                yield from ((quad, False) for quad in self._emptied(target))
            for quad in self._content(source):
                yield Quad(quad.subject, quad.predicate, quad.object, target), True
            if operation.verb == "MOVE":
                yield from ((quad, False) for quad in self._emptied(source))

    def _emptied(self, graph: _Graph) -> Iterator[Quad]:
        if isinstance(graph, NamedNode):
            self._known.discard(graph.value)
        return self._content(graph)

    def _graphs(self, operation: Management, meant: Target) -> list[_Graph]:
        """Return the graphs that an operation means; none where the one is missing and nothing is to be said."""
        named = [
            NamedNode(graph) for graph in sorted(self._known) if self._store.is_plain or not names.is_derived(graph)
        ]
        match meant:
            case Whole.DEFAULT:
                self._refuse_unwritable(operation, DefaultGraph())
                return [DefaultGraph()]
            case Whole.NAMED:
                return [*named]
            case Whole.ALL:
                return [DefaultGraph(), *named] if self._store.is_plain else [*named]
        if meant not in self._known and not operation.is_silent:
            _refuse(operation, f"the graph <{meant}> does not exist; name one that does, or say SILENT")
        return [NamedNode(meant)] if meant in self._known else []

    def _content(self, graph: _Graph) -> Iterator[Quad]:
        if isinstance(graph, NamedNode):
            return self._store.quads(graph.value)
        return (Quad(*triple) for triple in self._store.triples(None, None, None))

    def _refuse_unwritable(self, operation: Operation, graph: object) -> None:
        if self._store.is_plain:
            return
        if isinstance(graph, DefaultGraph):
            _refuse(
                operation,
                "the default graph holds what all graphs state, and cannot be written; say which graph is meant: "
                "GRAPH <...> { ... }, or WITH <...> before DELETE or INSERT",
            )
        if isinstance(graph, NamedNode) and names.is_derived(graph.value):
            _refuse(
                operation,
                f"the graph <{graph.value}> is computed from the others, and cannot be written; change what it follows "
                f"from, and leave it out of the WHERE (FILTER(?graph != <{graph.value}>))",
            )


@contextlib.contextmanager
def _read_apart(operation: Modification) -> Iterator[None]:
    """Say where an operation stands whose parts are not what the whole was, as with strings that are closed badly."""
    try:
        yield
    except QueryError as fault:
        if fault.line is None:  # it was read, and failed
            raise
        _refuse(operation, "its parts cannot be read by themselves; write its strings, IRIs and comments plainly")


def _refuse(operation: Operation, reason: str) -> NoReturn:
    line, column = operation.place
    raise QueryError(f"line {line}, column {column}: {reason}", line, column)
