"""The W3C's SHACL suite, core and SPARQL, put to the compiled shapes and to pySHACL.

deviations.toml says where a judge does otherwise, and why. A deviation that has gone makes the run fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from coopkg.errors import InputError
from coopkg.rdf import Triple
from tests.shacl import reports, suite
from tests.shacl.reports import Report

_FOUND = suite.folder()
if _FOUND is None:
    pytest.skip("the W3C suite is not here: COOPKG_TEST_SHARED leads to none", allow_module_level=True)
ROOT: Path = _FOUND
CASES = {case.name: case for case in suite.cases(ROOT)}
DEVIATIONS = suite.deviations()
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
