"""Known answers: whole answers that a view lets be given again, for as long as what is published stays the same.

Pure bytes: it knows neither Flask nor graphs, and decides nothing about what an answer says. An answer is given again
for the very same question alone: method, target and body byte by byte, and each header that an answer may follow from.
Source: ADR 0023.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from email.utils import formatdate
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from coopkg.web import client, coding
from coopkg.web.reading import Request, origin_form

#: What an answer takes in memory beyond its bytes and those of its question.
_OVERHEAD_BYTES = 1_000
#: Which part of all one answer may be, so that no few of them put out all others.
_PART = 16
#: A longer question is asked each time: it hardly comes again.
_ASKED_MAX_BYTES = 1 << 16
_WEIGHED_MAX_BYTES = 300
_METHODS = frozenset(("GET", "HEAD", "POST", "QUERY"))
_READS = frozenset(("GET", "HEAD"))
#: A request that has one of these is for the application: it writes, wants a part, has conditions that only a view
#: knows, sends a coded body, or asks what a browser asks before it writes.
_FOR_VIEWS = frozenset(
    (
        *(b"authorization", b"proxy-authorization", b"range", b"if-range", b"if-match", b"if-unmodified-since"),
        *(b"content-encoding", b"access-control-request-method", b"access-control-request-headers"),
    )
)
#: Data is the same in every language; refusals are not, and are never kept.
_WITHOUT_LANGUAGE = b"/sparql"
_ANEW = re.compile(rb"no-cache|no-store", re.IGNORECASE)
_TAG = re.compile(rb'(?:W/)?("[^"]*")')
#: Of an answer, what belongs to one time that it is given.
_OF_ONE_TIME = frozenset(
    (
        *("date", "connection", "keep-alive", "content-length", "transfer-encoding", "etag"),
        *("coopkg-request-id", "coopkg-elapsed-ms"),
    )
)
#: What speaks of a body, and is not said without one.
_OF_BODIES = ("content-type", "content-length", "content-encoding", "content-language", "last-modified")
_PRIVATE = re.compile("no-store|private", re.IGNORECASE)
_PATH_MAX = 200
Headers = Sequence[tuple[str, str]]
#: A question, such that equal ones have equal answers while the same is published.
Key = tuple[object, ...]


class Entry:
    """An answer that is known. What it takes to be given is made when it is first asked for again: most never are.

    Args:
        key: the question.
        headers: of the answer, when it was given first.
        pieces: its body.
    """

    def __init__(self, key: Key, headers: Headers, pieces: Sequence[bytes]) -> None:
        self._key = key
        self._said = {name.lower(): value for name, value in headers}
        self._headers = headers
        self._pieces = pieces
        said_bytes = sum(len(name) + len(value) for name, value in headers)
        asked_bytes = sum(len(part) for part in key if isinstance(part, bytes))
        #: What it takes in memory: its heads are made of its headers, and there are two.
        self.weight_bytes = sum(map(len, pieces)) + 2 * said_bytes + asked_bytes + _OVERHEAD_BYTES

    @functools.cached_property
    def body(self) -> bytes:
        """All of it, as it is sent."""
        whole, self._pieces = b"".join(self._pieces), ()
        return whole

    @functools.cached_property
    def tag(self) -> str:
        """Its entity tag, in quotes, with `W/` before it where it is a weak one."""
        return self._said.get("etag") or f'"{hashlib.sha256(self.body).hexdigest()[:32]}"'

    @functools.cached_property
    def head(self) -> bytes:
        """Its status line and headers, without those of one time."""
        return _lines("200 OK", [*self._stay(), ("Content-Length", str(len(self.body)))])

    @functools.cached_property
    def head_unchanged(self) -> bytes:
        """Those of the 304 in its place."""
        return _lines("304 Not Modified", unchanged(self._stay()))

    @functools.cached_property
    def told(self) -> str:
        """What the request log says of it each time, as members of JSON."""
        target = self._key[1] if isinstance(self._key[1], bytes) else b""
        path = unquote_to_bytes(origin_form(target).partition(b"?")[0]).decode("utf-8", "replace")
        said = {"path": path[:_PATH_MAX], "revision": self._said.get("coopkg-revision", ""), "known": True}
        return json.dumps(said)[1:-1]

    def _stay(self) -> list[tuple[str, str]]:
        stay = [(name, value) for name, value in self._headers if name.lower() not in _OF_ONE_TIME]
        stay += [("ETag", self.tag), ("Coopkg-Cache", "hit")]
        if "coopkg-elapsed-ms" in self._said:
            stay.append(("Coopkg-Elapsed-Ms", "0.0"))  # it holds no worker
        return stay


class Note(NamedTuple):
    """An answer that was given so, for the request log; `told` is what is said of it each time, as members of JSON."""

    request: Request
    peer: str
    request_id: str
    status: int
    told: str


class Known:
    """Answers, bounded in bytes; who was not asked for the longest time goes first.

    Args:
        max_bytes: of all answers together; 0 keeps none.
        published: names what is published now, as no other state ever was or will be named; "" when nothing is.
        names_host: whether answers name the host that their request named.
    """

    def __init__(self, max_bytes: int, published: Callable[[], str], *, names_host: bool = True) -> None:
        self.entry_max_bytes = max_bytes // _PART
        self._max = max_bytes
        #: Return what is published now: one system call.
        self.published = published
        self._names_host = names_host
        self._of = ""
        self._entries: OrderedDict[Key, Entry] = OrderedDict()
        self._held = self._hits = self._kept = 0
        self._lock = threading.Lock()

    def key(self, request: Request) -> Key | None:
        """Return what an answer to a request is known by; None for one that only the application may answer."""
        if request.method not in _METHODS or request.version != "1.1" or not self._max:
            return None
        said: dict[bytes, bytes] = {}
        for name, value in request.headers:
            if name in _FOR_VIEWS:
                return None
            said[name] = said[name] + b", " + value if name in said else value
        if b"if-modified-since" in said and b"if-none-match" not in said:
            return None
        if _ANEW.search(said.get(b"cache-control", said.get(b"pragma", b""))):
            return None
        codings, languages = said.get(b"accept-encoding", b""), said.get(b"accept-language", b"")
        length = len(request.target) + len(request.body) + len(said.get(b"accept", b""))
        if length > _ASKED_MAX_BYTES or max(len(codings), len(languages)) > _WEIGHED_MAX_BYTES:
            return None
        return (
            "GET" if request.method == "HEAD" else request.method,
            bytes(request.target),
            bytes(request.body),
            said.get(b"content-type"),
            said.get(b"accept"),
            _coding(codings),
            b"" if request.target.startswith(_WITHOUT_LANGUAGE) else _language(languages),
            said.get(b"host") if self._names_host else None,
        )

    def __contains__(self, key: Key) -> bool:
        """Whether there is an answer to a question; it may be of what is no longer published."""
        return key in self._entries

    def find(self, key: Key, published: str | None = None) -> Entry | None:
        """Return the answer to a question, if it is known and of what is published now.

        Args:
            published: names that, for who has just looked; None looks.
        """
        if published is None:
            published = self.published()
        with self._lock:
            self._follow(published)
            found = self._entries.get(key)
            if found is None:
                return None
            self._hits += 1
            self._entries.move_to_end(key)
            return found

    def keep(self, key: Key, of: str, headers: Headers, *pieces: bytes) -> None:
        """Keep a whole answer with status 200, unless something else is published by now than what it was made from.

        Args:
            of: what was published when it was made, or a moment before.
            pieces: of its body.
        """
        entry = Entry(key, headers, pieces)
        if _is_private(headers) or entry.weight_bytes > self.entry_max_bytes:
            return
        published = self.published()
        with self._lock:
            self._follow(published)
            if not of or of != published or of != self._of:
                return
            self._drop(key)
            self._entries[key] = entry
            self._held += entry.weight_bytes
            self._kept += 1
            while self._held > self._max:
                self._drop(next(iter(self._entries)))

    def follow(self) -> str:
        """Forget what was made from what is no longer published; return the name of what is."""
        published = self.published()
        with self._lock:
            self._follow(published)
        return published

    def counts(self) -> dict[str, int]:
        """Return how many questions were answered so since the start (`hits`), and how many answers were kept."""
        return {"known_answers_hits": self._hits, "known_answers_kept": self._kept}

    def gauges(self) -> dict[str, float]:
        """Return how many answers are known now, and how many bytes they take."""
        return {"known_answers": len(self._entries), "known_answers_bytes": self._held}

    def _follow(self, published: str) -> None:
        if published != self._of:
            self._entries.clear()
            self._held = 0
            self._of = published

    def _drop(self, key: Key) -> None:
        if dropped := self._entries.pop(key, None):
            self._held -= dropped.weight_bytes


class Copy:
    """An answer that is noted while it is given, to be known from then on.

    Args:
        of: see `Known.keep`.
    """

    def __init__(self, known: Known, key: Key, of: str) -> None:
        self._known = known
        self._key = key
        self._of = of
        self._pieces: list[bytes] | None = []
        self._length = 0

    def add(self, piece: bytes) -> None:
        """Note a piece; an answer that becomes too long is let go of."""
        self._length += len(piece)
        if self._length > self._known.entry_max_bytes:
            self._pieces = None
        elif self._pieces is not None:
            self._pieces.append(piece)

    def keep(self, headers: Headers) -> None:
        """Keep the answer: it is whole."""
        if self._pieces is not None:
            self._known.keep(self._key, self._of, headers, *self._pieces)


def given(entry: Entry, request: Request, request_id: str, *, keeps_alive: bool) -> tuple[int, bytes, bytes]:
    """Return a known answer as it goes over the wire now: its status, head and body."""
    end = b"\r\n\r\n" if keeps_alive else b"\r\nConnection: close\r\n\r\n"
    lines = _begin(date()), request_id.encode("ascii"), end
    if has(request, entry.tag):
        return 304, b"".join((entry.head_unchanged, *lines)), b""
    return 200, b"".join((entry.head, *lines)), b"" if request.method == "HEAD" else entry.body


def has(request: Request, tag: str) -> bool:
    """Return whether who asks has the answer with a tag, and gets 304 in its place (RFC 9110, section 13.1.2)."""
    said = request.tags
    if not said or not tag or request.method not in _READS:
        return False
    return said == b"*" or tag.removeprefix("W/").encode("latin-1") in _TAG.findall(said)


def unchanged(headers: Headers) -> list[tuple[str, str]]:
    """Return the headers of the 304 that stands for an answer."""
    return [(name, value) for name, value in headers if name.lower() not in _OF_BODIES]


def _is_private(headers: Headers) -> bool:
    """Return whether an answer is one reader's alone."""
    said = {name.lower(): value for name, value in headers}
    return "set-cookie" in said or _PRIVATE.search(said.get("cache-control", "")) is not None


def _lines(status: str, headers: Headers) -> bytes:
    return "".join([f"HTTP/1.1 {status}\r\n", *(f"{name}: {value}\r\n" for name, value in headers)]).encode("latin-1")


@functools.lru_cache(maxsize=256)
def _coding(accepted: bytes) -> tuple[str, bool]:
    """Return all that an answer follows from in an Accept-Encoding header."""
    text = accepted.decode("latin-1")
    return coding.chosen(text)[0], coding.refuses_plain(text)


@functools.lru_cache(maxsize=256)
def _language(accepted: bytes) -> str:
    """Return all that an answer follows from in an Accept-Language header."""
    return client.preferred(accepted.decode("latin-1"), "")


def date() -> str:
    """Return the date of an answer that is given now."""
    return _date(int(time.time()))


@functools.lru_cache(maxsize=2)
def _date(second: int) -> str:
    return formatdate(second, usegmt=True)


@functools.lru_cache(maxsize=2)
def _begin(said: str) -> bytes:
    """Return the lines of all answers of one date, up to where they differ."""
    return f"Date: {said}\r\nCoopkg-Request-Id: ".encode("ascii")
