"""The wheel holds everything: installed far from the checkout, it builds its graph, serves it and answers."""

from __future__ import annotations

import email
import json
import subprocess
import urllib.request
import zipfile
from pathlib import Path
from urllib.parse import quote

from coopkg.content import Content
from tests.conftest import REPOSITORY, clean_environ


def _names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_every_file_of_the_content_folder_and_every_document(wheel: Path) -> None:
    inside = "coopkg/resources/"
    packed = {name.removeprefix(inside) for name in _names(wheel) if name.startswith(inside)}
    content = Content(REPOSITORY)
    wanted = [file.full for file in content.files] + content.shapes()
    wanted += [REPOSITORY / "ontology" / "rules" / f"{rule}.rq" for rule in content.rules()]
    wanted += [REPOSITORY / "data" / "reference" / "judged.json", *(REPOSITORY / "shapes" / "quality").glob("*.ttl")]
    wanted += (REPOSITORY / "docs").glob("*.md")
    assert len(wanted) > 50
    assert {path.relative_to(REPOSITORY).as_posix() for path in wanted} - packed == set()


def test_the_wheel_holds_the_program_its_types_its_pages_and_its_licences(wheel: Path) -> None:
    names = _names(wheel)
    source = REPOSITORY / "src"
    sources_of_bundles = source / "coopkg" / "web" / "assets"
    for path in source.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts and sources_of_bundles not in path.parents:
            assert path.relative_to(source).as_posix() in names
    for name in ("py.typed", "web/templates/home.html", "web/static/coopkg.css", "web/static/icon.svg"):
        assert f"coopkg/{name}" in names
    for name in ("LICENSE", "NOTICE"):
        assert any(found.endswith(f".dist-info/licenses/{name}") for found in names), name


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in _names(wheel)}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"coopkg"}
    assert not [name for name in _names(wheel) if "/web/assets/" in name]
    assert not [name for name in _names(wheel) if "__pycache__" in name or name.endswith((".pyc", "~"))]


def test_the_wheel_says_which_python_it_needs(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        told = email.message_from_bytes(archive.read(name))
    assert set(told["Requires-Python"].split(",")) == {">=3.11", "<3.14"}
    assert told["License-Expression"] == "Apache-2.0"
    assert any(line.startswith("pyoxigraph==") for line in told.get_all("Requires-Dist") or [])


def test_installed_far_from_the_checkout_it_builds_serves_and_answers(installed: Path, tmp_path: Path) -> None:
    program = installed / "bin" / "coopkg"
    environ = clean_environ(XDG_STATE_HOME=str(tmp_path / "state"), PYTHONPATH="")
    where = subprocess.run(
        [installed / "bin" / "python", "-c", "import coopkg, pyoxigraph; print(coopkg.__file__)"],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert where.startswith(f"{installed}/")

    built = subprocess.run(
        [program, "build"], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False, timeout=300
    )
    assert built.returncode == 0, built.stderr
    assert (tmp_path / "state" / "coopkg" / "generations" / "current").is_symlink()

    server = subprocess.Popen(
        [program, "serve", "--port", "0"],
        cwd=tmp_path,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdout is not None
    try:
        url = server.stdout.readline().split()[3].rstrip("/")
        query = quote("SELECT (COUNT(?project) AS ?projects) { ?project a coop:Project }")
        (row,) = json.loads(_got(f"{url}/sparql?query={query}"))["results"]["bindings"]
        assert b"--accent" in _got(f"{url}/static/coopkg.css")
        assert "coopération".encode() in _got(f"{url}/")
    finally:
        server.terminate()
        server.wait(timeout=10)
        server.stdout.close()
    assert int(row["projects"]["value"]) >= 1


def _got(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310  # our own server's address
        return bytes(answer.read())
