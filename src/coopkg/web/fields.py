"""What a request says, decoded once and strictly: its fields, and its one query or update.

Werkzeug's own `args` and `form` repair what is not UTF-8; a query must be read as it was sent, or refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qsl

from werkzeug.wrappers import Request

from coopkg import negotiation
from coopkg.errors import InputError, UnsupportedMediaType
from coopkg.rdf import DOCUMENT_FORMATS

_FORM = "application/x-www-form-urlencoded"
_QUERY = "application/sparql-query"
_UPDATE = "application/sparql-update"
#: What a body of a type is, where it is no form.
_DIRECT = {_QUERY: "query", _UPDATE: "update"}
_OF_QUERIES = frozenset({"query", "default-graph-uri", "named-graph-uri"})
_MAX_FIELDS = 100
_CHARSETS = ("utf-8", "utf8", "us-ascii", "ascii")


class Fields:
    """The fields of a request, from its URL and its form; `query` and `update` also from a body that is such a text.

    Args:
        takes_updates: whether a body may be an update.
        takes_documents: whether a body may be an RDF document; that is no field, and the fields are those of the URL.
        reads_body: whether fields stand in the body, which is a form or such a text; else it is a document.
    Raises:
        UnsupportedMediaType: the body is of a type, a charset or a coding that carries no query here.
        InputError: the fields are not UTF-8, or are too many.
    """

    def __init__(
        self,
        request: Request,
        *,
        takes_updates: bool = False,
        takes_documents: bool = False,
        reads_body: bool = True,
    ) -> None:
        self._values: dict[str, list[str]] = {}
        self._add(request.query_string, "the URL")
        #: An update changes things: it is in no address that a link, a log or a repeated request may hold.
        self._may_update = request.method == "POST" and "update" not in self._values
        if not reads_body or request.method not in ("POST", "QUERY"):
            return
        if takes_documents and request.mimetype != _FORM:
            _refuse_other_documents(request)
            return
        _refuse_unreadable(request, takes_updates=takes_updates)
        if request.mimetype in _DIRECT:
            name = _DIRECT[request.mimetype]
            self._values.setdefault(name, []).append(_text(request.get_data(), f"the {name}"))
        else:
            self._add(request.get_data(), "the form")

    def names(self) -> set[str]:
        """Return the names of the fields."""
        return set(self._values)

    def all(self, *names: str) -> list[str]:
        """Return the values of some fields, name by name, in the order of the request."""
        return [value for name in names for value in self._values.get(name, ())]

    def iris(self, name: str) -> tuple[str, ...]:
        """Return the values of a field that holds IRIs.

        Raises:
            InputError: one of them is not absolute.
        """
        values = self.all(name)
        for iri in values:
            if not negotiation.is_absolute_iri(iri):
                raise InputError(f"{iri!r} is no absolute IRI; give graphs by their whole IRI")
        return tuple(values)

    def query(self, max_bytes: int) -> str:
        """Return the one query of the request.

        Raises:
            InputError: none or several, an update, empty, or too long.
        """
        texts = self.all("query")
        if self.all("update"):
            raise InputError("this endpoint is read only: it takes a 'query', never an 'update'")
        if len(texts) != 1:
            raise InputError(f"exactly one 'query' parameter is needed, got {len(texts)}")
        if not texts[0].strip():
            raise InputError("the query is empty; send a SELECT, ASK, CONSTRUCT or DESCRIBE query")
        return _not_longer(texts[0], "query", max_bytes)

    def update(self, max_bytes: int) -> str:
        """Return the one update of the request; it may be empty, and then changes nothing.

        Raises:
            InputError: none or several, one that was not posted, a query or its parameters beside it, or too long.
        """
        texts = self.all("update")
        if not self._may_update:
            raise InputError("an update is sent by POST, in a form or as the body, never in the URL")
        if len(texts) != 1:
            raise InputError(f"exactly one 'update' parameter is needed, got {len(texts)}")
        if beside := sorted(self.names() & _OF_QUERIES):
            raise InputError(
                f"'{beside[0]}' belongs to a query and stands beside an update; send them apart, and give the graphs "
                "of an update by using-graph-uri and using-named-graph-uri"
            )
        return _not_longer(texts[0], "update", max_bytes)

    def _add(self, encoded: bytes, what: str) -> None:
        try:
            pairs: Sequence[tuple[str, str]] = parse_qsl(
                _text(encoded, what), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS
            )
        except UnicodeDecodeError as fault:
            raise InputError(f"a field of {what} is not UTF-8; encode it as UTF-8, then percent-encode it") from fault
        except ValueError as fault:
            raise InputError(f"{what} holds more than {_MAX_FIELDS} fields; send fewer") from fault
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)


def _refuse_unreadable(request: Request, *, takes_updates: bool) -> None:
    _refuse_type(request.mimetype, may_update=takes_updates and request.method == "POST")
    _refuse_encoded(request, "an update" if request.mimetype == _UPDATE else "a query")


def _refuse_other_documents(request: Request) -> None:
    if request.mimetype not in DOCUMENT_FORMATS:
        raise UnsupportedMediaType(
            f"a document is one of {', '.join(DOCUMENT_FORMATS)}, or the 'data' field of {_FORM}; "
            f"got {request.mimetype or 'no type'}"
        )
    _refuse_encoded(request, "a document")


def _refuse_encoded(request: Request, what: str) -> None:
    charset = request.mimetype_params.get("charset", "utf-8")
    if charset.lower() not in _CHARSETS:
        raise UnsupportedMediaType(f"{what} is read as UTF-8 only, got charset={charset}; send it as UTF-8")
    coding = request.headers.get("Content-Encoding", "identity")
    if coding.strip().lower() not in ("", "identity"):
        raise UnsupportedMediaType(f"a body is read as it is, got Content-Encoding: {coding}; send it uncompressed")


def _refuse_type(media_type: str, *, may_update: bool) -> None:
    found = media_type or "no type"
    if may_update and found not in (_FORM, *_DIRECT):
        raise UnsupportedMediaType(
            f"a POST carries {_FORM} with a 'query' or an 'update' field, or {_QUERY}, or {_UPDATE}; got {found}"
        )
    if not may_update and found not in (_FORM, _QUERY):
        hint = "; this endpoint is read only" if found == _UPDATE else ""
        raise UnsupportedMediaType(f"a POST carries {_FORM} with a 'query' field, or {_QUERY}; got {found}{hint}")


def _not_longer(text: str, name: str, max_bytes: int) -> str:
    if (size := len(text.encode())) > max_bytes:
        raise InputError(f"the {name} is {size:,} bytes long; this endpoint reads at most {max_bytes:,}")
    return text


def _text(body: bytes, what: str) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise InputError(f"{what} is not UTF-8 (byte {fault.start}); send it as UTF-8") from fault
