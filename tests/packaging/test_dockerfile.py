"""The few rules that matter for the image, whatever linter there is."""

from __future__ import annotations

import fnmatch
import re

import pytest

from coopkg.settings import table
from tests.conftest import REPOSITORY

TEXT = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")


def _instructions() -> list[tuple[str, str]]:
    """Return the instructions as (word, rest), continued lines joined."""
    joined = re.sub(r"\\\n\s*", " ", re.sub(r"(?m)^\s*#.*\n", "", TEXT))
    return [
        (word.upper(), rest.strip()) for word, _, rest in (line.partition(" ") for line in joined.splitlines()) if word
    ]


INSTRUCTIONS = _instructions()
#: The last stage is the image; the others are thrown away.
LAST = max(place for place, (word, _) in enumerate(INSTRUCTIONS) if word == "FROM")
IMAGE = INSTRUCTIONS[LAST:]


def _all(word: str, among: list[tuple[str, str]] = INSTRUCTIONS) -> list[str]:
    return [rest for found, rest in among if found == word]


def test_every_base_is_pinned_to_a_patch_release_of_a_supported_python() -> None:
    bases = [rest.split()[0] for rest in _all("FROM")]
    assert len(bases) == 2
    for base in bases:
        assert re.fullmatch(r"python:3\.1[1-3]\.\d+-slim-[a-z]+(@sha256:[0-9a-f]{64})?", base), base
    assert len(set(bases)) == 1, "the environment is copied from one stage to the other: same Python in both"


def test_nothing_is_fetched_but_packages_by_their_hashes() -> None:
    assert _all("ADD") == []
    installs = [part for rest in _all("RUN") for part in rest.split("&&") if "pip install" in part]
    assert len(installs) == 2
    for install in installs:
        assert "--require-hashes" in install or ("--no-deps" in install and "--no-build-isolation" in install)
        assert "--no-cache-dir" in install
    assert not re.search(r"\b(curl|wget|git clone|apt-get|apt)\b", " ".join(_all("RUN")))


def test_the_image_runs_as_a_numbered_user_who_is_not_root() -> None:
    users = _all("USER", IMAGE)
    assert len(users) == 1
    user, _, group = users[0].partition(":")
    assert int(user) >= 1000
    assert int(group) >= 1000
    words = [word for word, _ in IMAGE]
    assert words.index("USER") < words.index("ENTRYPOINT")


def test_the_image_writes_only_to_its_volume() -> None:
    environment = dict(pair.split("=", 1) for rest in _all("ENV", IMAGE) for pair in rest.split())
    assert environment["PYTHONDONTWRITEBYTECODE"] == "1"
    assert environment["COOPKG_STATE"] in _all("VOLUME", IMAGE)
    assert any(environment["COOPKG_STATE"] in run and "-o 10001" in run for run in _all("RUN", IMAGE))
    known = {name for _, name, _, _ in table()}
    assert {name for name in environment if name.startswith("COOPKG_")} <= known
    assert environment["COOPKG_PORT"] in _all("EXPOSE", IMAGE)


def test_the_image_tells_its_health_without_another_program() -> None:
    (check,) = _all("HEALTHCHECK", IMAGE)
    assert "/health" in check
    assert "/opt/coopkg/bin/python" in check
    assert "--start-period" in check


def test_the_program_is_started_without_a_shell_so_that_it_gets_the_signals() -> None:
    for rest in (*_all("ENTRYPOINT", IMAGE), *_all("CMD", IMAGE)):
        assert rest.startswith("["), rest


def test_the_image_says_what_it_is() -> None:
    labels = " ".join(_all("LABEL", IMAGE))
    for name in ("title", "description", "licenses"):
        assert f"org.opencontainers.image.{name}=" in labels


def test_the_dockerfile_holds_no_secret() -> None:
    assert not re.search(r"(?i)(password|passwd|secret|token|api_?key)\s*=", TEXT)
    assert _all("ARG") == []


def _ignored(path: str, rules: list[str]) -> bool:
    """Return whether .dockerignore keeps a path out: the last rule that matches it or a parent decides."""
    kept_out = False
    parents = ["/".join(path.split("/")[: depth + 1]) for depth in range(path.count("/") + 1)]
    for rule in rules:
        pattern = rule.removeprefix("!").removeprefix("**/")
        anywhere = rule.removeprefix("!").startswith("**/")
        candidates = [*parents, *path.split("/")] if anywhere else parents
        if any(fnmatch.fnmatchcase(candidate, pattern) for candidate in candidates):
            kept_out = not rule.startswith("!")
    return kept_out


def test_what_is_copied_into_the_image_enters_the_build_and_nothing_else() -> None:
    lines = (REPOSITORY / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    copied = [name for rest in _all("COPY") if "--from" not in rest for name in rest.split()[:-1]]
    assert copied
    for name in copied:
        assert (REPOSITORY / name).exists(), name
        assert not _ignored(name, rules), name
    for name in (".git/config", ".env", ".venv/bin/python", "tests/conftest.py", "src/coopkg/__pycache__/x.pyc"):
        assert _ignored(name, rules), name


@pytest.mark.parametrize("folder", ["ontology", "shapes", "data"])
def test_every_folder_of_the_wheel_is_copied(folder: str) -> None:
    assert f"{folder} {folder}" in _all("COPY")
