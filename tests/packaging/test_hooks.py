"""The hook for pre-commit and the workflow for GitHub run commands that exist, and nothing that may change unseen."""

from __future__ import annotations

import re
import shlex

import pytest

from coopkg import cli
from tests.conftest import REPOSITORY

HOOKS = (REPOSITORY / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
WORKFLOW = (REPOSITORY / ".github/workflows/validate.yml").read_text(encoding="utf-8")


def entries(text: str) -> dict[str, str]:
    """The pairs of a flat YAML mapping."""
    return dict(re.findall(r"(?m)^[- ] (\w+): (.+)$", text))


def commands() -> list[list[str]]:
    """Every command line of ours, without the program."""
    lines = [entries(HOOKS)["entry"], *re.findall(r"(?m)^      - run: (.+)$", WORKFLOW)]
    return [shlex.split(line)[1:] for line in lines if "coopkg" in line]


def test_the_hook_has_what_pre_commit_requires() -> None:
    hook = entries(HOOKS)
    assert {"id", "name", "entry", "language", "files"} <= hook.keys()
    assert (hook["id"], hook["language"], hook["pass_filenames"]) == ("coopkg-validate", "python", "false")


@pytest.mark.parametrize(
    ("path", "judged"),
    [("data/sources/x.trig", True), ("shapes/x.ttl", True), ("ontology/rules/x.rq", True), ("src/data/x.py", False)],
)
def test_the_hook_runs_when_what_is_judged_or_judges_is_committed(path: str, judged: bool) -> None:
    assert bool(re.search(entries(HOOKS)["files"], path)) is judged
    if judged:
        assert f'      - "{path.partition("/")[0]}/**"\n' in WORKFLOW


@pytest.mark.parametrize("line", commands(), ids=" ".join)
def test_each_command_line_is_one_of_the_program(line: list[str]) -> None:
    place = line.index("validate")
    cli.commands.make_context("coopkg", [*line[:place], "stats"]).close()
    with cli.validate.make_context("validate", line[place + 1 :]) as context:
        assert context.params["paths"] == ()


def test_both_run_the_program() -> None:
    assert len(commands()) == 2


def test_what_others_wrote_is_pinned_by_its_hash_and_may_only_read() -> None:
    used = re.findall(r"uses: (\S+)", WORKFLOW)
    assert len(used) == 2
    assert all(re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", one) for one in used)
    assert "permissions:\n  contents: read\n" in WORKFLOW
    assert "pull_request_target" not in WORKFLOW
    assert "${{" not in WORKFLOW, "nothing of a pull request is put into a command"


def test_each_word_for_make_is_a_target() -> None:
    words = re.findall(r"run: make (\w+)", WORKFLOW)
    assert words
    for word in words:
        assert f"\n{word}:" in (REPOSITORY / "Makefile").read_text(encoding="utf-8")
