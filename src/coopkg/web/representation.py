"""An answer in one of several forms: which one is wanted, and what HTTP says of it.

What harvesters ask of every open address is here: a charset, strong tags, dates, 304, links, one form an address
where its ending says so. Source: RFC 9110; `harvest` rows 9, 10, 11 and 14 of ADR 0022.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from urllib.parse import quote

from flask import Response, request

from coopkg import jsonld, names, negotiation, rdf
from coopkg.rdf import Quad
from coopkg.store import GRAPH_FORMATS
from coopkg.web import coding, conditional

HTML = "text/html"
JSONLD = "application/ld+json"
_VERSION = version("coopkg")
#: The forms of things by the ending of an address.
ENDINGS: Mapping[str, str] = {
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
    "nt": "application/n-triples",
    "html": HTML,
}
#: What is on offer where a page is, too: RDF first, so that HTML comes only when it is liked best.
OFFERS: tuple[str, ...] = (*GRAPH_FORMATS, HTML)
#: Their specifications fix the encoding, and strict parsers refuse a parameter.
_WITHOUT_CHARSET = frozenset({JSONLD, "application/json", "application/sparql-results+json"})
_SAFE = "/-._~!$&'()*+,;=:@%?#[]"


def wanted(ending: str = "", offers: Sequence[str] = OFFERS, endings: Mapping[str, str] = ENDINGS) -> str:
    """Return the media type that the present request wants: that of the address's ending, else by Accept.

    An address that says a language (`lang=`) is that of a page: there HTML is given to whoever takes anything, such as
    the crawler that found it in the sitemap.

    Raises:
        NotAcceptable: none of Accept is on offer; lists what is.
    """
    if ending:
        return endings[ending]
    if HTML in offers and "lang" in request.args:
        offers = (HTML, *(offer for offer in offers if offer != HTML))
    return negotiation.choose(request.headers.get("Accept", ""), (), offers)


def parted(path: str, endings: Mapping[str, str] = ENDINGS) -> tuple[str, str]:
    """Return a path and its ending, "" when it has none of ours.

    >>> parted("project/p.ttl"), parted("project/p.v2")
    (('project/p', 'ttl'), ('project/p.v2', ''))
    """
    stem, dot, ending = path.rpartition(".")
    return (stem, ending) if dot and ending in endings else (path, "")


def of_quads(
    quads: Iterable[Quad],
    media_type: str,
    *,
    prefixes: Mapping[str, str] | None = None,
    links: Sequence[str] = (),
    modified: float | None = None,
) -> Response:
    """Return statements as an answer in a form of RDF; see `of_bytes`.

    Its JSON-LD holds its own context, so that whoever takes a catalogue need not ask for a second document.

    Args:
        prefixes: besides those of the project.
    """
    return of_bytes(written(quads, media_type, prefixes), media_type, links=links, modified=modified)


def written(quads: Iterable[Quad], media_type: str, prefixes: Mapping[str, str] | None = None) -> bytes:
    """Return statements in a form of RDF; see `of_quads`."""
    if media_type == JSONLD:
        return jsonld.inline(quads, {**names.PREFIXES, **(prefixes or {})})
    return rdf.to_bytes(quads, GRAPH_FORMATS[media_type], prefixes)


def of_bytes(
    body: bytes,
    media_type: str,
    *,
    links: Sequence[str] = (),
    modified: float | None = None,
    status: int = 200,
    tag: str = "",
) -> Response:
    """Return an answer of known bytes: coded as the client likes, with a strong tag of what is sent; 304 where it can.

    Args:
        links: values of the Link header.
        modified: when what is said last changed, in seconds since the epoch.
        tag: see `tag_of`; for who keeps the bytes, and it with them.
    """
    response = Response(status=status, content_type=content_type(media_type))
    response.vary.add("Accept")
    if links:
        response.headers["Link"] = ", ".join(links)
    return completed(response, body, modified, tag)


def tag_of(body: bytes) -> str:
    """Return the tag of some bytes, before they are coded."""
    return hashlib.sha256(body).hexdigest()[:32]


def completed(response: Response, body: bytes, modified: float | None = None, tag: str = "") -> Response:
    """Return an answer with its body, coded as the client likes, and a strong tag of what is sent; 304 where it can.

    Args:
        modified, tag: see `of_bytes`.
    """
    accepted = request.headers.get("Accept-Encoding", "")
    chosen, encode = coding.chosen(accepted)
    if len(body) < coding.WORTH_BYTES and not coding.refuses_plain(accepted):
        chosen, encode = "", iter
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = "no-cache"  # kept, and asked about each time: it changes with the revision
    if response.status_code == 200:
        tag = tag or tag_of(body)
        response.set_etag(f"{tag}-{chosen}" if chosen else tag)
        if modified is not None:
            response.last_modified = datetime.fromtimestamp(modified, UTC)
        if conditional.given(response).status_code == 304:
            return response
    if chosen:
        response.headers["Content-Encoding"] = chosen
    response.set_data(b"".join(encode(iter([body]))))
    return response


def of_tagged(
    tagged: Sequence[str],
    media_type: str,
    make: Callable[[], list[bytes] | Iterator[bytes]],
    *,
    modified: float | None = None,
    lasting_s: int = 0,
) -> Response:
    """Return an answer that is known before it is made, and is made only where it is sent; see `of_bytes`.

    Args:
        tagged: what its bytes follow from, for this program at its version.
        make: makes its bytes: a list has its length said, others are sent as they come.
        lasting_s: how long it may be kept without asking; it never changes. 0 asks each time.
    """
    chosen, encode = coding.chosen(request.headers.get("Accept-Encoding", ""))
    tag = hashlib.sha256("\n".join((_VERSION, media_type, *tagged)).encode()).hexdigest()[:32]
    response = Response(content_type=content_type(media_type))
    response.vary.update(("Accept", "Accept-Encoding"))
    response.set_etag(f"{tag}-{chosen}" if chosen else tag)
    if modified is not None:
        response.last_modified = datetime.fromtimestamp(modified, UTC)
    response.headers["Cache-Control"] = f"public, max-age={lasting_s}, immutable" if lasting_s else "no-cache"
    conditional.given(response)
    if response.status_code == 200:
        made = make()
        pieces = encode(iter(made))
        if isinstance(made, list):
            response.set_data(b"".join(pieces))
        else:
            response.headers.pop("Content-Length")  # of nothing: what was conditional is not made yet
            response.response = pieces
        if chosen:
            response.headers["Content-Encoding"] = chosen
    return response


def content_type(media_type: str) -> str:
    """Return the value of Content-Type for a media type: its charset is said wherever one may be said."""
    return media_type if media_type in _WITHOUT_CHARSET else f"{media_type}; charset=utf-8"


def link(address: str, relation: str, **parameters: str) -> str:
    """Return a value of the Link header (RFC 8288).

    >>> link("https://coop.example/doc/p.ttl", "alternate", type="text/turtle")
    '<https://coop.example/doc/p.ttl>; rel="alternate"; type="text/turtle"'
    """
    target = quote(address, safe=_SAFE)
    return "; ".join([f"<{target}>", f'rel="{relation}"', *(f'{name}="{said}"' for name, said in parameters.items())])
