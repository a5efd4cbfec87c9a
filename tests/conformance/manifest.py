"""The manifests of the W3C suites, read into tests.

Knows files and the mf:, qt:, ut: and ht: vocabularies; knows neither the endpoint nor how answers are compared. The
suites live outside the repository, in the folder that the environment variable COOPKG_TEST_SHARED names.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Store, Triple

BASE = "https://w3c.github.io/rdf-tests/sparql/"
_MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
_QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
_UT = "http://www.w3.org/2009/sparql/tests/test-update#"
_SD = "http://www.w3.org/ns/sparql-service-description#"
_HT = "http://www.w3.org/2011/http#"
_CNT = "http://www.w3.org/2011/content#"
_DAWGT = "http://www.w3.org/2001/sw/DataAccess/tests/test-dawg#"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_STATUSES = {"OK": "200", "Created": "201", "NoContent": "204", "NotFound": "404"}
_COMMENT = "http://www.w3.org/2000/01/rdf-schema#comment"
_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"

Node = NamedNode | BlankNode | Literal | Triple


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request of a protocol test, and what its answer must be.

    Args:
        target: path and query string, as the manifest says it (it begins with `/sparql/`).
        statuses: the status classes that are right, as "2xx".
        form: "boolean", "tabular" or "RDF"; "" when the answer's form does not matter.
        boolean: the answer of an ASK, where one is expected.
        media_type: the Content-Type of the answer, where it matters.
        content: the graph that the answer must hold, in that type.
        location: what stands for the answer's Location in the requests that follow, where it must have one.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    statuses: frozenset[str]
    form: str
    boolean: bool | None
    media_type: str = ""
    content: bytes = b""
    location: str = ""


@dataclass(frozen=True, slots=True)
class Test:
    """A test of a manifest.

    Args:
        kind: the local name of its type, as "QueryEvaluationTest".
        action: the query or the update, where the test has one.
        result: the expected answer, where a file holds it.
        data: files whose merge is the default graph.
        named: the IRI and the file of each named graph.
        data_after, named_after: the same, once the update of the test is carried out.
        regimes: local names of the entailment regimes under which it holds, simple entailment apart.
        is_lax: a solution may be given fewer times than expected, but at least once (REDUCED).
        is_approved: a working group has approved it, and not only proposed it.
        exchanges: the requests of a protocol test, in their order.
        prose: the text of a test that is told in words.
    """

    __test__ = False  # or pytest takes it for one of its own

    iri: str
    name: str
    kind: str
    action: Path | None = None
    result: Path | None = None
    data: tuple[Path, ...] = ()
    named: tuple[tuple[str, Path], ...] = ()
    data_after: tuple[Path, ...] = ()
    named_after: tuple[tuple[str, Path], ...] = ()
    regimes: tuple[str, ...] = ()
    is_lax: bool = False
    is_approved: bool = False
    exchanges: tuple[Exchange, ...] = ()
    prose: str = ""

    @property
    def is_update(self) -> bool:
        """Whether its text is an update; the type does not tell (delete-insert has syntax tests of queries)."""
        return self.action is not None and self.action.suffix == ".ru"


def suites_folder() -> Path | None:
    """Return the folder of the SPARQL suites, or None when no environment variable leads to one."""
    shared = os.environ.get("COOPKG_TEST_SHARED", "")
    folder = Path(shared) / "w3c" / "rdf-tests" / "sparql"
    return folder if shared and folder.is_dir() else None


def iri_of(path: Path, root: Path) -> str:
    """Return the IRI at which the W3C publishes a file of the suites."""
    return BASE + path.relative_to(root).as_posix()


def path_of(iri: str, root: Path) -> Path:
    """Return the file of the suites that the W3C publishes at an IRI."""
    return root / iri.removeprefix(BASE)


def read(path: Path, root: Path) -> Iterator[Test]:
    """Yield the tests of a manifest and of those that it includes, in their order.

    Args:
        path: the manifest.
        root: the folder of the suites.
    """
    manifest = _Manifest(path, root)
    yield from manifest.tests()
    for included in manifest.included():
        yield from read(included, root)


class _Manifest:
    def __init__(self, path: Path, root: Path) -> None:
        self._root = root
        self._store = Store()
        self._store.load(path=str(path), format=RdfFormat.TURTLE, base_iri=iri_of(path, root))

    def tests(self) -> Iterator[Test]:
        for entry in self._listed(f"{_MF}entries"):
            yield self._test(entry)

    def included(self) -> Iterator[Path]:
        for node in self._listed(f"{_MF}include"):
            yield self._path(node)

    def _listed(self, predicate: str) -> Iterator[Node]:
        for quad in self._store.quads_for_pattern(None, NamedNode(predicate), None):
            yield from self._items(quad.object)

    def _test(self, entry: Node) -> Test:
        action = self._one(entry, f"{_MF}action")
        # A syntax test names its text at once, an evaluation test through a node with its data.
        text = self._one(action, f"{_QT}query") or self._one(action, f"{_UT}request")
        text = text or (action if isinstance(action, NamedNode) else None)
        result = self._one(entry, f"{_MF}result")
        return Test(
            iri=_text(entry),
            name=_text(self._one(entry, f"{_MF}name")),
            kind=_local(self._one(entry, f"{_RDF}type")),
            action=self._path(text) if text else None,
            result=self._path(result) if isinstance(result, NamedNode) else None,
            data=tuple(self._path(node) for name in (f"{_QT}data", f"{_UT}data") for node in self._all(action, name)),
            named=(
                *(self._graph(node) for node in self._all(action, f"{_QT}graphData")),
                *(self._graph(node) for node in self._all(action, f"{_UT}graphData")),
                *(self._graph(node) for node in self._all(entry, f"{_UT}graphData")),  # of a protocol test
            ),
            data_after=tuple(self._path(node) for node in self._all(result, f"{_UT}data")),
            named_after=tuple(self._graph(node) for node in self._all(result, f"{_UT}graphData")),
            regimes=tuple(self._regimes(action)),
            is_lax=_local(self._one(entry, f"{_MF}resultCardinality")) == "LaxCardinality",
            is_approved=_local(self._one(entry, f"{_DAWGT}approval")) == "Approved",
            prose=next((_text(one) for one in self._all(entry, _COMMENT) if "#### Request" in _text(one)), ""),
            exchanges=tuple(
                self._exchange(node)
                for requests in self._all(action, f"{_HT}requests")
                for node in self._items(requests)
            ),
        )

    def _graph(self, node: Node) -> tuple[str, Path]:
        """Return the IRI and the file of a named graph; a label is another IRI than the file's."""
        file = self._one(node, f"{_QT}graph") or self._one(node, f"{_UT}graph") or node
        return _text(self._one(node, _LABEL) or file), self._path(file)

    def _regimes(self, action: Node | None) -> Iterator[str]:
        for node in self._all(action, f"{_SD}entailmentRegime"):
            yield from map(_local, [node] if isinstance(node, NamedNode) else self._items(node))

    def _exchange(self, node: Node) -> Exchange:
        answer = self._one(node, f"{_HT}resp")
        body = self._one(node, f"{_HT}body")
        encoding = _text(self._one(body, f"{_CNT}characterEncoding")) or "UTF-8"
        boolean = _text(self._one(answer, f"{_MF}expectedBoolean"))
        wanted = self._headers(answer)
        return Exchange(
            method=_text(self._one(node, f"{_HT}methodName")),
            target=_text(self._one(node, f"{_HT}absolutePath")),
            headers=self._headers(node),
            body=_text(self._one(body, f"{_CNT}chars")).encode(encoding),
            statuses=frozenset(
                _STATUSES.get(_local(status), _local(status).removeprefix("StatusCode"))
                for status in self._all(answer, f"{_MF}expectedStatus")
            ),
            form=_text(self._one(answer, f"{_MF}expectedFormat")),
            boolean=boolean == "true" if boolean else None,
            media_type=dict(wanted).get("content-type", ""),
            content=_text(self._one(self._one(answer, f"{_HT}body"), f"{_CNT}chars")).encode(),
            location=_text(self._one(answer, f"{_MF}expectedLocation")),
        )

    def _headers(self, node: Node | None) -> tuple[tuple[str, str], ...]:
        items = [item for listed in self._all(node, f"{_HT}headers") for item in self._items(listed)]
        return tuple(
            (_text(self._one(item, f"{_HT}fieldName")), _text(self._one(item, f"{_HT}fieldValue"))) for item in items
        )

    def _path(self, node: Node) -> Path:
        return path_of(_text(node), self._root)

    def _all(self, subject: Node | None, predicate: str) -> list[Node]:
        if not isinstance(subject, NamedNode | BlankNode):
            return []
        return [quad.object for quad in self._store.quads_for_pattern(subject, NamedNode(predicate), None)]

    def _one(self, subject: Node | None, predicate: str) -> Node | None:
        return next(iter(self._all(subject, predicate)), None)

    def _items(self, node: Node | None) -> Iterator[Node]:
        while node is not None and node != NamedNode(f"{_RDF}nil"):
            first = self._one(node, f"{_RDF}first")
            if first is not None:
                yield first
            node = self._one(node, f"{_RDF}rest")


def _text(node: Node | None) -> str:
    return "" if node is None or isinstance(node, Triple) else node.value


def _local(node: Node | None) -> str:
    return _text(node).rpartition("#")[2].rpartition("/")[2]
