"""The tests of the W3C's SHACL suite, read from its manifests; and where judges are known to deviate from them.

The suite lives outside the repository, in the folder that the environment variable COOPKG_TEST_SHARED names.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import RdfFormat, parse

from coopkg.constraints import Term
from coopkg.rdf import NamedNode, Triple
from tests.shacl.reports import triples

_MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
_SHT = "http://www.w3.org/ns/shacl-test#"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


@dataclass(frozen=True, slots=True)
class Case:
    """A test of the suite.

    Args:
        name: its file below the folder of the suite.
        fails: whether a judge has to refuse it; else `expected` holds the report.
    """

    __test__ = False

    name: str
    data: list[Triple]
    shapes: list[Triple]
    expected: list[Triple]
    fails: bool


def folder() -> Path | None:
    """Return the folder of the suite, or None when no environment variable leads to it."""
    shared = os.environ.get("COOPKG_TEST_SHARED", "")
    found = Path(shared) / "w3c" / "data-shapes" / "data-shapes-test-suite" / "tests"
    return found if shared and found.is_dir() else None


def cases(root: Path) -> Iterator[Case]:
    """Yield the tests for core and for SPARQL."""
    for part in ("core", "sparql"):
        yield from _included(root / part / "manifest.ttl", root)


def _included(manifest: Path, root: Path) -> Iterator[Case]:
    graph = _read(manifest)
    for triple in sorted(graph, key=str):
        if triple.predicate.value == f"{_MF}include":
            yield from _included(_path(triple.object), root)
    for triple in graph:
        if triple.object == NamedNode(f"{_SHT}Validate"):
            yield _case(triple.subject, graph, manifest.relative_to(root).as_posix())


def _case(entry: Term, graph: list[Triple], name: str) -> Case:
    about: dict[tuple[Term, str], Term] = {(t.subject, t.predicate.value): t.object for t in graph}
    action, result = about[entry, f"{_MF}action"], about[entry, f"{_MF}result"]
    data, shapes = (_read(_path(about[action, f"{_SHT}{kind}Graph"])) for kind in ("data", "shapes"))
    return Case(name, data, shapes, graph, result == NamedNode(f"{_SHT}Failure"))


def _path(iri: Term) -> Path:
    assert isinstance(iri, NamedNode)
    return Path(iri.value.removeprefix("file://"))


def _read(path: Path) -> list[Triple]:
    return triples(parse(path=str(path), format=RdfFormat.TURTLE, base_iri=f"file://{path}"))


def deviations() -> dict[str, dict[str, str]]:
    """Return the reasons of the known deviations, by judge and by test."""
    return tomllib.loads((Path(__file__).parent / "deviations.toml").read_text(encoding="utf-8"))
