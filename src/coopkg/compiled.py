"""The judge by compiled shapes: of a whole graph, or of what a change can reach.

Shapes are compiled once: to queries that screen a graph (`screens`), to automata that say what a change reaches
(`reach`), and to checks of nodes (`examination`), which decide in both cases. Asks; writes nothing.

How a gate uses it, with `shapes = CompiledShapes.load(files)`:

    known = shapes.whole(Facts(store))                          # once, and after each change of shapes or ontology
    facts = Facts(store)                                        # after a change was applied to the store
    reach = shapes.reach(facts, gone, new)
    known = shapes.changed(known, reach, facts)                 # judges what was reached, keeps the rest
    known.findings()
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from coopkg import shacl
from coopkg.errors import InputError, QueryError
from coopkg.examination import Examination, Result
from coopkg.facts import Facts
from coopkg.findings import Finding, Tier, ordered
from coopkg.paths import shown, turtle
from coopkg.rdf import Literal, NamedNode, Triple, read_quads
from coopkg.reach import Reach, Reaches, is_target
from coopkg.screens import FOCUS, Part, parts, screens, targets
from coopkg.shacl import Pattern, Shape, Sparql, Term
from coopkg.store import QuadStore, normalised

#: How many nodes a walk back from a change may pass, for each shape.
FAN_IN = 10_000
#: Told how many parts are judged, and how many there are.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found in a graph: the results by part and focus node."""

    results: Mapping[Part, Mapping[Term, Sequence[Result]]]

    def every(self) -> list[Result]:
        """Return all results, one for each part that gave it."""
        return [result for nodes in self.results.values() for several in nodes.values() for result in several]

    def findings(self) -> list[Finding]:
        """Return the findings and the details of those of sh:node, gravest first, each once."""
        return ordered(_finding(result) for result in _with_details(self.every()))


class CompiledShapes:
    """Shapes, compiled once.

    Args:
        many: from how many focus nodes on the values of a property are scanned, not looked up node by node.
    Raises:
        InputError: some cannot be compiled; lists them with the reasons.
    """

    def __init__(self, shapes: Sequence[Shape], many: int = 1_000) -> None:
        self._check(shapes)
        self.shapes = tuple(shapes)
        self._many = many
        self.parts = tuple(parts(shapes))
        self._reaches = Reaches(self.parts)

    @classmethod
    def load(cls, files: Sequence[Path]) -> CompiledShapes:
        """Return the shapes of some files.

        Raises:
            InputError: a file cannot be read, or shapes cannot be compiled or do what the lint forbids; lists all.
        """
        places: dict[Term, str] = {}
        quads = []
        for path in files:
            place = f"shapes/{path.name}"
            if not (read := read_quads(path, place)):
                raise InputError(f"{place}: holds no shape; restore the file, or delete it if its shapes must go")
            places |= {quad.subject: place for quad in read}
            quads += read
        shapes = shacl.read((quad.triple for quad in normalised(quads)), places)
        if faults := shacl.lint(shapes):
            raise InputError("\n".join(f"shapes/: {fault}" for fault in faults))
        return cls(shapes)

    def whole(self, facts: Facts, progress: Progress = lambda done, of: None) -> Judgement:
        """Return what is found in a whole graph.

        Raises:
            InputError: see `Examination.results`.
        """
        return self._judged(facts, dict.fromkeys(self.parts), progress)

    def reach(self, facts: Facts, gone: Iterable[Triple], new: Iterable[Triple], bound: int = FAN_IN) -> Reach:
        """Return what a change can reach: see `coopkg.reach.Reaches.of`."""
        return self._reaches.of(gone, new, facts, bound)

    def changed(
        self, known: Judgement, reach: Reach, facts: Facts, progress: Progress = lambda done, of: None
    ) -> Judgement:
        """Return what is found in a graph after a change.

        Args:
            known: what was found before it.
            reach: what the change reaches. Its `entire` parts are judged on the whole graph, which may take long.
            facts: the graph after the change.
        """
        again = self._judged(facts, {**reach.pairs, **dict.fromkeys(reach.entire)}, progress)
        results = dict(known.results)
        for part in {**reach.pairs, **reach.entire}:
            kept = {} if part in reach.entire else dict(known.results.get(part, {}))
            for node in reach.pairs.get(part, ()):
                kept.pop(node, None)
            results[part] = {**kept, **again.results.get(part, {})}
        return Judgement({part: found for part, found in results.items() if found})

    def _judged(self, facts: Facts, nodes: Mapping[Part, Iterable[Term] | None], progress: Progress) -> Judgement:
        """Judge parts at some nodes; where these are None, at all that the screens let through."""
        examination = Examination(facts)
        results: dict[Part, Mapping[Term, Sequence[Result]]] = {}
        for number, (part, given) in enumerate(nodes.items()):
            progress(number, len(nodes))
            if given is None:
                chosen = self._screened(part, facts)
            else:
                chosen = [node for node in given if is_target(part.root, node, facts)]
            if found := examination.results(part.shape, chosen):
                results[part] = found
        progress(len(nodes), len(nodes))
        return Judgement(results)

    def _screened(self, part: Part, facts: Facts) -> list[Term]:
        found: dict[Term, None] = {target.term: None for target in part.root.targets if target.kind == "Node"}
        for screen in screens(part, facts.subclasses, many=self._has_many(part.root, facts)):
            _, rows = facts.rows(screen.query)
            suspects = dict.fromkeys(row[0] for row in rows if row[0] is not None)
            for node in facts.origins(suspects, screen.way):
                if node not in found and is_target(part.root, node, facts):
                    found[node] = None
        return list(found)

    def _has_many(self, root: Shape, facts: Facts) -> bool:
        pattern = targets(root, facts.subclasses)
        return bool(pattern) and len(facts.rows(f"SELECT {FOCUS} {{ {pattern} }} LIMIT {self._many}")[1]) == self._many

    def _check(self, shapes: Sequence[Shape]) -> None:
        """Ask the engine whether it understands every query and every regular expression."""
        engine = QuadStore.in_memory()
        faults = []
        for shape in shapes:
            for constraint in shape.constraints:
                if isinstance(constraint, Sparql):
                    try:
                        engine.solutions(constraint.query)
                    except QueryError as fault:
                        faults.append(f"shapes/: {shape.name}: sh:select: {fault}")
                elif isinstance(constraint, Pattern):
                    regex = f"{Literal(constraint.regex)}, {Literal(constraint.flags)}"
                    _, rows = engine.solutions(f'SELECT (REGEX("", {regex}) AS ?is) {{}}')
                    if next(iter(rows))[0] is None:
                        faults.append(
                            f"shapes/: {shape.name}: sh:pattern: {constraint.regex!r} is no regular expression"
                        )
        if faults:
            raise InputError("\n".join(faults))


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


def _text(term: Term) -> str:
    return getattr(term, "value", str(term))
