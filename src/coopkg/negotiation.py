"""Which media type an answer is written in: the request's wishes against what is on offer.

Pure text. Sources: RFC 9110 section 12.5.1; SPARQL 1.1 Protocol section 2.1.5; the short names of `format=` are those
that SPARQLWrapper, R and GDAL send.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from coopkg.errors import NotAcceptable

SHORT_NAMES = {
    "json": ("application/sparql-results+json", "application/ld+json"),
    "sparql-json": ("application/sparql-results+json",),
    "xml": ("application/sparql-results+xml", "application/rdf+xml"),
    "csv": ("text/csv",),
    "tsv": ("text/tab-separated-values",),
    "turtle": ("text/turtle",),
    "ttl": ("text/turtle",),
    "nt": ("application/n-triples",),
    "ntriples": ("application/n-triples",),
    "n-triples": ("application/n-triples",),
    "json-ld": ("application/ld+json",),
    "jsonld": ("application/ld+json",),
    "rdf": ("application/rdf+xml",),
    "rdf+xml": ("application/rdf+xml",),
    "rdfxml": ("application/rdf+xml",),
}
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\x00-\x20<>\"{}|\\^`]*")
_SYNONYMS = {
    "application/json": ("application/sparql-results+json", "application/ld+json"),
    "application/xml": ("application/sparql-results+xml", "application/rdf+xml"),
    "text/xml": ("application/sparql-results+xml", "application/rdf+xml"),
    "text/plain": ("application/n-triples",),
    "application/x-turtle": ("text/turtle",),
}

_WEIGHT = re.compile(r"[0-9]+(\.[0-9]*)?|\.[0-9]+")  # ".2" is no weight of RFC 9110, yet Java sends it


def choose(accept: str, wishes: Sequence[str], offers: Sequence[str]) -> str:
    """Return the media type to answer in.

    Args:
        accept: the Accept header, "" when absent.
        wishes: values of `format`, `output`, `results`, in that order; the first one that is known and on offer wins
            over Accept, unknown ones are ignored.
        offers: media types on offer, the preferred one first.
    Raises:
        NotAcceptable: no range of Accept covers an offer.
    """
    for wish in wishes:
        # Clients forget to escape the + of "sparql-results+json", and a form turns it into a space.
        name = wish.partition(";")[0].strip().lower().replace(" ", "+")
        for candidate in (name, *SHORT_NAMES.get(name, ()), *_SYNONYMS.get(name, ())):
            if candidate in offers:
                return candidate
    if not accept.replace(",", "").strip():
        return offers[0]
    best, best_rank = "", (0.0, 0, 0)
    for position, offer in enumerate(offers):
        quality, precision = _quality(accept, offer)
        rank = (quality, precision, -position)
        if quality > 0 and (not best or rank > best_rank):
            best, best_rank = offer, rank
    if not best:
        raise NotAcceptable(f"none of the types in Accept can be given; on offer: {', '.join(offers)}")
    return best


def is_absolute_iri(text: str) -> bool:
    """Return whether a text can be an absolute IRI (RFC 3987, roughly: a scheme, and none of the excluded characters).

    >>> is_absolute_iri("graph/x")
    False
    """
    return _IRI.fullmatch(text) is not None


def _quality(accept: str, offer: str) -> tuple[float, int]:
    """Return the q value and the precision (0 to 3) of the most precise range that covers an offer."""
    found = (0.0, -1)
    for item in accept.split(","):
        media_range, *parameters = (part.strip() for part in item.split(";"))
        precision = _precision(media_range.lower(), offer)
        if precision > found[1]:
            found = (_q(parameters), precision)
    return (found[0], max(found[1], 0))


def _precision(media_range: str, offer: str) -> int:
    if media_range == offer:
        return 3
    if offer in _SYNONYMS.get(media_range, ()):
        return 2
    if media_range.endswith("/*") and offer.startswith(media_range[:-1]) and media_range != "*/*":
        return 1
    return 0 if media_range in ("*/*", "*") else -1


def _q(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            return min(float(value), 1.0) if _WEIGHT.fullmatch(value.strip()) else 0.0
    return 1.0
