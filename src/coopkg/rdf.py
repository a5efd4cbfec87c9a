"""RDF terms, reading and writing, canonical form.

With `coopkg.store`, the only module that imports pyoxigraph; others take the terms from here.
"""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Protocol

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    Triple,
    parse,
    serialize,
)

from coopkg import names
from coopkg.errors import DocumentError, InputError
from coopkg.findings import Finding, Tier

__all__ = [
    "BlankNode",
    "DefaultGraph",
    "Literal",
    "NamedNode",
    "Quad",
    "RdfFormat",
    "Triple",
    "canonical_lines",
    "canonical_quads",
    "convert",
    "dataset_digest",
    "digest",
    "from_patch",
    "graph_digests",
    "parse_quads",
    "read_quads",
    "serialize",
    "skolemised",
    "term_faults",
    "to_patch",
]

_FORMATS = {
    ".ttl": RdfFormat.TURTLE,
    ".trig": RdfFormat.TRIG,
    ".nq": RdfFormat.N_QUADS,
    ".nt": RdfFormat.N_TRIPLES,
    ".jsonld": RdfFormat.JSON_LD,
    ".rdf": RdfFormat.RDF_XML,
}
#: The syntaxes that a document may come in, by media type.
DOCUMENT_FORMATS = {
    "text/turtle": RdfFormat.TURTLE,
    "application/trig": RdfFormat.TRIG,
    "application/n-quads": RdfFormat.N_QUADS,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/rdf+xml": RdfFormat.RDF_XML,
}
# Besides C0 and C1: what XML 1.0 cannot hold, hence neither RDF/XML nor SPARQL Results XML.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_BIDI = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_BIDI_IN_IRI = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # RFC 3987, section 4.1
_SCHEMES = ("http://", "https://", "urn:", "mailto:")
_LITERAL_MAX_BYTES = 1_048_576
_IRI_MAX_BYTES = 2_048
#: Of a number or a date: whoever compares two takes a time that grows with the square of their lengths.
_VALUE_MAX_LENGTH = 1_000


class Writable(Protocol):
    """What takes bytes."""

    def write(self, piece: bytes, /) -> int: ...

    def flush(self) -> None: ...


def read_quads(path: Path, shown: str) -> list[Quad]:
    """Return the quads of a file, in its order.

    Args:
        path: a file whose ending says its syntax, `.gz` allowed behind it.
        shown: how messages name the file.
    Raises:
        InputError: the file cannot be opened, decoded or parsed; says line and column.
    """
    endings = [ending for ending in path.suffixes if ending != ".gz"]
    syntax = _FORMATS.get(endings[-1] if endings else "")
    if syntax is None:
        raise InputError(f"{shown}: the ending says no RDF syntax; use one of {', '.join(sorted(_FORMATS))}")
    try:
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = _decompressed(content)
    except (OSError, EOFError, zlib.error) as fault:
        raise InputError(f"{shown}: cannot be read ({fault}); restore the file") from fault
    return parse_quads(content, syntax, shown)


def _decompressed(content: bytes) -> bytes:
    if not content:
        raise EOFError("no gzip stream in it")  # gzip itself takes this for a file that holds nothing
    return gzip.decompress(content)


def parse_quads(
    content: bytes,
    syntax: RdfFormat,
    shown: str,
    *,
    base: str | None = None,
    apart: bool = False,
    most: int | None = None,
) -> list[Quad]:
    """Return the quads of a document, in its order; a byte order mark before it is passed over.

    Args:
        base: IRI that relative IRIs are resolved against; None refuses them.
        apart: blank nodes get new names, so that those of several documents are never taken for one another.
        most: of a longer document one more than so many are returned, and what follows is not read.
    Raises:
        DocumentError: the document is not valid; says line, column and what stands there.
    """
    content = content.removeprefix(codecs.BOM_UTF8)
    try:
        content.decode("utf-8")
        quads = parse(content, format=syntax, base_iri=base, rename_blank_nodes=apart)
        return list(islice(quads, None if most is None else most + 1))
    except UnicodeDecodeError as fault:
        before = content[: fault.start].split(b"\n")
        place = len(before), len(before[-1].decode("utf-8")) + 1
        what = (f"le texte n'est pas en UTF-8 (octet {fault.start})", f"the text is not UTF-8 (byte {fault.start})")
        raise _unreadable(shown, place, what, (" ; enregistrez-le en UTF-8", "; save it as UTF-8")) from fault
    except SyntaxError as fault:
        # The engine says no place for some faults of JSON-LD and RDF/XML.
        place, said = (fault.lineno or 0, fault.offset or 0), _plain(fault)
        line = _line(content, place[0])
        what = f"{syntax.name} mal formé ({said})", said
        raise _unreadable(shown, place, what, _hint(said, line.strip()), line) from fault
    except ValueError as fault:
        what = f"fichier illisible ({fault})", str(fault)
        raise _unreadable(shown, (0, 0), what, (" ; réparez le fichier", "; repair the file")) from fault


def _unreadable(
    shown: str, place: tuple[int, int], what: tuple[str, str], repair: tuple[str, str], line: str = ""
) -> DocumentError:
    """Return the refusal of a document.

    Args:
        place: line and column from 1, or zeros.
        what, repair: in French and in English.
        line: the text at fault.
    """
    row, column = place
    finding = Finding(
        tier=Tier.VIOLATION,
        focus="",
        messages=(("en", what[1] + repair[1]), ("fr", what[0] + repair[0])),
        component="Syntax",
        where=f"{shown}:{row}" if row else shown,
        column=column,
        excerpt=_printable(line.replace("\t", " ")),
    )
    where = f"{shown}:{row}:{column}" if row else shown
    return DocumentError(f"{where}: {what[1]}{repair[1]}", row or None, column or None, [finding])


def _plain(fault: SyntaxError) -> str:
    text = re.sub(r"^Parser error at line \d+ [^:]*: ", "", fault.msg or str(fault))
    text = re.sub(r" \(line \d+\)$", "", text)
    return _printable(re.sub(r"\s+", " ", text)).rstrip(".")


def _line(content: bytes, number: int) -> str:
    lines = content.decode("utf-8").split("\n")
    return lines[number - 1].rstrip("\r") if 0 < number <= len(lines) else ""


def _hint(said: str, line: str) -> tuple[str, str]:
    """Return what to do, in French and in English."""
    if "has not been declared" in said:
        return " ; déclarez-le par @prefix en tête du fichier", "; declare it with @prefix at the top of the file"
    if "Unexpected end" in said or "not closed" in said:
        return (
            " ; le fichier finit trop tôt : fermez ce qui est ouvert",
            "; the file ends too early: close what is open",
        )
    if "remote context" in said:
        return (
            " ; écrivez le contexte dans le fichier : rien n'est téléchargé",
            "; write the context into the file: nothing is fetched",
        )
    if line:
        near = _printable(line[:80])
        return f" ; réparez la syntaxe près de : {near}", f"; repair the syntax near: {near}"
    return " ; réparez le fichier", "; repair the file"


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else f"\\u{ord(character):04X}" for character in text)


def skolemised(quads: Iterable[Quad], within: str) -> list[Quad]:
    """Return the quads with each blank node replaced by an IRI that depends on the content alone.

    Args:
        within: a name put into the IRIs, so that two documents never share one.
    Source: RDF 1.1 Concepts, section 3.5; labels from RDFC-1.0.
    """
    dataset = Dataset(quads)
    if not any(_is_blank(quad) for quad in dataset):
        return list(dataset)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)

    def named(term: object) -> object:
        return NamedNode(f"{names.GENID}{within}/{term.value}") if isinstance(term, BlankNode) else term

    return [Quad(named(q.subject), q.predicate, named(q.object), named(q.graph_name)) for q in dataset]  # type: ignore[arg-type]  # pyoxigraph's own union of terms


def _is_blank(quad: Quad) -> bool:
    return any(isinstance(term, BlankNode) for term in (quad.subject, quad.object, quad.graph_name))


def canonical_lines(quads: Iterable[Quad]) -> list[str]:
    """Return the canonical N-Quads lines, sorted and unique, without line ends.

    For a dataset without blank nodes this is the RDFC-1.0 canonical form (a test compares the two).
    """
    return sorted({f"{quad} ." for quad in quads})


def digest(quads: Iterable[Quad]) -> str:
    """Return the SHA-256 (hex) of the canonical N-Quads of a dataset without blank nodes."""
    total = hashlib.sha256()
    for line in canonical_lines(quads):
        total.update(line.encode("utf-8") + b"\n")
    return total.hexdigest()


def graph_digests(quads: Iterable[Quad]) -> dict[str, str]:
    """Return the digest of each named graph of some quads, by its IRI."""
    graphs: defaultdict[str, list[Quad]] = defaultdict(list)
    for quad in quads:
        graphs[getattr(quad.graph_name, "value", "")].append(quad)
    return {graph: digest(part) for graph, part in graphs.items()}


def dataset_digest(digests: Mapping[str, str]) -> str:
    """Return the digest of a dataset from those of its named graphs, so that a change costs no look at the others."""
    lines = "".join(f"{digest} {graph}\n" for graph, digest in sorted(digests.items()))
    return hashlib.sha256(lines.encode("utf-8")).hexdigest()


def to_patch(remove: Iterable[Quad], add: Iterable[Quad]) -> bytes:
    """Return a change as the lines of an RDF Patch: canonical, `D ` before what goes and `A ` before what comes."""
    lines = [f"D {line}\n" for line in canonical_lines(remove)]
    lines += [f"A {line}\n" for line in canonical_lines(add)]
    return "".join(lines).encode("utf-8")


def from_patch(content: bytes, shown: str) -> tuple[list[Quad], list[Quad]]:
    """Return what the lines of an RDF Patch remove, and what they add.

    Args:
        shown: how messages name the patch.
    Raises:
        InputError: a line is no quad behind one of the two letters.
    """
    parts: dict[bytes, list[bytes]] = {b"D ": [], b"A ": []}
    *lines, rest = content.split(b"\n")
    for line in lines:
        if line[:2] not in parts:
            raise InputError(f"{shown}: no line of a patch: {line[:40]!r}")
        parts[line[:2]].append(line[2:])
    if rest:
        raise InputError(f"{shown}: ends within a line: {rest[:40]!r}")
    removed, added = (parse_quads(b"\n".join(part), RdfFormat.N_QUADS, shown) for part in parts.values())
    return removed, added


def to_bytes(quads: Iterable[Quad], syntax: RdfFormat, prefixes: Mapping[str, str] | None = None) -> bytes:
    """Return quads written in a syntax, with the project's prefixes where the syntax has prefixes.

    Args:
        prefixes: others, besides those of the project.
    """
    output = io.BytesIO()
    serialize(quads, output, syntax, prefixes={**names.PREFIXES, **(prefixes or {})})
    return output.getvalue()


def canonical_quads(source: Path) -> Iterator[Quad]:
    """Yield the quads of a file of canonical N-Quads in gzip, as it is read."""
    with gzip.open(source) as lines:
        yield from parse(lines, format=RdfFormat.N_QUADS)  # type: ignore[arg-type]  # it needs `read` alone


def convert(quads: Iterable[Quad], output: Writable, syntax: RdfFormat) -> int:
    """Write the triples of some quads, each once, in a syntax, as they come; return how many these are.

    Args:
        quads: in canonical order, in which those that state one triple in several graphs follow each other.
    """
    count, last = 0, None

    def triples() -> Iterator[Triple]:
        nonlocal count, last
        for quad in quads:
            triple = quad.triple
            if triple != last:
                count, last = count + 1, triple
                yield triple

    serialize(triples(), output, syntax, prefixes=names.PREFIXES)  # type: ignore[arg-type]  # it needs `write` and `flush` alone
    return count


def term_faults(quad: Quad) -> Iterator[tuple[str, str, str]]:
    """Yield what would break later output: (term as text, fault in French, fault in English)."""
    for term in (quad.subject, quad.predicate, quad.object, quad.graph_name):
        if isinstance(term, NamedNode):
            yield from _iri_faults(term.value)
        elif isinstance(term, Literal):
            yield from _literal_faults(term)
        elif isinstance(term, BlankNode):
            yield str(term), "nœud anonyme : donnez-lui un IRI", "blank node: give it an IRI"
        elif isinstance(term, Triple):
            yield str(term)[:80], "triplet comme terme (RDF 1.2) : retirez-le", "triple term (RDF 1.2): remove it"


def _iri_faults(iri: str) -> Iterator[tuple[str, str, str]]:
    if not iri.startswith(_SCHEMES):
        yield (
            iri,
            "IRI refusé : il doit commencer par http, https, urn ou mailto",
            "IRI refused: it must begin with http, https, urn or mailto",
        )
    if len(iri.encode()) > _IRI_MAX_BYTES:
        yield (
            iri[:80],
            f"IRI de plus de {_IRI_MAX_BYTES} octets : raccourcissez-le",
            f"IRI over {_IRI_MAX_BYTES} bytes: shorten it",
        )
    if _BIDI_IN_IRI.search(iri):
        yield (
            iri,
            "IRI avec un caractère de direction : retirez-le",
            "IRI with a bidirectional control: remove it",
        )


def _literal_faults(literal: Literal) -> Iterator[tuple[str, str, str]]:
    text = literal.value
    yield from _iri_faults(literal.datatype.value)
    if literal.direction is not None:
        yield (
            text[:80],
            "texte avec une direction (RDF 1.2) : retirez-la",
            "text with a base direction (RDF 1.2): remove it",
        )
    if _CONTROL.search(text):
        yield (
            text[:80],
            "caractère de contrôle dans le texte : retirez-le",
            "control character in the text: remove it",
        )
    if _BIDI.search(text):
        yield (
            text[:80],
            "caractère de direction dans le texte : retirez-le",
            "bidirectional control in the text: remove it",
        )
    if len(text.encode()) > _LITERAL_MAX_BYTES:
        yield text[:80], "texte de plus de 1 Mo : raccourcissez-le", "text over 1 MB: shorten it"
    datatype = literal.datatype.value
    if len(text) > _VALUE_MAX_LENGTH and datatype.startswith(names.XSD) and datatype != f"{names.XSD}string":
        yield (
            text[:80],
            f"valeur de plus de {_VALUE_MAX_LENGTH} signes : raccourcissez-la",
            f"value over {_VALUE_MAX_LENGTH} characters: shorten it",
        )
