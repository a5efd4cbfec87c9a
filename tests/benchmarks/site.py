"""What the search index costs, and how long pages wait for it: over the real graph, and over a made-up one."""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.made_up import Country, Project
from tests.told import Held
from tests.web.conftest import in_process, unbounded
from tests.web.held import browsing

from coopkg import names
from coopkg.graph import Graph
from coopkg.index import Index, Wanted
from coopkg.index.entries import KINDS
from coopkg.rdf import Literal, NamedNode, Quad
from coopkg.settings import Settings, load
from coopkg.store import QuadStore
from coopkg.web.app import create_app

_SIZE = 1_000_000
_PROJECTS_AT_ONCE = 1_000
_REPEATS = 100
_CHANGES = 50
_IDS = f"{names.BASE}id/"
_GRAPH = NamedNode(f"{names.GRAPH}synthetic")
_INFERRED = NamedNode(names.INFERRED_GRAPH)
_DIRECTLY = NamedNode(f"{names.COOP}directlyWithin")
_FOLLOWS = {
    _DIRECTLY: NamedNode(f"{names.COOP}within"),
    NamedNode(f"{names.COOP}coversTerritory"): NamedNode(f"{names.COOP}locatedIn"),
}
_WORDS = ("projet", "document", "organisation", "territoire", "habitants", "programme", "projets 12", "organisasion")


def rows(state: Path) -> Iterator[tuple[str, str]]:
    """Yield what was measured over the published graph of a state folder, then over a made-up one."""
    store, manifest = Graph.open(load({"state": state}, {})).current()
    index = Index()
    index.build(store, manifest.revision)
    size = manifest.asserted + manifest.inferred
    yield from _measured(
        f"the published graph, {size:,} triples", index, ("coopération", "paris", "saint", "evaluasion")
    )
    index.close()
    with tempfile.TemporaryDirectory() as folder:
        yield from _made_up(Path(folder) / "store")


def _made_up(folder: Path) -> Iterator[tuple[str, str]]:
    country, places, store, index = Country(seed=6), _Places(), QuadStore.create(folder), Index()
    held = 0
    while held < _SIZE:
        some = [quad for _ in range(_PROJECTS_AT_ONCE) for quad in places.quads(country.project())]
        store.change((), some)
        held += len(some)
    themes = {quad.object for quad in store.stating(None, NamedNode(f"{names.COOP}theme"), None)}
    store.change((), [quad for theme in themes if isinstance(theme, NamedNode) for quad in _described(theme)])
    index.build(store, 1)
    what = f"{_SIZE:,} made-up triples"
    yield from _measured(what, index, _WORDS)
    times, written = [], []
    for revision in range(2, 2 + _CHANGES):
        added = list(places.quads(country.project()))
        store.change((), added)
        began = time.perf_counter()
        written.append(index.update(store, (), added, revision))
        times.append(time.perf_counter() - began)
    yield from _pages(what, store, index)
    most = f"{statistics.median(written):.0f} entries written, at most {max(written)}"
    yield f"index of {what}: one project more", f"{_told(times)}; {most}"
    index.close()
    store.close()


def _described(theme: NamedNode) -> Iterator[Quad]:
    said: dict[str, NamedNode | Literal] = {
        f"{names.RDF}type": NamedNode(f"{names.SKOS}Concept"),
        f"{names.SKOS}inScheme": NamedNode(f"{names.BASE}scheme/theme"),
        f"{names.SKOS}prefLabel": Literal(theme.value.rpartition("/")[2], language="fr"),
    }
    yield from (Quad(theme, NamedNode(predicate), value, _GRAPH) for predicate, value in said.items())


def _measured(what: str, index: Index, asked: Sequence[str]) -> Iterator[tuple[str, str]]:
    entries = index.gauges()["index_entries"]
    yield f"index of {what}", f"{entries:,.0f} entries in {index.seconds:.1f} s"
    yield f"index of {what}: search", _told(_times(lambda dice: index.overview(dice.choice(asked), "fr")))
    yield f"index of {what}: suggestions", _told(_times(lambda dice: index.suggestions(_typed(dice, asked), "fr")))
    yield f"index of {what}: namesakes", _told(_times(lambda dice: index.namesakes(_mistyped(dice, asked), KINDS)))
    filters = {facet: [*index.counts(facet, "action")] for facet in ("region", "theme", "year", "role", "type")}
    kinds = ("action", "organisation", "territory")
    yield f"index of {what}: a list, with facets", _told(_times(lambda dice: _listed(index, dice, kinds, filters)))


def _pages(what: str, store: QuadStore, index: Index) -> Iterator[tuple[str, str]]:
    """Yield how long the server takes for its pages, from the request to the last byte, warm."""
    held = Held(store)
    client = browsing(create_app(held, unbounded(in_process(held)), Settings(), index=index).test_client())
    things = {kind: index.iris(Wanted(kind)) for kind in ("action", "organisation", "lesson")}
    filters = {facet: [*index.counts(facet, "action")] for facet in ("region", "theme", "year")}

    def got(address: str, **fields: str) -> None:
        answer = client.get(address, query_string=fields)
        assert answer.status_code == 200, (address, fields, answer.status_code)

    def one_of(kind: str) -> Callable[[random.Random], object]:
        return lambda dice: got(f"/doc/{dice.choice(things[kind]).removeprefix(_IDS)}")

    def listed(dice: random.Random) -> None:
        chosen = {facet: dice.choice(filters[facet]).rpartition("/")[2] for facet in dice.sample(sorted(filters), 2)}
        got("/projects", **chosen)

    asked: dict[str, Callable[[random.Random], object]] = {
        "a project": one_of("action"),
        "an organisation": one_of("organisation"),
        "a lesson": one_of("lesson"),
        "a list with two filters": listed,
        "a search": lambda dice: got("/search", q=dice.choice(_WORDS)),
        "the map": lambda _: got("/map"),
    }
    for name, ask in asked.items():
        ask(random.Random(2))  # noqa: S311  # warm
        yield f"page over {what}: {name}", _told(_times(ask))


def _typed(dice: random.Random, asked: Sequence[str]) -> str:
    word = dice.choice(asked)
    return word[: dice.randint(1, len(word))]


def _mistyped(dice: random.Random, asked: Sequence[str]) -> str:
    word = dice.choice(asked)
    place = dice.randrange(1, len(word))
    return word[:place] + word[place + 1 :]


def _listed(index: Index, dice: random.Random, kinds: Sequence[str], filters: dict[str, list[str]]) -> object:
    chosen = {facet: [dice.choice(filters[facet])] for facet in dice.sample(sorted(filters), dice.randint(0, 2))}
    kind, sort = dice.choice(kinds), dice.choice(("name", "-date", "-size"))
    return index.listing(Wanted(kind, chosen if kind == "action" else {}, sort=sort), dice.randint(1, 50), 20)


def _times(ask: Callable[[random.Random], object]) -> list[float]:
    dice, times = random.Random(1), []  # noqa: S311  # the same questions in each run, no secret
    for _ in range(_REPEATS):
        began = time.perf_counter()
        ask(dice)
        times.append(time.perf_counter() - began)
    return times


def _told(times: Sequence[float]) -> str:
    p95 = statistics.quantiles(times, n=20, method="inclusive")[18]
    return f"{statistics.median(times) * 1000:.1f} ms, median of {len(times)}; 95th percentile {p95 * 1000:.1f} ms"


class _Places:
    """Adds to made-up projects what the index reads of all that follows from them: where a thing lies."""

    def __init__(self) -> None:
        self._around: dict[object, NamedNode] = {}

    def quads(self, project: Project) -> Iterator[Quad]:
        """Yield the triples of a project as quads, and what follows."""
        triples = [*project.around, *project.own]
        for triple in triples:
            if triple.predicate == _DIRECTLY and isinstance(triple.object, NamedNode):
                self._around[triple.subject] = triple.object
        for triple in triples:
            yield Quad(triple.subject, triple.predicate, triple.object, _GRAPH)
            if follows := _FOLLOWS.get(triple.predicate):
                yield from (Quad(triple.subject, follows, place, _INFERRED) for place in self._chain(triple.object))

    def _chain(self, place: object) -> Iterator[NamedNode]:
        while isinstance(place, NamedNode):
            yield place
            place = self._around.get(place)
