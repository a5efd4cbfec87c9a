"""The judgement of a graph: what it entails, and what the shapes find in it. Decides; writes nothing.

The curated graphs are judged together with the reference nodes that they touch. When a reference table comes or changes
and nothing vouches for it, the whole graph is judged; `coopkg vouch` does that once and records it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from coopkg import guard, inference, names, rules, scope
from coopkg.compiled import CompiledShapes, Judgement, Progress, Rejudgement
from coopkg.content import Content
from coopkg.datalog import Inconsistency
from coopkg.errors import InputError, QueryError, TooFarReaching
from coopkg.facts import Facts
from coopkg.findings import Finding, Tier, ordered
from coopkg.inference import Entailment
from coopkg.likeness import Named, Register, said_by
from coopkg.rdf import Literal, NamedNode, Quad, Triple, term_faults
from coopkg.repairs import Repairs
from coopkg.store import QuadStore

#: Raised by one when a change of this program changes what is entailed or judged; part of the manifest's `rules`.
PROGRAM_RULES = 8
#: How many (shape, node) pairs may be judged while others wait for the lock: less than a second (docs/benchmarks.md).
MOST_PAIRS = 20_000

_PROGRESS_S = 0.5
_SHAPES_SHOWN = 3
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
        shape_files: the shapes.
        rules: CONSTRUCT queries by name.
        locate: gives `file:line` of the blocks about an IRI, in all files or in that of a graph, or "".
        vouched: says whether a reference graph was judged before, byte for byte as it is.
    """

    shape_files: Sequence[Path]
    rules: Mapping[str, str]
    locate: Callable[[str, str], str]
    vouched: Callable[[str], bool]

    @classmethod
    def of(cls, content: Content) -> Rulebook:
        """Return the rulebook of a content folder."""
        return cls(content.shapes(), content.rules(), content.locate, content.vouched)

    def identity(self) -> str:
        """Return a digest that changes when a judgement or an inference could."""
        total = hashlib.sha256(f"coopkg rules {PROGRAM_RULES}\n".encode())
        for path in self.shape_files:
            total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        for name, text in sorted(self.rules.items()):
            total.update(name.encode() + b"\0" + text.encode() + b"\0")
        return total.hexdigest()


@dataclass(slots=True)
class Judged:
    """What was found in a graph, as far as the next change can be judged on top of it.

    Args:
        shaped: what the shapes found.
        named: what is named there, and could be named twice.
        alike: the findings about what may be named twice, by the resource that each is about.
    """

    shaped: Judgement = field(default_factory=Judgement)
    named: Register = field(default_factory=Register)
    alike: dict[str, tuple[Finding, ...]] = field(default_factory=dict)

    def findings(self) -> list[Finding]:
        """Return all of it, as often as it is told."""
        return [*self.shaped.told(), *itertools.chain(*self.alike.values())]

    def apply(self, change: Rejudged) -> None:
        """Become what is found after a change, at a cost that follows the change."""
        self.shaped.apply(change.shaped)
        self.named = change.named
        for iri in change.alike_gone:
            del self.alike[iri]
        self.alike.update(change.alike_new)


@dataclass(frozen=True, slots=True)
class Rejudged:
    """What a change does to what was found; see `Judged` and `coopkg.compiled.Rejudgement`."""

    shaped: Rejudgement
    named: Register
    alike_gone: Mapping[str, tuple[Finding, ...]]
    alike_new: Mapping[str, tuple[Finding, ...]]

    def gone(self) -> list[Finding]:
        """Return what was found before the change where it was judged again, as often as it was told."""
        return [*self.shaped.gone.told(), *itertools.chain(*self.alike_gone.values())]

    def new(self) -> list[Finding]:
        """Return what is found there after the change, in the same way."""
        return [*self.shaped.new.told(), *itertools.chain(*self.alike_new.values())]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found, gravest first: in a whole graph, or where a change reaches.

    Args:
        judged: after a whole judgement, on top of which changes can be judged; None when the compiled shapes were not
            asked.
        change: after the judgement of a change; None when the shapes were not asked.
    """

    findings: tuple[Finding, ...]
    judged: Judged | None = None
    change: Rejudged | None = None


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
            store: the graph as it would be published.
            tables: reference graphs that have to be judged: then the whole graph is, with what it entails. Those that
                are vouched for cost nothing.
            entailed: gives what the store entails, and writes it into its inferred graph; asked only once its terms
                are sound. None infers here what follows from what is judged.
        """
        tables = [graph for graph in tables if not self._rulebook.vouched(graph)]
        curated = [quad for graph in store.graphs() if is_curated(graph) for quad in store.quads(graph)]
        ontology = list(store.quads(names.ONTOLOGY_GRAPH))
        everywhere = [*curated, *ontology, *reference_nodes(store, curated)]
        stated = [*everywhere, *(quad for table in tables for quad in store.quads(table))]
        scoped = [quad for quad in curated if scope.is_scoped(getattr(quad.graph_name, "value", ""))]
        if early := [
            *self._term_findings(stated),
            *self._number_findings(stated),
            *self._scope_findings(scope.foreign(scoped)),
        ]:
            self._report("the shapes were not asked yet: repair these first")
            return Verdict(self.located(early))
        entailment = entailed() if entailed else self._entailed(store, everywhere, tables)
        self._vocabulary = scope.Vocabulary.of(ontology, self._rulebook.shape_files)
        found = list(self._scope_findings(scope.misspoken(scoped, self._vocabulary)))
        found += map(_contradiction, entailment.inconsistencies())
        judged = _about(everywhere, entailment)
        register = registered(judged)
        known = Judged(self._found_in(store, judged, tables), register, _alike(register, register.every()))
        found += known.findings()
        found += [] if self._is_compiled(tables) else self._found_by_pyshacl(judged)
        return Verdict(self.located(found), judged=known if self._is_compiled(tables) else None)

    def _is_compiled(self, tables: Collection[str]) -> bool:
        """Whether the compiled shapes are asked; a whole graph is too large for the other engine."""
        return self._engine == "compiled" or bool(tables)

    def _found_in(self, store: QuadStore, judged: Collection[Triple], tables: Collection[str]) -> Judgement:
        if tables:
            self._report("judging the whole graph")
            return self._shapes.whole(Facts(store), self._progress())
        self._report(f"judging {len(judged):,} statements")
        return self._shaped(judged) if self._is_compiled(tables) else Judgement()

    def _entailed(self, store: QuadStore, everywhere: Sequence[Quad], tables: Collection[str]) -> Entailment:
        if not tables:
            return self.entailment(QuadStore.in_memory(everywhere))
        entailment = self.entailment(store)
        graph = NamedNode(names.INFERRED_GRAPH)
        store.change((), [Quad(one.subject, one.predicate, one.object, graph) for one in entailment.triples()])
        return entailment

    def judge_change(self, store: QuadStore, before: Judged, change: Changed, most_pairs: int | None = None) -> Verdict:
        """Return what is found after a change of graphs, at a cost that follows the change.

        Args:
            store: the graph as it would be published, its inferred graph included.
            before: what was found before the change, in a graph that was accepted.
            change: what was changed.
            most_pairs: how many (shape, node) pairs may be judged, for who must not take long; None sets no bound, and
                the progress is reported.
        Raises:
            TooFarReaching: more would have to be judged; nothing was.
        """
        scoped = [quad for quad in change.add if scope.is_scoped(getattr(quad.graph_name, "value", ""))]
        if early := [
            *self._term_findings(change.add),
            *self._number_findings(change.add),
            *self._scope_findings(scope.foreign(scoped)),
        ]:
            return Verdict(self.located(early))
        named = (quad.subject for quad in (*change.add, *change.remove) if isinstance(quad.subject, NamedNode))
        subjects = {subject.value for subject in named}
        about = [quad for subject in sorted(subjects) for quad in store.about(subject)]
        about = [quad for quad in about if scope.is_scoped(getattr(quad.graph_name, "value", ""))]
        found = list(self._scope_findings(scope.misspoken(about, self._words(store))))
        found += map(_contradiction, change.entailment.inconsistencies(change.new))
        facts = Facts(store)
        reach = self._shapes.reach(facts, change.gone, change.new)
        if most_pairs is not None and (pairs := self._shapes.pairs(reach, facts)) > most_pairs:
            raise TooFarReaching(pairs, most_pairs, self._shapes.cause(reach, facts, [*change.gone, *change.new]))
        for why in dict.fromkeys(reach.entire.values()):
            reached = sorted({part.shape.name for part, said in reach.entire.items() if said == why})
            self._report(f"judging all that {_listed(reached)} look at: {why}")
        shaped = self._shapes.rejudged(before.shaped, reach, facts, self._progress())
        again = Rejudged(shaped, *_alike_after(before, subjects, facts))
        return Verdict(self.located([*found, *again.new()]), change=again)

    def located(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Return findings with the lines where files speak of what they are about, gravest first."""
        return tuple(ordered(map(self._located, findings)))

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
        shapes = CompiledShapes.load(self._rulebook.shape_files)
        for hint in shapes.hints:
            self._report(hint)
        return shapes

    def _progress(self) -> Progress:
        """Return what reports how far a judgement has come, not more often than every half second."""
        last = time.monotonic()

        def progress(done: int, of: int) -> None:
            nonlocal last
            if time.monotonic() - last >= _PROGRESS_S:
                self._report(f"judging {done:,} of {of:,} (shape, node) pairs")
                last = time.monotonic()

        return progress

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


def _about(quads: Iterable[Quad], entailment: Entailment) -> set[Triple]:
    """Return statements with what follows about their nodes."""
    triples = {_triple(quad) for quad in quads}
    known = {term for triple in triples for term in (triple.subject, triple.object)}
    # What encloses ten thousand communes is judged as what the curated graphs say of it: without them.
    return triples | {one for one in entailment.about(known) if one.object in known or _is_type(one)}


def _listed(shapes: Sequence[str]) -> str:
    shown = ", ".join(shapes[:_SHAPES_SHOWN])
    return shown if len(shapes) <= _SHAPES_SHOWN else f"{shown} and {len(shapes) - _SHAPES_SHOWN} more"


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


def _alike(register: Register, chosen: Iterable[Named]) -> dict[str, tuple[Finding, ...]]:
    """Return the findings about some of what is named, where it may be the same as another; by what they are about."""
    found = {named.iri: tuple(_likeness(named, *other) for other in register.like(named)) for named in chosen}
    return {iri: several for iri, several in found.items() if several}


def registered(triples: Iterable[Triple]) -> Register:
    """Return what some triples name, as far as it could be named twice."""
    return Register(Named.of(*named) for named in said_by(map(_texts, triples)).items())


def named_now(subjects: Iterable[str], facts: Facts) -> list[Named]:
    """Return what some subjects are named in a graph; without a name where they are not of a kind that is compared."""
    said = {iri: said_by(map(_texts, facts.leaving(NamedNode(iri)))).get(iri, ()) for iri in subjects}
    return [Named.of(iri, pairs) for iri, pairs in said.items()]


def _alike_after(
    before: Judged, subjects: Iterable[str], facts: Facts
) -> tuple[Register, Mapping[str, tuple[Finding, ...]], Mapping[str, tuple[Finding, ...]]]:
    """Return what is named after a change, and the findings about what it may change, as they were and as they are."""
    fresh = named_now(subjects, facts)
    register = before.named.with_changed(fresh)
    changed = {named.iri for named in fresh}
    again = changed.union(*(known.near(iri) for iri in changed for known in (before.named, register)))
    gone = {iri: before.alike[iri] for iri in again if iri in before.alike}
    return register, gone, _alike(register, filter(None, map(register.get, again)))


def _likeness(named: Named, other: Named, shared: str) -> Finding:
    by_name = shared.endswith("prefLabel")
    english, french = ("name", "nom") if by_name else (names.short(shared), names.short(shared))
    messages = (
        (
            "en",
            f"may be <{other.iri}> ({other.label}), which has the same {english}: use that IRI, or run 'coopkg merge'; "
            "if they are two, state a territory, a homepage or an identifier of each",
        ),
        (
            "fr",
            f"c'est peut-être <{other.iri}> ({other.label}), qui a le même {french} : employez cet IRI, ou lancez "
            "« coopkg merge » ; si ce sont deux choses, écrivez le territoire, le site ou un identifiant de chacune",
        ),
    )
    return Finding(Tier.WARNING, named.iri, messages, "", "Likeness", names.short(shared), other.iri)


def _texts(triple: Triple) -> tuple[str, str, str]:
    subject, predicate, value = triple
    return _text(subject), predicate.value, _text(value)


def _text(term: object) -> str:
    return getattr(term, "value", str(term))


def _short(term: object) -> str:
    return names.short(term.value) if isinstance(term, NamedNode) else str(term)


def _is_type(triple: Triple) -> bool:
    return triple.predicate.value == f"{names.RDF}type"


def _triple(quad: Quad) -> Triple:
    return Triple(quad.subject, quad.predicate, quad.object)


def _subject(quad: Quad) -> str:
    return getattr(quad.subject, "value", str(quad.subject))


def is_curated(graph: str) -> bool:
    """Return whether a named graph is judged: it is neither a reference table, nor derived, nor the ontology."""
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
