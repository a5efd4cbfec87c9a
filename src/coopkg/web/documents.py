"""The document that a write carries: its content and its media type, as one whatever it came as.

Source: SPARQL 1.1 Graph Store HTTP Protocol, sections 5.3 to 5.5; RFC 7578.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flask import Request, current_app

from coopkg.errors import InputError, UnsupportedMediaType
from coopkg.rdf import DOCUMENT_FORMATS
from coopkg.service import QueryService
from coopkg.web import client
from coopkg.worker import Document

_PARTS = "multipart/form-data"
_MERGED = "application/n-quads"
_CHARSETS = ("utf-8", "utf8", "us-ascii", "ascii")


def read(request: Request, base: str) -> tuple[bytes, str]:
    """Return the document of a request and its media type; several parts are merged into one document.

    Args:
        base: IRI that relative IRIs of parts are resolved against, where there are several.
    Raises:
        UnsupportedMediaType: it is of no type, charset or coding that is read; lists what is.
        InputError: it is a piece of a document, or one of several parts cannot be read.
        CoopkgError: a part takes too long or too much to be read, or no worker is free for it.
    """
    if "Content-Range" in request.headers:
        raise InputError("Content-Range: a document is written whole; send all of it without this header")
    if (coding := request.headers.get("Content-Encoding", "").strip().lower()) not in ("", "identity"):
        raise UnsupportedMediaType(f"a document is read as it is, got Content-Encoding: {coding}; send it uncompressed")
    if request.method == "POST" and request.mimetype == _PARTS:
        return _whole(list(_parts(request)), base)
    return request.get_data(), _read_type(request.mimetype, request.mimetype_params, "the document")


def _parts(request: Request) -> Iterator[tuple[bytes, str, str]]:
    """Yield content, media type and name of each part."""
    files = list(request.files.items(multi=True))
    if request.form or not files:
        raise InputError("each part of a multipart/form-data is a file with its Content-Type; there is at least one")
    for name, file in files:
        yield file.read(), _read_type(file.mimetype, file.mimetype_params, f"part {name!r}"), name


def _whole(parts: list[tuple[bytes, str, str]], base: str) -> tuple[bytes, str]:
    if len(parts) == 1:
        content, media_type, _ = parts[0]
        return content, media_type
    return b"".join(_statements(*part, base) for part in parts), _MERGED


def _statements(content: bytes, media_type: str, name: str, base: str) -> bytes:
    """Return the statements of a part as N-Quads, read by a worker: it can break what reads it."""
    service: QueryService = current_app.config["SERVICE"]
    answer = service.ask(Document(content, media_type, base, f"part {name!r}"), client.asking())
    return b"".join((answer.begin, *(answer.rest or ())))


def _read_type(media_type: str, parameters: Mapping[str, str], what: str) -> str:
    if media_type not in DOCUMENT_FORMATS:
        offers = ", ".join(DOCUMENT_FORMATS)
        raise UnsupportedMediaType(
            f"{what} is of {media_type or 'no type'}; say with Content-Type which it is of: {offers}"
        )
    if (charset := parameters.get("charset", "utf-8")).lower() not in _CHARSETS:
        raise UnsupportedMediaType(f"{what} is read as UTF-8 only, got charset={charset}; send it as UTF-8")
    return media_type
