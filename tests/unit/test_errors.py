"""No error is forgotten: each has a code, a place in the drawn tree, an HTTP status and an exit code."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import pytest

from coopkg import errors
from coopkg.cli import EXIT_CODES, exit_code
from coopkg.errors import CoopkgError
from coopkg.web.problems import STATUSES, status_of


def subclasses(kind: type[CoopkgError] = CoopkgError) -> Iterator[type[CoopkgError]]:
    for child in kind.__subclasses__():
        yield child
        yield from subclasses(child)


ALL: list[type[CoopkgError]] = [CoopkgError, *subclasses()]
REFUSALS = {
    errors.NotAcceptable,
    errors.TooFarReaching,
    errors.WriteRejected,
    errors.WriteConflict,
    errors.RevisionOvertaken,
    errors.MergeRefused,
    errors.DraftOvertaken,
    errors.RevisionsLost,
    errors.ErasureRefused,
    errors.ErasuresUndone,
    errors.UnsupportedMediaType,
    errors.DocumentTooLarge,
    errors.AnswerTooLarge,
    errors.QueryTimedOut,
    errors.QueryTooHeavy,
    errors.UnknownGraph,
    errors.Refused,
    errors.BudgetSpent,
    errors.QueryQuarantined,
    errors.Unauthorised,
    errors.WriteForbidden,
    errors.ScopeExceeded,
    errors.RevisionConflict,
    errors.ConditionFailed,
    errors.KeyReused,
    errors.ReplicaOvertaken,
}
STATES = {
    errors.StateLocked,
    errors.NothingPublished,
    errors.StateDamaged,
    errors.LinksFull,
    errors.ServerBusy,
    errors.RevisionGone,
}


def drawn() -> dict[str, int]:
    """Return the depth of each class in the tree of the module's docstring."""
    lines = re.findall(r"^    ([│├└─ ]*)([A-Za-z]+)(?:  |$)", errors.__doc__ or "", re.MULTILINE)
    return {name: len(branch) // 4 for branch, name in lines}


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes() -> None:
    assert drawn() == {kind.__name__: len(kind.__mro__) - CoopkgError.__mro__.__len__() for kind in ALL}


def test_every_error_is_defined_in_the_module_of_errors() -> None:
    assert all(kind.__module__ == "coopkg.errors" for kind in ALL)
    assert len(ALL) > 10


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_every_error_has_a_status_and_an_exit_code_of_its_own(kind: type[CoopkgError]) -> None:
    assert [listed for listed, _ in STATUSES].count(kind) == 1
    assert [listed for listed, _ in EXIT_CODES].count(kind) == 1


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_the_row_of_an_error_is_the_one_that_decides(kind: type[CoopkgError]) -> None:
    instance = kind.__new__(kind)
    assert status_of(instance) == dict(STATUSES)[kind]
    assert exit_code(instance) == dict(EXIT_CODES)[kind]


def test_statuses_and_exit_codes_are_errors_and_leave_those_of_the_shell_alone() -> None:
    assert all(400 <= status < 600 for _, status in STATUSES)
    assert all(1 <= code < 126 for _, code in EXIT_CODES)


def test_codes_are_unique_slugs() -> None:
    codes = [kind.code for kind in ALL]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in codes)


def test_names_say_error_or_are_a_participle_of_a_refusal_or_a_state() -> None:
    others = {kind for kind in ALL if not kind.__name__.endswith("Error")}
    assert others == REFUSALS | STATES


def test_every_error_says_what_it_is() -> None:
    assert all(inspect.getdoc(kind) != inspect.getdoc(kind.__mro__[1]) for kind in ALL)


def test_a_rejection_counts_its_findings_and_a_conflict_names_its_files() -> None:
    assert str(errors.WriteRejected([])).startswith("refused: 0 findings must be repaired")
    conflict = errors.WriteConflict(["data/a.trig", "data/b.trig"])
    assert conflict.paths == ("data/a.trig", "data/b.trig")
    assert "data/a.trig, data/b.trig" in str(conflict)
