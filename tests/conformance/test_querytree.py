"""The queries of the W3C suites, read into trees and written again: the engine gives the same for both.

What reading refuses is left to the engine as it is, and listed here as far as it is SPARQL 1.0 and 1.1.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions, RdfFormat, Store

from coopkg.errors import QueryError
from coopkg.querytree.reading import read
from coopkg.querytree.tree import Service
from coopkg.querytree.walking import walk
from coopkg.querytree.writing import written
from tests.conformance import answers, judges, manifest, suites
from tests.conformance.manifest import Test

_FOUND = manifest.suites_folder()
if _FOUND is None:
    pytest.skip("the W3C suites are not here: COOPKG_TEST_SHARED leads to none", allow_module_level=True)
ROOT: Path = _FOUND

#: Valid queries that are not read: by the name of the test, and why.
LEFT_TO_THE_ENGINE = {
    "case-insensitive booleans": "the engine refuses TRUE",
    "normalization-02": "an IRI with steps, which the engine resolves in one text and not in the other",
    "syntax-general-04.rq": "the engine reads the plus of a number as a path's",
    "syntax-general-07.rq": "the engine reads the plus of a number as a path's",
    "syntax-general-10.rq": "the engine reads the plus of a number as a path's",
}
TESTS = [
    pytest.param(test, suite, id=f"{suite} {test.name}")
    for suite in suites.SUITES
    for test in suites.tests(suite, ROOT)
    if test.action is not None and test.action.suffix == ".rq"
]


def given(text: str, base: str, store: Store) -> answers.Answer | None:
    """Return the answer of the engine, None where it refuses the text."""
    try:
        results = store.query(text, base_iri=base)
    except (SyntaxError, RuntimeError):
        return None
    if isinstance(results, QueryBoolean | QuerySolutions):
        body = results.serialize(format=QueryResultsFormat.JSON)
        return answers.of_body(body or b"", "application/sparql-results+json", base)
    return answers.of_body(results.serialize(format=RdfFormat.N_TRIPLES) or b"", "application/n-triples", base)


@pytest.mark.parametrize(("test", "suite"), TESTS)
def test_a_query_and_what_is_written_of_it_give_the_same(test: Test, suite: str) -> None:
    assert test.action is not None
    text, base = test.action.read_text(encoding="utf-8"), manifest.iri_of(test.action, ROOT)
    try:
        query = read(text, base)
    except QueryError:
        assert "Negative" in test.kind or suite == "SPARQL 1.2" or test.name in LEFT_TO_THE_ENGINE
        return
    assert test.name not in LEFT_TO_THE_ENGINE
    again = written(query)
    assert read(again, base) == query
    if any(isinstance(node, Service) for node in walk(query)):
        return
    store = Store()
    store.extend(judges.dataset(test.data, test.named, ROOT))
    expected, found = given(text, base, store), given(again, base, store)
    assert (expected is None) == (found is None)
    # Each run makes up its own, and nothing says in which order rows are numbered, joined or cut.
    if expected and found and not re.search(r"\b(RAND|UUID|STRUUID|NOW|BNODE)\s*\(", text, re.IGNORECASE):
        assert not answers.differences(expected, found)
