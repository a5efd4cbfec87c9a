"""The eighteen kinds of query of the benchmark, on a small made-up graph."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from coopkg import names, sparql
from coopkg.rdf import Literal, NamedNode, RdfFormat, Triple, read_quads
from coopkg.sparql import Question
from coopkg.store import QuadStore
from tests.benchmarks.kinds import KINDS, Equal, Kind
from tests.benchmarks.pools import Pools
from tests.benchmarks.servers.graph import Made, made

NAMES = [kind.name for kind in KINDS]
THEMES = tuple(Triple(NamedNode("urn:a"), NamedNode(f"{names.COOP}theme"), NamedNode(f"urn:{n}")) for n in range(9))


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(25_000, tmp_path_factory.mktemp("made"), lambda _: None)


@pytest.fixture(scope="module")
def store(graph: Made) -> QuadStore:
    return QuadStore.in_memory(read_quads(graph.dump, "dump.nt"))


def test_there_are_eighteen_of_different_names_and_six_for_large_graphs() -> None:
    assert len(set(NAMES)) == len(NAMES) == 18
    assert sum(kind.large for kind in KINDS) == 6


@pytest.mark.parametrize("kind", KINDS, ids=NAMES)
def test_a_kind_is_a_valid_query_with_rows_on_a_made_up_graph(kind: Kind, graph: Made, store: QuadStore) -> None:
    is_graph = kind.text.startswith(("CONSTRUCT", "DESCRIBE"))
    accept = "application/n-triples" if is_graph else "text/csv"
    heads = 0 if is_graph else 1
    lines = [
        sparql.answered(store, Question(query, accept=accept))[1].count(b"\n")
        for query in kind.drawn(graph.pools(), 20)
    ]
    assert max(lines) > heads


@pytest.mark.parametrize("kind", KINDS, ids=NAMES)
def test_instances_are_different_texts_and_the_same_ones_for_the_same_seed(kind: Kind, graph: Made) -> None:
    drawn = kind.drawn(graph.pools(), 8)
    assert len(set(drawn)) == len(drawn) > 1
    assert drawn == kind.drawn(graph.pools(), 8)
    assert kind.drawn(graph.pools(), 8, seed=1) != drawn or len(drawn) < 8


def test_a_kind_declares_the_prefixes_that_it_uses_and_no_others() -> None:
    text = Kind("a", 'SELECT * WHERE { ?a coop:theme $theme FILTER(?a = "skos:no" || ?a = <org:no>) }').filled(
        {"theme": "<urn:t>"}
    )
    assert text.startswith(f"PREFIX coop: <{names.COOP}>\nSELECT")
    assert "$" not in text


def test_what_a_graph_does_not_say_fills_nothing() -> None:
    kind = next(kind for kind in KINDS if kind.name == "by identifier")
    pools = Pools.gathered(THEMES)
    assert not pools.fill(kind.blanks)
    with pytest.raises(LookupError, match="no identifier"):
        kind.drawn(pools, 1)


def test_fewer_instances_are_drawn_where_there_are_no_more() -> None:
    assert len(Kind("a", "ASK { ?a coop:theme $theme }").drawn(Pools.gathered(THEMES), 50)) == len(THEMES)


def test_pools_hold_a_sample_of_what_comes_late_as_well() -> None:
    triples = (Triple(NamedNode("urn:a"), NamedNode(f"{names.COOP}theme"), NamedNode(f"urn:{n}")) for n in range(9_000))
    values = Pools.gathered(triples).values["theme"]
    assert len(values) == 2_000
    assert max(int(value.strip("<>").removeprefix("urn:")) for value in values) > 8_000


def test_a_page_begins_within_the_list() -> None:
    pools = Pools({}, projects=60)
    dice = random.Random(0)  # noqa: S311  # no secret
    offsets = {int(pools.value("offset", dice)) for _ in range(50)}
    assert offsets == {0, 20, 40}


def test_words_are_drawn_from_french_descriptions_alone() -> None:
    about = NamedNode(f"{names.DCTERMS}description")
    french, english = "les habitants cultivent ensemble", "neighbours garden together always"
    pools = Pools.gathered(
        Triple(NamedNode("urn:a"), about, Literal(said, language=lang))
        for said, lang in ((french, "fr"), (english, "en"))
    )
    assert set(pools.values["word"]) <= set(french.split())
    first, _, second = pools.values["wording"][0].partition(".*")
    assert french.index(first) < french.index(second)


def test_only_what_has_many_right_answers_is_compared_by_less_than_its_rows() -> None:
    assert {kind.name for kind in KINDS if kind.equal is not Equal.ROWS} == {"10,000 rows", "DESCRIBE"}


def test_a_made_graph_is_about_as_large_as_asked_and_each_triple_is_there_once(graph: Made) -> None:
    lines = graph.dump.read_bytes().splitlines()
    assert graph.triples == len(lines) == len(set(lines))
    assert 0.8 < graph.triples / graph.size < 1.2


def test_a_graph_that_is_there_is_not_made_again(graph: Made) -> None:
    def fail(_: str) -> None:
        raise AssertionError("made again")

    assert made(graph.size, Path(graph.folder), fail) == graph


def test_a_dump_is_n_triples(graph: Made) -> None:
    assert graph.dump.suffix == f".{RdfFormat.N_TRIPLES.file_extension}"
