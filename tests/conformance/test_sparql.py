"""The W3C test suites of SPARQL, over real HTTP; see `judges` for how each type of test is put.

deviations.toml says where the endpoint does otherwise, and why. A deviation that has gone makes the run fail.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import BlankNode

from tests.conformance import answers, judges, manifest, suites, throwaway
from tests.conformance.answers import Answer
from tests.conformance.manifest import Test
from tests.conformance.throwaway import Throwaway

_FOUND = manifest.suites_folder()
if _FOUND is None:
    pytest.skip("the W3C suites are not here: COOPKG_TEST_SHARED leads to none", allow_module_level=True)
ROOT: Path = _FOUND
TESTS = {test.iri: test for suite in suites.SUITES for test in suites.tests(suite, ROOT)}
DEVIATIONS = suites.deviations()


def _parameters() -> Iterator[object]:
    for iri, test in TESTS.items():
        _, reason = DEVIATIONS.get(iri, ("", ""))
        mark = pytest.mark.xfail(reason=reason, raises=judges.Deviation, strict=True)
        yield pytest.param(test, id=_short(iri), marks=[mark] if reason else [])


def _short(iri: str) -> str:
    """Return the folders and the name of a test: `data-r2/distinct/distinct-1`."""
    path, _, name = iri.partition("#")
    return "/".join([*path.split("/")[-3:-1], name])


@pytest.fixture(scope="module")
def server() -> Iterator[Throwaway]:
    """Run a throwaway server."""
    with throwaway.running() as running:
        yield running


@pytest.mark.parametrize("test", list(_parameters()))
def test_w3c(test: Test, server: Throwaway) -> None:
    judges.judge(test, server, ROOT)


def test_each_type_of_test_has_a_handler() -> None:
    assert {test.kind for test in TESTS.values()} <= set(judges.HANDLERS)


def test_each_deviation_is_one_of_a_test() -> None:
    assert set(DEVIATIONS) <= set(TESTS)


def test_at_most_one_approved_test_in_a_hundred_deviates_beyond_what_is_by_design() -> None:
    offered = [
        iri
        for iri, test in TESTS.items()
        if test.is_approved and DEVIATIONS.get(iri, ("", ""))[0] not in suites.BY_DESIGN
    ]
    faults = [iri for iri in offered if iri in DEVIATIONS]
    assert len(faults) <= len(offered) / 100, f"{len(faults)} of {len(offered)}: {faults}"


@pytest.mark.parametrize(
    ("expected", "given", "is_right"),
    [
        ([("1",), ("1",)], [("1",)], False),
        ([("1",), ("2",)], [("2",), ("1",)], True),
        ([(BlankNode("a"), BlankNode("b"))], [(BlankNode("x"), BlankNode("y"))], True),
        ([(BlankNode("a"), BlankNode("b"))], [(BlankNode("x"), BlankNode("x"))], False),
        ([(BlankNode("a"),), (BlankNode("a"),)], [(BlankNode("x"),), (BlankNode("y"),)], False),
        ([(("s", "p", BlankNode("a")),)], [(("s", "p", BlankNode("x")),)], True),
    ],
)
def test_rows_are_compared_as_a_multiset_up_to_the_names_of_blank_nodes(
    expected: list[answers.Row], given: list[answers.Row], is_right: bool
) -> None:
    columns = tuple(map(str, range(len(expected[0]))))
    assert (answers.differences(Answer(columns, expected), Answer(columns, given)) == "") is is_right


def test_the_order_of_rows_counts_only_where_it_is_said() -> None:
    there, back = [("1",), ("2",)], [("2",), ("1",)]
    assert not answers.differences(Answer(("x",), there), Answer(("x",), back))
    assert answers.differences(Answer(("x",), there, is_ordered=True), Answer(("x",), back))


def test_an_answer_in_another_column_or_none_is_another_answer() -> None:
    assert answers.differences(Answer(("x",), [("1",)]), Answer(("y",), [("1",)]))
    assert answers.differences(Answer(("x",), [("1",)]), Answer(("x",), [(None,)]))
