"""`coopkg token`: what it prints, and where."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from coopkg.cli import commands
from coopkg.errors import InputError
from coopkg.tokens import Tokens


def run(state: Path, *words: str) -> Result:
    return CliRunner().invoke(commands, ["--state", str(state), "token", *words])


def test_a_token_goes_to_standard_output_alone(tmp_path: Path) -> None:
    made = run(
        tmp_path, "add", "redaction-fonda", "--graphs", "graph/fonda-*", "--graphs", "graph/a-page", "--days", "30"
    )
    assert made.exit_code == 0
    assert re.fullmatch(r"[a-z0-9]{10}\.[A-Za-z0-9_-]{43}\n", made.stdout)
    secret = made.stdout.strip().partition(".")[2]
    assert secret not in made.stderr
    assert "redaction-fonda: https://w3id.org/coopkg/graph/fonda-*, https://w3id.org/coopkg/graph/a-page" in made.stderr
    token = Tokens(tmp_path).check(f"Bearer {made.stdout.strip()}")
    assert (token.expires - token.created).days == 30


def test_the_list_has_standings_and_no_secret(tmp_path: Path) -> None:
    texts = [run(tmp_path, "add", name, "--graphs", "*").stdout.strip() for name in ("a", "b")]
    number, _, secret = texts[0].partition(".")
    assert run(tmp_path, "revoke", number).exit_code == 0
    listed = run(tmp_path, "list")
    lines = listed.stdout.splitlines()
    assert len(lines) == 3
    assert {line.split()[1] for line in lines[1:] if line.startswith(number)} == {"revoked"}
    assert {line.split()[1] for line in lines[1:] if not line.startswith(number)} == {"valid"}
    assert secret not in listed.output
    assert Tokens(tmp_path).all()[0][0].sha256 not in listed.output


def test_without_tokens_the_list_has_its_head_alone(tmp_path: Path) -> None:
    assert run(tmp_path, "list").stdout.splitlines()[0].split()[0] == "id"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "words",
    [
        ("add", "A Name", "--graphs", "*"),
        ("add", "a", "--graphs", "x"),
        ("add", "a", "--graphs", "*", "--days", "1000"),
        ("revoke", "aaaaaaaaaa"),
    ],
)
def test_what_is_not_understood_is_refused(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert isinstance(run(tmp_path, *words).exception, InputError)
    assert not (tmp_path / "tokens.json").exists()


@pytest.mark.parametrize("words", [("add", "a"), ("add", "a", "--graphs", "*", "--days", "x"), ("revoke",), ("drop",)])
def test_a_wrong_command_line_is_told_as_such(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert run(tmp_path, *words).exit_code == 2
