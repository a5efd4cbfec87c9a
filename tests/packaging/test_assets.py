"""What the pages load of npm is what its pinned sources make: `make assets` leaves a record beside them."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

SOURCES = REPOSITORY / "src" / "coopkg" / "web" / "assets"
STATIC = REPOSITORY / "src" / "coopkg" / "web" / "static"
RECORD = json.loads((STATIC / "assets.json").read_text(encoding="utf-8"))
PINNED = json.loads((SOURCES / "package.json").read_text(encoding="utf-8"))["dependencies"]


def _hashes(folder: Path, names: list[str]) -> dict[str, str]:
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}


def test_each_bundle_is_what_make_assets_wrote() -> None:
    assert set(RECORD["bundles"]) >= {"editor.js", "htmx.js", "licences.txt"}
    assert _hashes(STATIC, list(RECORD["bundles"])) == RECORD["bundles"]


def test_no_source_has_changed_since_the_bundles_were_made() -> None:
    found = sorted(path.name for path in SOURCES.iterdir() if path.suffix in (".js", ".json"))
    assert _hashes(SOURCES, found) == RECORD["sources"], "run: make assets"


@pytest.mark.parametrize("name", sorted(PINNED))
def test_each_package_is_pinned_exactly_and_locked_with_its_hash(name: str) -> None:
    locked = json.loads((SOURCES / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", PINNED[name])
    assert locked[f"node_modules/{name}"]["version"] == PINNED[name]
    assert all(package["integrity"].startswith("sha512-") for path, package in locked.items() if path)


def test_the_notice_names_each_package_that_is_bundled_and_its_licence_is_beside_it() -> None:
    notice = (REPOSITORY / "NOTICE").read_text(encoding="utf-8")
    licences = (STATIC / "licences.txt").read_text(encoding="utf-8")
    part = notice[notice.index("* htmx.js") : notice.index("Other parts")]
    named = {
        name: terms for names, terms in re.findall(r": ([^()]+?) \((\w+)\)", part) for name in re.split(r",\s+", names)
    }
    assert named == {name: told.split()[1] for name, told in RECORD["packages"].items()}
    for name, told in RECORD["packages"].items():
        assert f"{name} {told.split()[0]}\n" in licences


def test_the_editor_loads_in_less_than_150_kb_and_calls_nobody() -> None:
    import gzip

    editor = (STATIC / "editor.js").read_bytes()
    assert len(gzip.compress(editor)) < 150_000
    loading = re.findall(rb"(?:fetch|import|open|src=|href=)\(?[\"'`]((?:https?:)?//[^\"'`]+)", editor)
    assert loading == []
    assert set(re.findall(rb"fetch\([\"`]([^\"`$?]+)", editor)) == {
        b"/sparql",
        b"/query/snippets",
        b"/query/vocabulary.json",
    }
