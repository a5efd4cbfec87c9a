"""What `make` says on a machine that lacks something, and that it leaves nothing half-made."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY


def _a_python(folder: Path, answers: str) -> Path:
    """Make a fake interpreter: `answers` are the branches of a `case` over its last argument."""
    python = folder / "fake-python"
    python.write_text(f'#!/bin/sh\nfor last; do :; done\ncase "$last" in\n{answers}\nesac\n', encoding="utf-8")
    python.chmod(0o755)
    return python


def _make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `make` in a copy of what it reads."""
    for name in ("Makefile", "requirements.txt", "requirements-test.txt", "pyproject.toml"):
        shutil.copy(REPOSITORY / name, folder)
    return subprocess.run(["make", *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def test_a_machine_without_venv_is_told_what_to_install(tmp_path: Path) -> None:
    python = _a_python(tmp_path, "*ensurepip*) exit 1;;\n*) exit 0;;")
    done = _make(tmp_path, "install", f"PYTHON={python}")
    assert done.returncode != 0
    assert "sudo apt-get install -y python3-venv" in done.stdout
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize("version", ["3.10.13", "3.14.0"])
def test_a_python_of_another_age_is_refused_with_the_way_out(tmp_path: Path, version: str) -> None:
    python = _a_python(tmp_path, f'*version_info*) exit 1;;\n--version) echo "Python {version}";;\n*) exit 0;;')
    done = _make(tmp_path, "serve", f"PYTHON={python}")
    assert done.returncode != 0
    assert re.search(rf"needs Python 3\.11 to 3\.13, but {python} is Python {version}", done.stdout)
    assert "make serve PYTHON=python3.12" in done.stdout
    assert not (tmp_path / ".venv").exists()


def test_the_age_is_asked_of_the_interpreter_itself(tmp_path: Path) -> None:
    """The condition in the Makefile is run by real interpreters of wrong and right ages, by their version alone."""
    text = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    found = re.search(r"sys\.exit\(not (\([\d, ]+\) <= sys\.version_info < \([\d, ]+\))\)", text)
    assert found
    for version, right in {(3, 10, 13): False, (3, 11, 0): True, (3, 13, 9): True, (3, 14, 0): False}.items():
        assert eval(found.group(1).replace("sys.version_info", str(version))) is right  # noqa: S307  # our Makefile


def test_an_environment_that_cannot_be_made_is_not_left_half_made(tmp_path: Path) -> None:
    python = _a_python(tmp_path, "*-c*|*import*) exit 0;;\n.venv) mkdir -p .venv/bin; exit 1;;\n*) exit 0;;")
    done = _make(tmp_path, "install", f"PYTHON={python}")
    assert done.returncode != 0
    assert not (tmp_path / ".venv").exists()


def test_make_alone_shows_the_words(tmp_path: Path) -> None:
    done = _make(tmp_path)
    assert done.returncode == 0
    for word in ("install", "serve", "build", "test", "check", "format", "lock", "clean"):
        assert re.search(rf"make {word} +\S", done.stdout), word
