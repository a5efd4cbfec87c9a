"""What a request says, decoded once and strictly: its fields, and its one query.

Werkzeug's own `args` and `form` repair what is not UTF-8; a query must be read as it was sent, or refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qsl

from flask import Request

from coopkg.errors import InputError, UnsupportedMediaType

_FORM = "application/x-www-form-urlencoded"
_QUERY = "application/sparql-query"
_UPDATE = "application/sparql-update"
_MAX_FIELDS = 100
_CHARSETS = ("utf-8", "utf8", "us-ascii", "ascii")


class Fields:
    """The fields of a request, from its URL and its form; `query` also from a body that is a SPARQL text.

    Raises:
        UnsupportedMediaType: the body is of a type, a charset or a coding that carries no query here.
        InputError: the fields are not UTF-8, or are too many.
    """

    def __init__(self, request: Request) -> None:
        self._values: dict[str, list[str]] = {}
        self._add(request.query_string, "the URL")
        if request.method not in ("POST", "QUERY"):
            return
        _refuse_unreadable(request)
        if request.mimetype == _QUERY:
            self._values.setdefault("query", []).append(_text(request.get_data(), "the query"))
        else:
            self._add(request.get_data(), "the form")

    def names(self) -> set[str]:
        """Return the names of the fields."""
        return set(self._values)

    def all(self, *names: str) -> list[str]:
        """Return the values of some fields, name by name, in the order of the request."""
        return [value for name in names for value in self._values.get(name, ())]

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
        if (size := len(texts[0].encode())) > max_bytes:
            raise InputError(f"the query is {size:,} bytes long; this endpoint reads at most {max_bytes:,}")
        return texts[0]

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


def _refuse_unreadable(request: Request) -> None:
    if request.mimetype not in (_FORM, _QUERY):
        found = request.mimetype or "no type"
        hint = "; this endpoint is read only" if found == _UPDATE else ""
        raise UnsupportedMediaType(f"a POST carries {_FORM} with a 'query' field, or {_QUERY}; got {found}{hint}")
    charset = request.mimetype_params.get("charset", "utf-8")
    if charset.lower() not in _CHARSETS:
        raise UnsupportedMediaType(f"a query is read as UTF-8 only, got charset={charset}; send it as UTF-8")
    coding = request.headers.get("Content-Encoding", "identity")
    if coding.strip().lower() not in ("", "identity"):
        raise UnsupportedMediaType(f"a body is read as it is, got Content-Encoding: {coding}; send it uncompressed")


def _text(body: bytes, what: str) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise InputError(f"{what} is not UTF-8 (byte {fault.start}); send it as UTF-8") from fault
