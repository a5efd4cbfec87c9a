"""The W3C's SHACL suite, core and SPARQL, put to the compiled shapes and to pySHACL.

deviations.toml says where a judge does otherwise, and why. A deviation that has gone makes the run fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from coopkg import shacl
from coopkg.compiled import CompiledShapes
from coopkg.errors import InputError
from coopkg.facts import Facts
from coopkg.rdf import RdfFormat, Triple, parse_quads
from coopkg.reports import as_graph
from tests.shacl import reports, suite
from tests.shacl.reports import Report

_FOUND = suite.folder()
if _FOUND is None:
    pytest.skip("the W3C suite is not here: COOPKG_TEST_SHARED leads to none", allow_module_level=True)
ROOT: Path = _FOUND
CASES = {case.name: case for case in suite.cases(ROOT)}
DEVIATIONS = suite.deviations()
#: Its shape has a severity of its own, which the lint refuses in ours.
OTHER_SEVERITY = "core/misc/severity-002.ttl"
Judge = Callable[[list[Triple], list[Triple]], Report]


class Deviation(AssertionError):
    """A judge says other than what the suite expects."""


def _by_pyshacl(data: list[Triple], shapes: list[Triple]) -> Report:
    try:
        return reports.by_pyshacl(data, shapes)
    except Exception as fault:  # pySHACL lets through whatever a shape makes raise
        raise InputError(str(fault)) from fault


JUDGES: dict[str, Judge] = {"compiled": reports.by_compiled, "pyshacl": _by_pyshacl}


def _parameters() -> Iterator[object]:
    for judge in JUDGES:
        for name in CASES:
            reason = DEVIATIONS[judge].get(name)
            mark = pytest.mark.xfail(reason=reason or "", raises=Deviation, strict=True)
            yield pytest.param(judge, name, id=f"{judge}-{name}", marks=[mark] if reason else [])


@pytest.mark.parametrize(("judge", "name"), list(_parameters()))
def test_a_judge_finds_what_the_suite_expects(judge: str, name: str) -> None:
    case = CASES[name]
    expected = None if case.fails else reports.report_of(case.expected)
    try:
        found = JUDGES[judge](case.data, case.shapes)
    except InputError as fault:
        if expected is not None:
            raise Deviation(f"refused: {fault}") from fault
        return
    if found != expected:
        raise Deviation(f"missing: {(expected or Report()) - found}; more: {found - (expected or Report())}")


@pytest.mark.parametrize("name", [name for name in CASES if name not in DEVIATIONS["compiled"]])
def test_the_report_that_is_written_tells_what_the_suite_expects(name: str) -> None:
    """Each result once; a shape without an IRI is not named; what is below sh:node stands beside it."""
    case = CASES[name]
    if case.fails or name == OTHER_SEVERITY:
        return
    judgement = CompiledShapes(shacl.read(case.shapes)).whole(Facts(reports.store(case.data)))
    written = as_graph(judgement.findings(), RdfFormat.N_TRIPLES)
    told = set(reports.report_of(reports.triples(parse_quads(written, RdfFormat.N_TRIPLES, "the report"))))
    expected = {one._replace(shape=one.shape.replace("_:", "")) for one in reports.report_of(case.expected)}
    assert told >= expected
    assert told == expected or any(result.details for result in judgement.every())


def test_each_deviation_is_of_a_test_of_the_suite() -> None:
    assert {name for names in DEVIATIONS.values() for name in names} - set(CASES) == set()


def test_the_suite_is_read_whole() -> None:
    assert len(CASES) == 120


def test_where_compiled_shapes_deviate_nothing_conforms_that_should_not() -> None:
    for name in DEVIATIONS["compiled"]:
        case = CASES[name]
        try:
            found = reports.by_compiled(case.data, case.shapes)
        except InputError:
            continue
        assert set(found) >= set(reports.report_of(case.expected))
