"""A request to write: read from HTTP into a `Writing`, put to the writer, and what came of it told.

Only an application that was composed with a writer comes here. Source: ADR 0015.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote_to_bytes

from flask import Response, current_app, request

from coopkg.errors import InputError, ServerBusy
from coopkg.graph import Graph
from coopkg.tokens import Token
from coopkg.web import client, conditions, judgement, log
from coopkg.web.fields import Fields
from coopkg.writing import Act, Writer, Writing, Written

#: How many writes may wait for the one under way.
WAITING_MAX = 8
_MESSAGE_MAX = 500
_MESSAGE_HEADER = "Coopkg-Message"
_KEY = re.compile("[!-~]{1,255}")
_MINIMAL = re.compile(r"(?:^|[,;\s])return\s*=\s*\"?minimal\"?(?:$|[,;\s])", re.IGNORECASE)
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")


class Turns:
    """One write at a time, and few that wait for their turn."""

    def __init__(self, waiting_max: int = WAITING_MAX) -> None:
        self._places = threading.BoundedSemaphore(1 + waiting_max)
        self._turn = threading.Lock()

    @contextlib.contextmanager
    def taken(self) -> Iterator[None]:
        """Hold the turn, after waiting for it.

        Raises:
            ServerBusy: as many as may wait already do.
        """
        if not self._places.acquire(blocking=False):
            raise ServerBusy("other writes wait already; nothing was written; send this one again in a moment")
        try:
            with self._turn:
                yield
        finally:
            self._places.release()


def admitted(fields: Fields) -> Token:
    """Return the token of the present request, and note it for the log; see `Admission.admit`."""
    token: Token = current_app.config["ADMISSION"].admit(request, client.asking().name, fields.names())
    log.entry().token = token.id
    return token


def answer(writing: Writing, token: Token, fields: Fields, location: str = "") -> Response:
    """Have a request to write done, all of it or nothing, and tell what came of it.

    Args:
        writing: what is to be done; who asks, why and under which conditions is read here.
        location: the address of the graph, when the request makes it.
    """
    whole = replace(
        writing,
        author=token.name,
        message=_message(fields),
        scopes=token.scopes,
        expected=_expected(writing),
        key=key_of(token),
        dry_run=_is_dry_run(fields),
    )
    writer: Writer = current_app.config["WRITER"]
    with current_app.config["TURNS"].taken():
        written = writer.write(whole)
    return _told(written, location if written.created and not whole.dry_run else "")


def _told(written: Written, location: str) -> Response:
    if _MINIMAL.search(request.headers.get("Prefer", "")) and not location:
        response = Response(status=204, headers={"Preference-Applied": "return=minimal"})
    else:
        said = {
            "revision": written.revision,
            "removed": written.removed,
            "added": written.added,
            "created": written.created,
            "repeated": written.repeated,
            "findings": judgement.members(written.findings),
        }
        response = Response(json.dumps(said, ensure_ascii=False) + "\n", mimetype="application/json")
    if location:
        response.status_code = 201
        response.headers["Location"] = location
    response.headers["Coopkg-Revision"] = str(written.revision)
    response.headers["ETag"] = f'"{written.revision}"'
    return response


def _expected(writing: Writing) -> int | None:
    asked = conditions.read(request.headers.get("If-Match"), request.headers.get("If-None-Match"))
    graph: Graph = current_app.config["GRAPH"]
    store, manifest = graph.current()
    if writing.act is Act.UPDATE:
        if asked.is_new:
            raise InputError("If-None-Match: an update speaks of many graphs; give If-Match with a revision")
        return replace(asked, is_there=False).expected(manifest.revision, True)
    if asked.is_new and writing.act is Act.DROP:
        raise InputError(
            "If-None-Match: * asks for a graph that is not there, and DELETE for one that is; leave it out"
        )
    if (asked.is_new or asked.is_there) and "Idempotency-Key" in request.headers:
        raise InputError(
            "Idempotency-Key: a request that is repeated would find what the first one left; give a revision "
            "with If-Match in place of '*', or leave the key out"
        )
    return asked.expected(manifest.revision, not writing.graph or writing.graph in store.graphs())


def key_of(token: Token) -> str:
    """Return the idempotency key of the present request, one's own by the token; "" for none."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return ""
    if not _KEY.fullmatch(key):
        raise InputError("Idempotency-Key: give 1 to 255 visible ASCII characters, once, such as a UUID")
    return f"{token.id}:{key}"


def _is_dry_run(fields: Fields) -> bool:
    texts = fields.all("dry-run")
    if texts not in ([], ["true"], ["false"]):
        raise InputError(f"dry-run={texts[0]!r}: give true to judge and write nothing, or false, once")
    return texts == ["true"]


def _message(fields: Fields) -> str:
    """Return why a write is made: from the header, percent-encoded as in RFC 8187 or plain, or from the field."""
    texts = fields.all("message")
    if (header := request.headers.get(_MESSAGE_HEADER)) is not None:
        encoded = header.encode("latin-1")
        if encoded[:7].lower() == b"utf-8''":
            encoded = encoded[7:]
        try:
            texts.append(unquote_to_bytes(encoded).decode("utf-8"))
        except UnicodeDecodeError as fault:
            raise InputError(f"{_MESSAGE_HEADER}: is not UTF-8; encode it as UTF-8, then percent-encode it") from fault
    if len(texts) > 1:
        raise InputError(
            f"one message is kept with a revision, got {len(texts)}; give message=, or the header {_MESSAGE_HEADER}"
        )
    message = texts[0].strip() if texts else ""
    if len(message) > _MESSAGE_MAX:
        raise InputError(f"the message is {len(message)} characters long; write at most {_MESSAGE_MAX}")
    if _DIRECTIONS.search(message) or any(unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") for one in message):
        raise InputError("the message holds a line break or another control character; write it in one line")
    return message
