"""The W3C test suites of SPARQL, over real HTTP; see `judges` for how each type of test is put.

deviations.toml says where the endpoint does otherwise, and why. A deviation that has gone makes the run fail.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import BlankNode

from coopkg.writing import Written
from tests.builders import REPOSITORY
from tests.conformance import answers, judges, manifest, suites, throwaway
from tests.conformance.answers import Answer
from tests.conformance.manifest import Test
from tests.conformance.throwaway import Throwaway
from tests.conformance.writing import ThrowawayWriter

_FOUND = manifest.suites_folder()
if _FOUND is None:
    pytest.skip("the W3C suites are not here: COOPKG_TEST_SHARED leads to none", allow_module_level=True)
ROOT: Path = _FOUND
SUITES = {suite: list(suites.tests(suite, ROOT)) for suite in suites.SUITES}
TESTS = {test.iri: test for tests in SUITES.values() for test in tests}
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
def reading() -> Iterator[Throwaway]:
    """Run a throwaway server that is read only, as the product's own."""
    with throwaway.running() as running:
        yield running


@pytest.fixture(scope="module")
def updating() -> Iterator[Throwaway]:
    """Run a throwaway server that takes updates."""
    with throwaway.running(takes_updates=True) as running:
        yield running


@pytest.mark.parametrize("test", list(_parameters()))
def test_w3c(test: Test, reading: Throwaway, updating: Throwaway) -> None:
    judges.judge(test, updating if judges.needs_updates(test) else reading, ROOT)


def test_each_type_of_test_has_a_handler() -> None:
    assert {test.kind for test in TESTS.values()} <= set(judges.HANDLERS)


def test_each_deviation_is_one_of_a_test() -> None:
    assert set(DEVIATIONS) <= set(TESTS)


def test_the_protocols_and_the_service_description_deviate_nowhere() -> None:
    for suite in ("SPARQL 1.1 protocol", "SPARQL 1.1 graph store protocol", "SPARQL 1.1 service description"):
        assert SUITES[suite]
        assert not {test.iri for test in SUITES[suite]} & set(DEVIATIONS)


def test_at_most_one_approved_test_in_a_hundred_deviates() -> None:
    shares = suites.shares(SUITES, {iri: section for iri, (section, _) in DEVIATIONS.items()})
    of_1_1, of_all = shares["SPARQL 1.1, approved"], shares["all suites, approved"]
    assert of_1_1.run > 400
    assert of_1_1.of() <= 0.01, of_1_1
    assert of_all.of("engine") <= 0.01, of_all  # values: SPARQL 1.0 allows them, see deviations.toml


def test_the_documentation_says_how_many_tests_pass() -> None:
    page = (REPOSITORY / "docs/interoperability.md").read_text(encoding="utf-8")
    for suite, tests in SUITES.items():
        approved = sum(test.is_approved for test in tests)
        passing = sum(test.iri not in DEVIATIONS for test in tests)
        assert f"\n| {suite} | {len(tests)} | {approved} | {passing} | " in page


def test_the_update_suite_fails_on_a_server_that_changes_nothing(
    updating: Throwaway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deviates(test: Test) -> bool:
        try:
            judges.judge(test, updating, ROOT)
        except judges.Deviation:
            return True
        return False

    def changes(test: Test) -> bool:
        before = answers.of_dataset(judges.dataset(test.data, test.named, ROOT))
        after = answers.of_dataset(judges.dataset(test.data_after, test.named_after, ROOT))
        return bool(answers.differences(before, after))

    monkeypatch.setattr(updating.content, "update", lambda update: None)
    changing = [t for t in SUITES["SPARQL 1.1 update"] if t.kind == "UpdateEvaluationTest" and changes(t)]
    assert len(changing) > 50
    assert not [test.iri for test in changing if not deviates(test)]


def test_the_graph_store_suite_fails_on_a_server_that_writes_nothing(
    updating: Throwaway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ThrowawayWriter, "write", lambda self, writing: Written(1, 0, 0))
    finding = [test for test in SUITES["SPARQL 1.1 graph store protocol"] if test.exchanges[-1].media_type]
    assert len(finding) == 10
    for test in finding:
        with pytest.raises(judges.Deviation):
            judges.judge(test, updating, ROOT)


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
