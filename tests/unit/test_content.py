"""Where a file speaks of a resource, however it abbreviates IRIs."""

from __future__ import annotations

from pathlib import Path

import pytest

from coopkg.content import Content, graph_of, path_of
from tests.builders import ID, a_tiny_content

PAGE = "data/sources/c-page.trig"
GRAPH = "https://w3id.org/coopkg/graph/c-page"


@pytest.mark.parametrize(
    ("head", "subject"),
    [
        ("", f"<{ID}project/c>"),
        (f"@prefix id: <{ID}project/> .", "id:c"),
        (f"PREFIX My-Id: <{ID}project/>", "My-Id:c"),
        (f"@prefix : <{ID}project/> .", ":c"),
        (f"@base <{ID}> .", "<project/c>"),
        (f"BASE <{ID}project/x>", "<c>"),
    ],
)
def test_a_block_is_found_by_its_iri(tmp_path: Path, head: str, subject: str) -> None:
    folder = a_tiny_content(tmp_path / "content")
    text = f"{head}\n# {subject} in a comment\n<{GRAPH}> {{\n  {subject} <urn:p> {subject} ;\n    <urn:q> 1 .\n}}\n"
    (folder / PAGE).write_text(text, encoding="utf-8")
    content = Content(folder)
    assert content.locate(f"{ID}project/c") == f"{PAGE}:4"
    assert content.locate(f"{ID}project/none") == ""


def test_of_several_files_that_of_a_graph_is_named_alone(tmp_path: Path) -> None:
    folder = a_tiny_content(tmp_path / "content")
    (folder / PAGE).write_text(f"<{GRAPH}> {{ <{ID}project/a-page> <urn:p> 1 }}", encoding="utf-8")
    (folder / "data/sources/d-page.trig").write_text(
        f"<{GRAPH[:-6]}d-page> {{\n<urn:x> <urn:p> <{ID}project/only-named> .\n}}\n", encoding="utf-8"
    )
    content = Content(folder)
    both = content.locate(f"{ID}project/a-page")
    assert "a-page.trig:5" in both
    assert content.locate(f"{ID}project/a-page", "https://w3id.org/coopkg/graph/a-page") == "data/sources/a-page.trig:5"
    assert content.locate(f"{ID}project/only-named") == "data/sources/d-page.trig:2", "its first mention"


@pytest.mark.parametrize("slug", ["editorial", "ontology", "licences", "inferred"])
def test_a_source_has_no_graph_of_another_file(slug: str) -> None:
    assert graph_of(f"data/sources/{slug}.trig") is None


def test_the_redirects_have_a_file_of_their_own() -> None:
    assert path_of("https://w3id.org/coopkg/graph/editorial") == "data/editorial.trig"
    assert graph_of("data/editorial.trig") == "https://w3id.org/coopkg/graph/editorial"
