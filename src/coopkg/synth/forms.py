"""The forms in which made-up documents are written: N-Quads, N-Triples, TriG, Turtle; each document by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from operator import itemgetter

from coopkg import names
from coopkg.synth.draft import Document, Statement

_IRIS = {f"<{iri}": f"{prefix}:" for prefix, iri in names.PREFIXES.items()}
_PREFIXES = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in names.PREFIXES.items()) + "\n"
_short: dict[str, str] = {f"<{names.RDF}type>": "a"}


def quads(document: Document) -> str:
    """Return a document as N-Quads."""
    graph = f" <{document.graph}> .\n"
    own = "".join([f"{subject} {predicate} {value}{graph}" for subject, predicate, value in document.own])
    return "".join(organisation_quads(document)) + own


def organisation_quads(document: Document) -> list[str]:
    """Return what a document says in the graph of organisations, as lines of N-Quads."""
    graph = f" <{names.ORGANISATIONS_GRAPH}> .\n"
    return [f"{subject} {predicate} {value}{graph}" for subject, predicate, value in document.organisations]


def triples(document: Document) -> str:
    """Return a document as N-Triples."""
    statements = (*document.organisations, *document.own)
    return "".join([f"{subject} {predicate} {value} .\n" for subject, predicate, value in statements])


def trig(document: Document) -> str:
    """Return a document as TriG, whose prefixes stand at the head of the file."""
    told = f"<{document.graph}> {{\n{_blocks(document.own)}}}\n\n"
    if document.organisations:
        return f"<{names.ORGANISATIONS_GRAPH}> {{\n{_blocks(document.organisations)}}}\n\n{told}"
    return told


def turtle(document: Document) -> str:
    """Return a document as Turtle, whose prefixes stand at the head of the file."""
    return f"{_blocks(document.organisations)}{_blocks(document.own)}\n"


#: What stands at the head of a file, and how a document is written, by the name of the form.
FORMS: dict[str, tuple[str, Callable[[Document], str]]] = {
    "nq": ("", quads),
    "nt": ("", triples),
    "trig": (_PREFIXES, trig),
    "ttl": (_PREFIXES, turtle),
}


def written(documents: Iterable[Document], form: str) -> Iterator[bytes]:
    """Yield the pieces of a file that holds the documents, as they come."""
    head, write = FORMS[form]
    yield head.encode()
    for document in documents:
        yield write(document).encode()


def _blocks(statements: Iterable[Statement]) -> str:
    blocks = []
    for subject, about in groupby(statements, itemgetter(0)):
        said = " ;\n    ".join([f"{_predicate(predicate)} {value}" for _, predicate, value in about])
        blocks.append(f"{subject} {said} .\n")
    return "".join(blocks)


def _predicate(term: str) -> str:
    if term not in _short:
        cut = max(term.rfind("#"), term.rfind("/")) + 1
        _short[term] = _IRIS[term[:cut]] + term[cut:-1]
    return _short[term]
