"""The judge by compiled shapes: of a whole graph, or of what a change can reach.

Shapes are compiled once: to queries that screen a graph (`screens`), to automata that say what a change reaches
(`reach`), and to checks of nodes (`examination`), which decide in both cases. Asks; writes nothing.

How a gate uses it, with `shapes = CompiledShapes.load(files)`:

    known = shapes.whole(Facts(store))                          # once, and after each change of shapes or ontology
    facts = Facts(store)                                        # after a change was applied to the store
    reach = shapes.reach(facts, gone, new)
    again = shapes.rejudged(known, reach, facts)                # judges what was reached
    known.apply(again)                                          # once the change is accepted
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from coopkg import lint, names, shacl
from coopkg.constraints import Ask, Pattern, Shape, Sparql, Term
from coopkg.errors import InputError, QueryError
from coopkg.examination import Examination, Result
from coopkg.facts import Facts
from coopkg.findings import Finding, Tier, ordered
from coopkg.focus import FocusNodes, is_target, named_iri
from coopkg.lint import Lint, ShapeFile
from coopkg.paths import shown, turtle
from coopkg.places import Places
from coopkg.rdf import Literal, NamedNode, Triple, read_quads
from coopkg.reach import Reach, Reaches
from coopkg.screens import Part, parts, screens
from coopkg.shapegraph import ShapeGraph
from coopkg.store import QuadStore, normalised

#: How many nodes a walk back from a change may pass, for each shape.
FAN_IN = 10_000
_AT_ONCE = 2_000
#: A walk back from suspects may pass so many times the number of focus nodes before all of these are examined.
_WORTH_A_WALK = 4
#: Told how many (shape, node) pairs are judged, and how many there are.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found in a graph: the results by part and focus node, where there are any."""

    results: dict[Part, dict[Term, Sequence[Result]]] = field(default_factory=dict)

    def every(self) -> list[Result]:
        """Return all results, one for each part that gave it."""
        return [result for nodes in self.results.values() for several in nodes.values() for result in several]

    def findings(self) -> list[Finding]:
        """Return the findings and the details of those of sh:node, gravest first, each once."""
        return ordered(self.told())

    def told(self) -> list[Finding]:
        """Return the same in no order, as often as parts and details tell each."""
        return list(map(_finding, _with_details(self.every())))

    def apply(self, change: Rejudgement) -> None:
        """Become what is found after a change, at a cost that follows the change."""
        for part, nodes in change.gone.results.items():
            kept = self.results[part]
            for node in nodes:
                del kept[node]
            if not kept:
                del self.results[part]
        for part, fresh in change.new.results.items():
            self.results.setdefault(part, {}).update(fresh)


@dataclass(frozen=True, slots=True)
class Rejudgement:
    """What a change does to what is found: the results of what was judged again, as they were and as they are."""

    gone: Judgement
    new: Judgement


def shapes_in(files: Sequence[Path]) -> tuple[Shape, ...]:
    """Return the shapes of some files.

    Raises:
        InputError: a file cannot be read, shapes cannot be compiled, or the lint refuses them; lists all.
    """
    return _linted(files)[0]


class CompiledShapes:
    """Shapes, compiled once.

    Args:
        many: from how many focus nodes on the values of a property are scanned, not looked up node by node.
        hints: what the lint tells of them.
    Raises:
        InputError: some cannot be compiled; lists them with the reasons.
    """

    def __init__(self, shapes: Sequence[Shape], many: int = 1_000, hints: Sequence[str] = ()) -> None:
        self._check(shapes)
        self.hints = tuple(hints)
        self.shapes = tuple(shapes)
        self._many = many
        self.parts = tuple(parts(shapes))
        self._reaches = Reaches(self.parts)

    @classmethod
    def load(cls, files: Sequence[Path]) -> CompiledShapes:
        """Return the shapes of some files, compiled.

        Raises:
            InputError: see `shapes_in`.
        """
        shapes, hints = _linted(files)
        return cls(shapes, hints=hints)

    def whole(self, facts: Facts, progress: Progress = lambda done, of: None) -> Judgement:
        """Return what is found in a whole graph.

        Raises:
            InputError: see `Examination.results`.
        """
        return self._judged(facts, dict.fromkeys(self.parts), progress)

    def reach(self, facts: Facts, gone: Iterable[Triple], new: Iterable[Triple], bound: int = FAN_IN) -> Reach:
        """Return what a change can reach: see `coopkg.reach.Reaches.of`."""
        return self._reaches.of(gone, new, facts, bound)

    def pairs(self, reach: Reach, facts: Facts) -> int:
        """Return how many (shape, node) pairs would be judged for what a change reaches."""
        return sum(self._sizes(reach, facts).values())

    def cause(self, reach: Reach, facts: Facts, changed: Iterable[Triple]) -> str:
        """Return why a change reaches as far as it does: the part with the most pairs, and what leads there."""
        sizes = self._sizes(reach, facts)
        part = max(sizes, key=lambda part: sizes[part])
        why = reach.entire.get(part, "")
        if found := self._reaches.heaviest(part.shape, changed, facts, FAN_IN):
            (subject, predicate, value), count = found
            # A change of many statements has no single cause: each reaches little.
            if count * 2 > min(sizes[part], FAN_IN):
                shown = " ".join(map(_shown, (subject, predicate, value)))
                more = "more than " if count == FAN_IN else ""
                return f"{more}{count:,} focus nodes of {part.shape.name} depend on the statement {shown}"
        return f"{part.shape.name} has {sizes[part]:,} focus nodes to judge: {why or 'the change touches as many'}"

    def _sizes(self, reach: Reach, facts: Facts) -> dict[Part, int]:
        focus = FocusNodes(facts)
        sizes = {part: len(nodes) for part, nodes in reach.pairs.items()}
        return {**sizes, **{part: focus.count(part.root) for part in reach.entire}}

    def rejudged(
        self, known: Judgement, reach: Reach, facts: Facts, progress: Progress = lambda done, of: None
    ) -> Rejudgement:
        """Return what a change does to what is found in a graph.

        Args:
            known: what was found before it.
            reach: what the change reaches. Its `entire` parts are judged on the whole graph, which may take long.
            facts: the graph after the change.
        """
        again = self._judged(facts, {**reach.pairs, **dict.fromkeys(reach.entire)}, progress)
        gone = {part: dict(known.results[part]) for part in reach.entire if part in known.results}
        for part, nodes in reach.pairs.items():
            before = known.results.get(part, {})
            if part not in reach.entire and (found := {node: before[node] for node in nodes if node in before}):
                gone[part] = found
        return Rejudgement(Judgement(gone), again)

    def _judged(self, facts: Facts, nodes: Mapping[Part, Collection[Term] | None], progress: Progress) -> Judgement:
        """Judge parts at some nodes; where these are None, at all that the screens let through."""
        focus = FocusNodes(facts)
        examination = Examination(facts, gathers=None in nodes.values())
        sizes = {part: focus.count(part.root) if given is None else len(given) for part, given in nodes.items()}
        results: dict[Part, dict[Term, Sequence[Result]]] = {}
        done, total = 0, sum(sizes.values())
        for part, given in nodes.items():
            progress(done, total)
            if given is None:
                chosen = self._screened(part, facts, focus)
            else:
                chosen = [node for node in given if is_target(part.root, node, facts)]
            found: dict[Term, Sequence[Result]] = {}
            for begin in range(0, len(chosen), _AT_ONCE):
                found |= examination.results(part.shape, chosen[begin : begin + _AT_ONCE])
                progress(done + min(begin, sizes[part]), total)
            if found:
                results[part] = found
            done += sizes[part]
        progress(total, total)
        return Judgement(results)

    def _screened(self, part: Part, facts: Facts, focus: FocusNodes) -> list[Term]:
        count = focus.count(part.root)
        many = count >= self._many
        if many:
            for target in part.root.targets:
                if target.kind == "Class":
                    facts.gather(named_iri(target))
        found = dict.fromkeys(focus.named(part.root))
        for screen in screens(part, facts.subclasses, many=many):
            _, rows = facts.rows(screen.query)
            suspects = dict.fromkeys(row[0] for row in rows if row[0] is not None)
            origins = facts.origins(suspects, screen.way, _WORTH_A_WALK * count)
            if origins is None:  # a level of territory, seen from few of all territories
                return focus.all(part.root)
            found |= {node: None for node in origins if node not in found and is_target(part.root, node, facts)}
        return list(found)

    def _check(self, shapes: Sequence[Shape]) -> None:
        """Ask the engine whether it understands every query and every regular expression."""
        engine = QuadStore.in_memory()
        faults = []
        for shape in shapes:
            for constraint in shape.constraints:
                if isinstance(constraint, Sparql | Ask):
                    try:
                        engine.solutions(constraint.query)
                    except QueryError as fault:
                        faults.append(f"shapes/: {shape.name}: its query: {fault}")
                elif isinstance(constraint, Pattern):
                    regex = f"{Literal(constraint.regex)}, {Literal(constraint.flags)}"
                    _, rows = engine.solutions(f'SELECT (REGEX("", {regex}) AS ?is) {{}}')
                    if next(iter(rows))[0] is None:
                        faults.append(
                            f"shapes/: {shape.name}: sh:pattern: {constraint.regex!r} is no regular expression"
                        )
        if faults:
            raise InputError("\n".join(faults))


def _read(path: Path) -> ShapeFile:
    shown = f"shapes/{path.name}"
    if not (quads := read_quads(path, shown)):
        raise InputError(f"{shown}: holds no shape; restore the file, or delete it if its shapes must go")
    return ShapeFile(
        shown,
        [quad.triple for quad in normalised(quads)],
        Places.of(path.read_text(encoding="utf-8", errors="replace"), shown),
    )


def _linted(files: Sequence[Path]) -> tuple[tuple[Shape, ...], list[str]]:
    """Return the shapes of some files, and what the lint tells of them; raise what it refuses."""
    read = [_read(path) for path in files]
    places: dict[Term, str] = {}
    for file in read:
        blocks, triples = file.places.blocks, file.triples
        iris = (triple.subject for triple in triples if isinstance(triple.subject, NamedNode))
        places |= {iri: blocks.get(iri.value, file.shown) for iri in iris}
    unknown = lint.unknown_terms(read)
    faults = list(dict.fromkeys(unknown.values()))
    graph = [triple for file in read for triple in file.triples if triple not in unknown]
    try:
        shapes = shacl.read(graph, places)
        linted = Lint(shapes, ShapeGraph(graph, places), places)
        faults += linted.refusals()
    except InputError as fault:
        raise InputError("\n".join([*faults, *str(fault).splitlines()])) from fault
    if faults:
        raise InputError("\n".join(faults))
    return shapes, linted.hints()


def _with_details(results: Iterable[Result]) -> Iterator[Result]:
    for result in results:
        yield result
        yield from _with_details(result.details)


def _finding(result: Result) -> Finding:
    return Finding(
        tier=Tier(result.shape.severity.rpartition("#")[2]),
        focus=_text(result.focus),
        messages=_messages(result),
        shape=result.shape.node.value if isinstance(result.shape.node, NamedNode) else "",
        component=result.component,
        path="" if result.path is None else shown(result.path),
        value="" if result.value is None else _text(result.value),
        focus_term=str(result.focus),
        value_term="" if result.value is None else str(result.value),
        path_term="" if result.path is None else turtle(result.path),
    )


def _messages(result: Result) -> tuple[tuple[str, str], ...]:
    texts: dict[str, str] = {}
    for text in (*result.shape.messages, *result.messages):
        texts.setdefault(text.language or "en", text.value)
    if not texts:
        texts = {
            "en": f"the value does not satisfy sh:{result.component}",
            "fr": f"la valeur ne satisfait pas sh:{result.component}",
        }
    return tuple(sorted(texts.items()))


def _shown(term: Term) -> str:
    return names.short(term.value) if isinstance(term, NamedNode) else str(term)


def _text(term: Term) -> str:
    return getattr(term, "value", str(term))
