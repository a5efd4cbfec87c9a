"""The requirements files: hashed, of one mind with uv.lock, good for every supported Python."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement

from tests.conftest import REPOSITORY

FILES = {"requirements.txt": ["build"], "requirements-test.txt": ["build", "test"]}
PYTHONS = ["3.11.7", "3.12.1", "3.13.0"]


@dataclass(frozen=True)
class Line:
    """A requirement of a file, with its hashes."""

    requirement: Requirement
    hashes: frozenset[str]

    @property
    def name(self) -> str:
        return self.requirement.name

    @property
    def version(self) -> str:
        return str(self.requirement.specifier).removeprefix("==")


@cache
def _lines(file: str) -> dict[str, Line]:
    text = re.sub(r"(?m)^\s*#.*$", "", (REPOSITORY / file).read_text(encoding="utf-8"))
    found = {}
    for block in re.sub(r"\\\n", " ", text).splitlines():
        if not block.strip():
            continue
        head, *hashes = block.split("--hash=")
        line = Line(Requirement(head.strip()), frozenset(one.strip() for one in hashes))
        assert line.name not in found, f"{file}: {line.name} stands twice"
        found[line.name] = line
    return found


@cache
def _lock() -> dict[str, dict[str, Any]]:
    text = (REPOSITORY / "uv.lock").read_text(encoding="utf-8")
    return {package["name"]: package for package in tomllib.loads(text)["package"]}


@cache
def _project() -> dict[str, Any]:
    return tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", FILES)
def test_every_requirement_is_pinned_and_hashed(file: str) -> None:
    assert len(_lines(file)) > 10
    for line in _lines(file).values():
        assert re.fullmatch(r"==[^,*]+", str(line.requirement.specifier)), line.requirement
        assert line.hashes, line.requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in line.hashes), line.requirement


def _reached(groups: list[str], applies: Callable[[str | None], bool]) -> set[str]:
    """Return the names that the lock reaches from the project and some of its groups, extras included."""
    root = _lock()["coopkg"]
    todo = [*root["dependencies"], *(one for group in groups for one in root["dev-dependencies"][group])]
    found: set[str] = set()
    while todo:
        one = todo.pop()
        if not applies(one.get("marker")):
            continue
        package = _lock()[one["name"]]
        if one["name"] not in found:
            found.add(one["name"])
            todo.extend(package.get("dependencies", ()))
        for extra in one.get("extra", ()):
            todo.extend(package["optional-dependencies"][extra])
    return found


@pytest.mark.parametrize("file", FILES)
def test_a_file_holds_what_the_lock_holds_with_the_same_versions_and_hashes(file: str) -> None:
    lines = _lines(file)
    assert set(lines) == _reached(FILES[file], lambda _: True)
    for name, line in lines.items():
        package = _lock()[name]
        assert line.version == package["version"], name
        archives = [*package.get("wheels", ()), *([package["sdist"]] if "sdist" in package else ())]
        assert line.hashes == {archive["hash"] for archive in archives}, name


def test_the_lock_is_of_this_project() -> None:
    lock = tomllib.loads((REPOSITORY / "uv.lock").read_text(encoding="utf-8"))
    assert set(lock["requires-python"].replace(" ", "").split(",")) == set(
        _project()["project"]["requires-python"].split(",")
    )
    metadata = _lock()["coopkg"]["metadata"]
    declared = {
        Requirement(text).name: str(Requirement(text).specifier) for text in _project()["project"]["dependencies"]
    }
    assert {one["name"]: one.get("specifier", "") for one in metadata["requires-dist"]} == declared
    for group, texts in _project()["dependency-groups"].items():
        wanted = {Requirement(text).name for text in texts}
        assert {one["name"] for one in metadata["requires-dev"][group]} == wanted, group


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("file", FILES)
def test_every_supported_python_on_linux_gets_a_whole_set(file: str, python: str) -> None:
    environment = {
        "python_full_version": python,
        "python_version": python.rpartition(".")[0],
        "sys_platform": "linux",
        "platform_machine": "x86_64",
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
        "os_name": "posix",
        "platform_system": "Linux",
    }

    def applies(marker: str | None) -> bool:
        return marker is None or Marker(marker).evaluate(environment)

    reached = _reached(FILES[file], applies)
    kept = {name for name, line in _lines(file).items() if applies(str(line.requirement.marker or "") or None)}
    assert reached == kept
    assert "pyoxigraph" in reached
