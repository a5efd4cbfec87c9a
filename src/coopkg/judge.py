"""The judgement of a graph: what it entails, and what the shapes find in it. Decides; writes nothing.

The curated graphs are judged together with the reference nodes that they touch. A reference table is judged whole
only when nothing vouches for it: `coopkg vouch` judges them once and records their digests.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from coopkg import guard, inference, names, rules, scope
from coopkg.compiled import CompiledShapes, Judgement
from coopkg.errors import InputError, QueryError
from coopkg.facts import Facts
from coopkg.findings import Finding, Tier
from coopkg.inference import Entailment
from coopkg.rdf import Literal, NamedNode, Quad, Triple, term_faults
from coopkg.reasoner import Inconsistency
from coopkg.repairs import Repairs
from coopkg.store import QuadStore

#: Raised by one when a change of this program changes what is entailed or judged; part of the manifest's `rules`.
PROGRAM_RULES = 6

_PORTION = 1_500
_DIRECTLY_WITHIN = f"{names.COOP}directlyWithin"
_NOT_A_NUMBER = (
    ("en", "this is no finite number of its datatype: write digits, with a point for decimals"),
    ("fr", "ce n'est pas un nombre fini de son type : écrivez des chiffres, et un point pour les décimales"),
)

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Rulebook:
    """What judges and infers.

    Args:
        shape_files: the shapes for curated data.
        reference_shape_files: those of them that apply to reference tables.
        rules: CONSTRUCT queries by name.
        locate: gives `file:line` of the blocks about an IRI, in all files or in that of a graph, or "".
        vouched: says whether a reference graph was judged whole before, byte for byte as it is.
    """

    shape_files: Sequence[Path]
    reference_shape_files: Sequence[Path]
    rules: Mapping[str, str]
    locate: Callable[[str, str], str]
    vouched: Callable[[str], bool]

    def identity(self) -> str:
        """Return a digest that changes when a judgement or an inference could."""
        total = hashlib.sha256(f"coopkg rules {PROGRAM_RULES}\n".encode())
        for path in self.shape_files:
            total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        for name, text in sorted(self.rules.items()):
            total.update(name.encode() + b"\0" + text.encode() + b"\0")
        return total.hexdigest()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found in a graph, gravest first.

    Args:
        shaped: what the shapes found, on top of which the next change can be judged; None when they were not asked.
    """

    findings: tuple[Finding, ...]
    shaped: Judgement | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change does to a graph.

    Args:
        remove, add: the quads that it names.
        gone, new: the triples, asserted and inferred, that held before and do not now, and the other way round.
        entailment: what follows after the change.
    """

    remove: Collection[Quad]
    add: Collection[Quad]
    gone: Collection[Triple]
    new: Collection[Triple]
    entailment: Entailment


class Judge:
    """Judges stores by a rulebook.

    Args:
        engine: who judges a graph: `compiled` shapes, or `pyshacl`, which takes ten times as long and says the same.
    Raises:
        InputError: a rule would make the engine call another server, or is not understood.
    """

    def __init__(self, rulebook: Rulebook, report: Report = lambda _: None, engine: str = "compiled") -> None:
        for name, text in rulebook.rules.items():
            try:
                guard.refuse_remote(text)
            except QueryError as fault:
                raise InputError(f"ontology/rules/{name}.rq: {fault}; a rule asks this graph alone") from fault
            rules.read(name, text)  # what is no rule is refused before anything is copied or judged
        self._rulebook = rulebook
        self._report = report
        self._engine = engine
        self._vocabulary: scope.Vocabulary | None = None

    def judge(
        self, store: QuadStore, tables: Collection[str] = (), entailed: Callable[[], Entailment] | None = None
    ) -> Verdict:
        """Return what is found in the curated graphs of a store, and in the reference tables that are named.

        Args:
            store: the graph as it would be published, without its inferred graph.
            tables: reference graphs to judge whole; those that are vouched for cost nothing.
            entailed: gives what the store entails; asked only once its terms are sound. None infers here what follows
                from the curated graphs and the reference nodes that they touch, which is all that is judged.
        """
        curated = [quad for graph in store.graphs() if _is_curated(graph) for quad in store.quads(graph)]
        ontology = list(store.quads(names.ONTOLOGY_GRAPH))
        touched = list(reference_nodes(store, curated))
        everywhere = [*curated, *ontology, *touched]
        scoped = [quad for quad in curated if scope.is_scoped(getattr(quad.graph_name, "value", ""))]
        if early := [
            *self._term_findings(everywhere),
            *self._number_findings(everywhere),
            *self._scope_findings(scope.foreign(scoped)),
        ]:
            self._report("the shapes were not asked yet: repair these first")
            return Verdict(tuple(early))
        entailment = entailed() if entailed else self.entailment(QuadStore.in_memory(everywhere))
        everything = {_triple(quad) for quad in everywhere}
        known = {term for triple in everything for term in (triple.subject, triple.object)}
        # What encloses ten thousand communes is judged as what the curated graphs say of it: without them.
        everything |= {triple for triple in entailment.about(known) if triple.object in known or _is_type(triple)}
        self._report(f"judging {len(everything):,} statements")
        self._vocabulary = scope.Vocabulary.of(ontology, self._rulebook.shape_files)
        found = list(self._scope_findings(scope.misspoken(scoped, self._vocabulary)))
        found += map(_contradiction, entailment.inconsistencies())
        shaped = self._shaped(everything) if self._engine == "compiled" else None
        found += shaped.findings() if shaped else self._found_by_pyshacl(everything)
        found += self.tables(store, [graph for graph in tables if not self._rulebook.vouched(graph)])
        return Verdict(tuple(map(self._located, found)), shaped)

    def judge_change(self, store: QuadStore, before: Judgement, change: Changed) -> Verdict:
        """Return what is found after a change of curated graphs, at a cost that follows the change.

        Args:
            store: the graph as it would be published, its inferred graph included.
            before: what the shapes found before the change, in a graph that was accepted.
            change: what was changed, neither in the ontology nor in reference tables.
        """
        scoped = [quad for quad in change.add if scope.is_scoped(getattr(quad.graph_name, "value", ""))]
        if early := [
            *self._term_findings(change.add),
            *self._number_findings(change.add),
            *self._scope_findings(scope.foreign(scoped)),
        ]:
            return Verdict(tuple(early))
        named = (quad.subject for quad in (*change.add, *change.remove) if isinstance(quad.subject, NamedNode))
        subjects = {subject.value for subject in named}
        about = [quad for subject in sorted(subjects) for quad in store.about(subject)]
        about = [quad for quad in about if scope.is_scoped(getattr(quad.graph_name, "value", ""))]
        found = list(self._scope_findings(scope.misspoken(about, self._words(store))))
        found += map(_contradiction, change.entailment.inconsistencies(change.new))
        facts = Facts(store)
        reach = self._shapes.reach(facts, change.gone, change.new)
        for part, why in reach.entire.items():
            self._report(f"judging all that {part} looks at: {why}")
        shaped = self._shapes.changed(before, reach, facts)
        found += shaped.findings()
        return Verdict(tuple(map(self._located, found)), shaped)

    def mended(self, store: QuadStore, findings: Iterable[Finding]) -> list[Finding]:
        """Return findings with what would mend them, where that is certain; see `coopkg.repairs`.

        Args:
            store: the graph in which they were found.
            findings: those that are to be shown.
        """
        return Repairs(store, self._shapes.shapes, self._words(store)).mended(findings)

    def _words(self, store: QuadStore) -> scope.Vocabulary:
        if self._vocabulary is None:
            ontology = store.quads(names.ONTOLOGY_GRAPH)
            self._vocabulary = scope.Vocabulary.of(ontology, self._rulebook.shape_files)
        return self._vocabulary

    def _found_by_pyshacl(self, triples: Iterable[Triple]) -> list[Finding]:
        from coopkg.validation import Shapes  # pySHACL is loaded only where it is to judge

        return Shapes(self._rulebook.shape_files).findings(triples)

    @cached_property
    def _shapes(self) -> CompiledShapes:
        return CompiledShapes.load(self._rulebook.shape_files)

    def _shaped(self, triples: Iterable[Triple]) -> Judgement:
        graph = NamedNode(names.INFERRED_GRAPH)
        quads = (Quad(triple.subject, triple.predicate, triple.object, graph) for triple in triples)
        return self._shapes.whole(Facts(QuadStore.in_memory(quads)))

    def entailment(self, store: QuadStore) -> Entailment:
        """Return what a store entails by the ontology in it and by the rules.

        Raises:
            InputError: an axiom or a rule is not understood.
        """
        self._report("inferring what follows")
        return Entailment(store, self._rulebook.rules)

    def tables(self, store: QuadStore, graphs: Sequence[str]) -> list[Finding]:
        """Return what is found in whole reference tables.

        They are judged as they are, without inference, a portion at a time: each node with what it points at and
        what points at it.
        """
        from coopkg.validation import Shapes  # pySHACL is loaded only where it is to judge

        found: list[Finding] = []
        if not graphs:
            return found
        shapes = Shapes(self._rulebook.reference_shape_files)
        classes = {_triple(quad) for quad in store.quads(names.ONTOLOGY_GRAPH)}
        nodes = sorted({_subject(quad) for graph in graphs for quad in store.quads(graph)})
        for begin in range(0, len(nodes), _PORTION):
            self._report(f"judging reference tables: {begin:,} of {len(nodes):,} nodes")
            portion = nodes[begin : begin + _PORTION]
            quads = [quad for node in portion for quad in store.about(node)]
            early = [*self._term_findings(quads), *self._number_findings(quads)]
            around = {quad.object.value for quad in quads if isinstance(quad.object, NamedNode)}
            quads += (quad for node in around.difference(portion) for quad in store.about(node))
            quads += (quad for node in portion for quad in store.toward(node))
            inside = set(portion)
            triples = {_triple(quad) for quad in quads} | classes
            found += early or [finding for finding in shapes.findings(triples) if finding.focus in inside]
        return found

    def _term_findings(self, quads: Iterable[Quad]) -> Iterator[Finding]:
        for quad in quads:
            for term, french, english in term_faults(quad):
                yield self._early(quad, "Term", term, (("en", english), ("fr", french)))

    def _number_findings(self, quads: Iterable[Quad]) -> Iterator[Finding]:
        for quad in inference.ill_typed(quads):
            yield self._early(quad, "Datatype", getattr(quad.object, "value", ""), _NOT_A_NUMBER)

    def _scope_findings(self, faults: Iterable[scope.Fault]) -> Iterator[Finding]:
        for quad, french, english in faults:
            value = getattr(quad.object, "value", "")
            yield self._early(quad, "Scope", value[:80], (("en", english), ("fr", french)))

    def _early(self, quad: Quad, component: str, value: str, messages: tuple[tuple[str, str], ...]) -> Finding:
        focus = _subject(quad)
        return Finding(
            tier=Tier.VIOLATION,
            focus=focus,
            messages=messages,
            component=component,
            path=names.short(quad.predicate.value),
            value=value,
            where=self._rulebook.locate(focus, getattr(quad.graph_name, "value", "")),
            focus_term=str(quad.subject),
            value_term=str(Literal(value) if isinstance(quad.object, Triple) else quad.object),
            path_term=str(quad.predicate),
        )

    def _located(self, finding: Finding) -> Finding:
        if finding.where:
            return finding
        return dataclasses.replace(finding, where=self._rulebook.locate(finding.focus, ""))


def _contradiction(found: Inconsistency) -> Finding:
    premises = " ; ".join(" ".join(map(_short, premise)) for premise in found.premises)
    messages = (
        ("en", f"these contradict each other, by the axiom {found.rule.name}: {premises}; correct one of them"),
        ("fr", f"ceci se contredit, selon l'axiome {found.rule.name} : {premises} ; corrigez l'un des deux"),
    )
    subject, predicate, _ = found.premises[0]
    return Finding(
        tier=Tier.VIOLATION,
        focus=getattr(subject, "value", str(subject)),
        messages=messages,
        component="Inconsistency",
        path=_short(predicate),
        focus_term=str(subject),
        path_term=str(predicate) if isinstance(predicate, NamedNode) else "",
    )


def _short(term: object) -> str:
    return names.short(term.value) if isinstance(term, NamedNode) else str(term)


def _is_type(triple: Triple) -> bool:
    return triple.predicate.value == f"{names.RDF}type"


def _triple(quad: Quad) -> Triple:
    return Triple(quad.subject, quad.predicate, quad.object)


def _subject(quad: Quad) -> str:
    return getattr(quad.subject, "value", str(quad.subject))


def _is_curated(graph: str) -> bool:
    return not (names.is_reference(graph) or names.is_derived(graph) or graph == names.ONTOLOGY_GRAPH)


def reference_nodes(store: QuadStore, curated: Iterable[Quad]) -> Iterator[Quad]:
    """Yield what the reference tables say of the nodes that curated statements point at, and of what encloses them."""
    waiting = {quad.object.value for quad in curated if isinstance(quad.object, NamedNode)}
    seen: set[str] = set()
    while waiting:
        iri = waiting.pop()
        seen.add(iri)
        for quad in store.about(iri):
            graph = getattr(quad.graph_name, "value", "")
            if not names.is_reference(graph) or graph == names.GEOMETRIES_GRAPH:
                continue
            yield quad
            if (
                quad.predicate.value == _DIRECTLY_WITHIN
                and isinstance(quad.object, NamedNode)
                and quad.object.value not in seen
            ):
                waiting.add(quad.object.value)
