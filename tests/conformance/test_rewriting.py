"""The queries of the W3C suites, rewritten by all that is known of their data: they are answered as they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from coopkg.census import Census
from coopkg.errors import QueryError
from coopkg.rdf import NamedNode, Quad
from coopkg.rewriting import STEPS, rewritten
from coopkg.store import QuadStore, rows, variables
from tests.conformance import answers, manifest, suites
from tests.conformance.manifest import Test

_FOUND = manifest.suites_folder()
if _FOUND is None:
    pytest.skip("the W3C suites are not here: COOPKG_TEST_SHARED leads to none", allow_module_level=True)
ROOT: Path = _FOUND
GRAPH = NamedNode("https://example.org/graph")
TESTS = [
    test
    for suite in ("SPARQL 1.0", "SPARQL 1.1 query")
    for test in suites.tests(suite, ROOT)
    if test.kind == "QueryEvaluationTest" and test.action and test.data and not test.named
]


def test_each_query_of_the_suites_that_is_rewritten_has_the_same_solutions() -> None:
    met = Counter[str]()
    for test in TESTS:
        graph = _graph(test)
        base = manifest.iri_of(test.action or ROOT, ROOT)
        text = (test.action or ROOT).read_text(encoding="utf-8")
        other = rewritten(text, base, Census.taken(graph))
        met.update(other.steps)
        if other.steps and not _has_own_dataset(text):
            assert _solutions(graph, other.text, base) == _solutions(graph, text, base), test.iri
    assert met.keys() <= {step.name for step in STEPS}
    assert met["counts"] > 5
    assert len(TESTS) > 250


def _graph(test: Test) -> QuadStore:
    stated = [triple for path in test.data for triple in answers.triples_of(path, manifest.iri_of(path, ROOT))]
    return QuadStore.in_memory([Quad(triple.subject, triple.predicate, triple.object, GRAPH) for triple in stated])


def _has_own_dataset(text: str) -> bool:
    """Whether a query may choose its graphs, of which the census says nothing."""
    return "FROM" in text.upper()


def _solutions(graph: QuadStore, text: str, base: str) -> Counter[object] | str | bool:
    try:
        results = graph.query(text, base=base)
        if variables(results):
            return Counter(rows(results))
        return Counter(map(str, results)) if isinstance(results, Iterable) else bool(results)
    except QueryError as fault:
        return type(fault).__name__
