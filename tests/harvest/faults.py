"""Faults that a portal may have: each changes one thing in the answers that a client gets, and nothing else.

The tests of this folder plant one at a time and see the matching check fail.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable

from rdflib import DCAT, DCTERMS, RDF, RDFS, XSD, BNode, Graph, Literal, Namespace, URIRef

from tests.harvest.between import Answer, Asked, Fault
from tests.harvest.catalogue import SERVICE

HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
LDES = Namespace("https://w3id.org/ldes#")
SPDX = Namespace("http://spdx.org/rdf/terms#")
TREE = Namespace("https://w3id.org/tree#")
_ADDRESS_IN_TURTLE = re.compile(rb"<http://127\.0\.0\.1:[0-9]+/")


def in_catalogue(change: Callable[[Asked, Answer], Answer]) -> Fault:
    """Return a fault that only the answers of the catalogue have."""
    return lambda asked, answer: change(asked, answer) if asked.path.startswith("/catalog") else answer


def in_statements(change: Callable[[Graph], None]) -> Fault:
    """Return a fault of what the catalogue says, in Turtle."""

    @functools.wraps(change)
    def planted(asked: Asked, answer: Answer) -> Answer:
        graph = Graph().parse(data=answer.body, format="turtle")
        change(graph)
        return answer.saying(graph.serialize(format="turtle"))

    return in_catalogue(lambda asked, answer: planted(asked, answer) if asked.method == "GET" else answer)


@in_catalogue
def moved(asked: Asked, answer: Answer) -> Answer:
    """Answer 301, to the same address with a parameter."""
    if "moved" in asked.target:
        return answer
    to = f"{asked.target}{'&' if '?' in asked.target else '?'}moved"
    return Answer(301, (("Location", to), ("Content-Type", "text/plain; charset=utf-8")), b"")


@in_catalogue
def without_charset(asked: Asked, answer: Answer) -> Answer:
    """Do not say in which encoding the text is."""
    return answer.with_header("Content-Type", answer.header("Content-Type").partition(";")[0])


@in_catalogue
def with_relative_iris(asked: Asked, answer: Answer) -> Answer:
    """Say addresses relative to the document."""
    return answer.saying(_ADDRESS_IN_TURTLE.sub(b"</", answer.body))


@in_catalogue
def html_without_a_wish(asked: Asked, answer: Answer) -> Answer:
    """Give a page for people to whoever takes anything."""
    if dict(asked.headers).get("Accept", "*/*") != "*/*" or asked.path != "/catalog":
        return answer
    page = "<!doctype html><title>Catalogue</title>"
    return answer.with_header("Content-Type", "text/html; charset=utf-8").saying(page)


def in_a_circle(most: int = 4) -> Fault:
    """Return the fault that the last page leads to the first; it ends after some, for clients that never would."""
    given = itertools.count()

    @in_statements
    def leading_back(graph: Graph) -> None:
        for view in set(graph.subjects(RDF.type, HYDRA.PartialCollectionView)):
            if (view, HYDRA.next, None) not in graph:
                graph.add((view, HYDRA.next, graph.value(view, HYDRA.first) or view))

    return lambda asked, answer: leading_back(asked, answer) if next(given) < most else Answer(508, (), b"")


@in_statements
def with_sha256(graph: Graph) -> None:
    """Say that checksums, hexBinary all the same, are SHA-256."""
    for checksum in graph.subjects(RDF.type, SPDX.Checksum):
        graph.set((checksum, SPDX.algorithm, SPDX.checksumAlgorithm_sha256))


@in_statements
def with_checksums_as_text(graph: Graph) -> None:
    """Say checksums as plain text."""
    for checksum, value in list(graph.subject_objects(SPDX.checksumValue)):
        graph.set((checksum, SPDX.checksumValue, Literal(str(value), datatype=XSD.string)))


@in_statements
def with_two_checksums(graph: Graph) -> None:
    """Give each distribution a second checksum."""
    for distribution, checksum in list(graph.subject_objects(SPDX.checksum)):
        second = BNode()
        graph.add((distribution, SPDX.checksum, second))
        for _, predicate, value in list(graph.triples((checksum, None, None))):
            graph.add((second, predicate, value))


@in_statements
def with_access_service(graph: Graph) -> None:
    """Let each distribution point at the service."""
    for distribution in graph.subjects(RDF.type, DCAT.Distribution):
        graph.add((distribution, DCAT.accessService, URIRef(SERVICE)))


def without_statements(*predicates: URIRef) -> Fault:
    """Return the fault that a property is said of nothing."""

    def change(graph: Graph) -> None:
        for predicate in predicates:
            graph.remove((None, predicate, None))

    return in_statements(change)


def without_classes(*classes: URIRef) -> Fault:
    """Return the fault that nothing is said to be of a class."""

    def change(graph: Graph) -> None:
        for one in classes:
            graph.remove((None, RDF.type, one))

    return in_statements(change)


without_identifiers = without_statements(DCTERMS.identifier)
without_labels = without_statements(RDFS.label)
without_sizes = without_statements(DCAT.byteSize)


def without_header(name: str) -> Fault:
    """Return the fault that a header is missing everywhere."""
    return lambda asked, answer: answer.without(name)


def with_header(name: str, value: str) -> Fault:
    """Return the fault that a header has a wrong value everywhere."""
    return lambda asked, answer: answer.with_header(name, value)


def with_body(path: str, body: str) -> Fault:
    """Return the fault that another text is sent at an address."""
    return lambda asked, answer: answer.saying(body) if asked.path == path else answer
