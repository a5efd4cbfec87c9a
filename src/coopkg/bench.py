"""The bench: a private copy of what is judged, on which a document is laid, to be judged as if it were published.

It holds the curated graphs, the reference nodes that they touch and what follows from both, so that a document costs
what it changes. Nothing that is laid on it is taken off: a process judges one document and ends. ADR 0018 has the
measurements.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from pathlib import Path

from coopkg import names, scope
from coopkg.content import Content
from coopkg.errors import DocumentTooLarge, InputError, SettingsError
from coopkg.facts import Facts
from coopkg.findings import Finding, Tier
from coopkg.judge import Changed, Judge, Judged, Rulebook, is_curated, named_now, reference_nodes, registered
from coopkg.places import Places
from coopkg.rdf import DOCUMENT_FORMATS, DefaultGraph, NamedNode, Quad, Triple, parse_quads
from coopkg.store import Effect, QuadStore, normalised

#: What a document can be judged on top of: what is published, or nothing but lists of values and reference tables.
AGAINST = ("current", "empty")
MAX_TRIPLES = 10_000
MAX_BYTES = 1_000_000
_SOURCE_DOCUMENT = f"{names.COOP}SourceDocument"
_TYPE = f"{names.RDF}type"
_SOURCE = f"{names.PREFIXES['dcterms']}source"
_SOURCES = f"{names.BASE}id/source/"
#: Where the statements of a document go that says neither a graph nor a source.
_NOWHERE = f"{names.GRAPH}document"
_QUOTING = ("application/ld+json", "application/rdf+xml")
_SHOWN = "document"


class Bench:
    """What is judged of a published graph, private to a process.

    Args:
        judge: who judges.
        published: the graph; it is read now, and again where a document touches a reference node.
        with_sources: whether the published source documents, organisations and territories lie on it; without them a
            document must hold all that it speaks of, but for the lists of values and the reference tables.
    """

    def __init__(self, judge: Judge, published: QuadStore, *, with_sources: bool = True) -> None:
        self._judge = judge
        self._published = published
        self._with_sources = with_sources
        chosen = [
            name for name in published.graphs() if is_curated(name) and (with_sources or not scope.is_scoped(name))
        ]
        curated = [quad for name in chosen for quad in published.quads(name)]
        ontology = published.quads(names.ONTOLOGY_GRAPH)
        self._store = QuadStore.apart([*curated, *ontology, *reference_nodes(published, curated)])
        self._entailment = judge.entailment(self._store)
        self._follow(Effect(frozenset(), frozenset(self._entailment.triples())))
        self._named = registered(quad.triple for quad in curated)
        self._changed((), (), ())  # compiles the shapes, before anybody waits for them

    def after(self, remove: Collection[Quad], add: Collection[Quad]) -> Bench:
        """Return the bench of the published graph after a change of it: this one, or where that is long, another."""
        changed = {_text(quad.graph_name) for quad in (*remove, *add)} - {names.INFERRED_GRAPH}
        if not all(map(scope.is_scoped, changed)):  # the ontology, a scheme or a reference table
            return Bench(self._judge, self._published, with_sources=self._with_sources)
        if self._with_sources and changed:
            removed, added = (
                [q for q in part if _text(q.graph_name) != names.INFERRED_GRAPH] for part in (remove, add)
            )
            self._change(removed, added)
            subjects = {_text(quad.subject) for quad in (*removed, *added)}
            self._named = self._named.with_changed(named_now(subjects, Facts(self._store)))
        return self

    def findings(self, quads: Iterable[Quad], graph: str = "") -> list[Finding]:
        """Return what is found once a document is laid on the bench: about what it says, and what it breaks elsewhere.

        Args:
            quads: the document; see `placed` for the graphs that they come into.
            graph: IRI of the graph that it replaces; "" where it says that itself.
        Raises:
            InputError: it states a graph that no document may state.
        """
        added = placed(quads, graph)
        replaced = [graph] if graph else sorted(filter(None, (_described(quad) for quad in added)))
        removed = [quad for name in dict.fromkeys(replaced) for quad in self._store.quads(name)]
        found = self._changed(removed, added, {_text(quad.subject) for quad in added})
        subjects = {_text(quad.subject) for quad in added}
        return self._judge.mended(
            self._store, (one for one in found if one.tier is Tier.VIOLATION or one.focus in subjects)
        )

    def _changed(self, removed: Sequence[Quad], added: Sequence[Quad], subjects: Iterable[str]) -> tuple[Finding, ...]:
        gone, new = self._change(removed, added)
        new |= {quad.triple for quad in added}  # also what was said before: it is what the document says
        new |= set(self._entailment.about([NamedNode(iri) for iri in subjects if ":" in iri]))
        change = Changed(removed, added, gone, new, self._entailment)
        return self._judge.judge_change(self._store, Judged(named=self._named), change).findings

    def _change(self, removed: Sequence[Quad], added: Sequence[Quad]) -> tuple[set[Triple], set[Triple]]:
        """Change what lies on the bench; return the triples that hold no more, and those that did not."""
        effect = self._store.change(removed, [*added, *reference_nodes(self._published, added)])
        inferred = self._entailment.change(effect)
        self._follow(inferred)
        both = effect.then(inferred)
        return set(both.gone), set(both.new)

    def _follow(self, inferred: Effect) -> None:
        graph = NamedNode(names.INFERRED_GRAPH)
        gone, new = ([_in(triple, graph) for triple in part] for part in (inferred.gone, inferred.new))
        self._store.change(gone, new)


class Benches:
    """The benches of a published graph, made when they are first asked for.

    Args:
        content: the folder of the shapes and rules; None where no document is judged.
    """

    def __init__(self, content: Path | None, published: QuadStore) -> None:
        self._content = content
        self._published = published
        self._made: dict[str, Bench] = {}

    def prepare(self) -> None:
        """Make every bench, for processes that are forked from this one.

        What hinders is told to whoever asks for a judgement, and keeps nobody from anything else.
        """
        with contextlib.suppress(SettingsError):
            for against in AGAINST if self._content else ():
                self.of(against)

    def of(self, against: str) -> Bench:
        """Return the bench of the published graph ("current"), or of an empty one ("empty").

        Raises:
            SettingsError: the shapes or rules cannot be used here.
        """
        if against not in self._made:
            try:
                self._made[against] = Bench(self._judge, self._published, with_sources=against == "current")
            except InputError as fault:
                raise SettingsError(f"documents cannot be judged: {fault}") from fault
        return self._made[against]

    def follow(self, remove: Collection[Quad], add: Collection[Quad]) -> None:
        """Follow a change that was made to the published graph."""
        made, self._made = self._made, {}
        with contextlib.suppress(InputError):  # a bench that cannot follow is made when it is asked for, or refused
            self._made = {against: bench.after(remove, add) for against, bench in made.items()}

    @cached_property
    def _judge(self) -> Judge:
        if self._content is None:
            raise InputError("no content folder is known")
        # The places that count are those of the document, not of the files that were built.
        return Judge(dataclasses.replace(Rulebook.of(Content(self._content)), locate=lambda iri, graph: ""))

    def findings(self, content: bytes, media_type: str, against: str, graph: str) -> list[Finding]:
        """Return what is found in a document, each with the line where the document speaks of it.

        Raises:
            DocumentError: it cannot be parsed; says where.
            DocumentTooLarge: it holds more than is judged at once.
            InputError: it states a graph that no document may state; see also `of`.
        """
        quads = parse_quads(content, DOCUMENT_FORMATS[media_type], _SHOWN, most=MAX_TRIPLES)
        if len(quads) > MAX_TRIPLES:
            raise DocumentTooLarge(
                f"the document holds more than {MAX_TRIPLES:,} triples; send it in parts, or judge it with "
                "'coopkg validate FILE'"
            )
        found = self.of(against).findings(normalised(quads), graph)
        text = content.decode("utf-8-sig")
        places = Places.of_quoted(text, _SHOWN) if media_type in _QUOTING else Places.of(text, _SHOWN)
        return [dataclasses.replace(one, where=places.first(one.focus)) for one in found]


def placed(quads: Iterable[Quad], graph: str) -> list[Quad]:
    """Return the quads of a document in the graphs that they come into.

    Statements without a graph come into the one that is given, else into that of the source document that they
    describe or cite. A graph that describes its own source document is whole, and replaces the published one; others
    are added to what is published.

    Raises:
        InputError: a statement stands in another graph than the given one, or in one that no document may state.
    """
    held = list(quads)
    home = NamedNode(graph or _home(held))
    result = [_in(quad.triple, home) if isinstance(quad.graph_name, DefaultGraph) else quad for quad in held]
    for name in dict.fromkeys(quad.graph_name for quad in result):
        if not scope.is_scoped(_text(name)) or (graph and _text(name) != graph):
            raise InputError(
                f"the document states the graph {name}; a document may state "
                + (f"<{graph}> alone, as graph= says" if graph else f"<{names.GRAPH}...> of a source document, ")
                + ("" if graph else f"<{names.ORGANISATIONS_GRAPH}> and <{names.TERRITORIES_GRAPH}>")
            )
    return result


def _home(quads: Sequence[Quad]) -> str:
    """Return the graph of the source document that statements describe, else of the one that they cite."""
    sources = [_text(quad.subject) for quad in quads if quad.predicate.value == _TYPE and _is_source(quad.object)]
    sources += [_text(quad.object) for quad in quads if quad.predicate.value == _SOURCE]
    graphs = (names.GRAPH + iri.removeprefix(_SOURCES) for iri in sources if iri.startswith(_SOURCES))
    return next(filter(scope.is_scoped, graphs), _NOWHERE)


def _described(quad: Quad) -> str:
    """Return the graph of a quad when it says that this graph's own source document is one, else ""."""
    graph = _text(quad.graph_name)
    own = f"{_SOURCES}{graph.removeprefix(names.GRAPH)}"
    says = quad.predicate.value == _TYPE and _is_source(quad.object) and _text(quad.subject) == own
    return graph if says else ""


def _in(triple: Triple, graph: NamedNode) -> Quad:
    return Quad(triple.subject, triple.predicate, triple.object, graph)


def _is_source(term: object) -> bool:
    return _text(term) == _SOURCE_DOCUMENT


def _text(term: object) -> str:
    return str(getattr(term, "value", ""))
