"""Requests, read from bytes: a gate of our own, then llhttp behind it. The only module that calls httptools.

A request is handed on when it is whole and clear, or not at all. What a proxy before us could read differently, and so
take other bytes for the next request, is refused, and the connection with it. It reads bytes and no socket.
Source: RFC 9112; ADR 0011.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import httptools

HEAD_MAX_BYTES = 1 << 16
#: Sizes and line ends of chunks, beyond the body itself.
_FRAMING_MAX_BYTES = 1 << 16
_HEADERS_MAX = 200
#: A line feed or a carriage return by itself, NUL, and a folded header.
#: Every path takes bodies of the same length.
NO_LONGER: Mapping[bytes, int] = {}
_UNCLEAR = re.compile(rb"(?<!\r)\n|\r(?=[^\n])|\0|\n[ \t]")
_REQUEST_LINE = re.compile(rb"[!-~]+ [!-~]+ HTTP/(\d\.\d)\r\n")
_HOST = re.compile(rb"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_LENGTH = re.compile(rb"[0-9]{1,18}")


class Refusal(Exception):  # a legitimate refusal
    """A request that is not handed on: its status, a sentence for who sent it, and more headers."""

    def __init__(self, status: int, sentence: str, headers: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.headers = headers


@dataclass(slots=True)
class Request:
    """A whole request, as it was sent; names of headers in lower case."""

    method: str = ""
    target: bytes = b""
    version: str = "1.1"
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)
    keeps_alive: bool = False
    #: Its If-None-Match, once that was asked for.
    _tags: bytes | None = None

    @property
    def tags(self) -> bytes:
        """The tags of answers that its client has, as it says them; b"" for none."""
        if self._tags is None:
            self._tags = b", ".join(self.all(b"if-none-match"))
        return self._tags

    def all(self, name: bytes) -> list[bytes]:
        """Return the values of a header."""
        return [value for found, value in self.headers if found == name]


def origin_form(target: bytes) -> bytes:
    """Return path and query of a request's target, which may be a whole URL (RFC 9112, section 3.2.2).

    >>> origin_form(b"http://a.example?x=/")
    b'/?x=/'
    """
    if target.startswith(b"/"):
        return target
    _, found, rest = target.partition(b"://")
    if not found:
        return target
    begin = min((at for at in (rest.find(b"/"), rest.find(b"?")) if at >= 0), default=len(rest))
    path = rest[begin:]
    return path if path.startswith(b"/") else b"/" + path


class Reader:
    """Reads the requests of a connection, one after another.

    Args:
        body_max_bytes: a longer body is refused,
        longer: unless this says, once the head is there, how long the body of this request may be; it may refuse it.
        by_path: how long a body may be for some paths, whoever sends it.
    """

    def __init__(
        self,
        body_max_bytes: int,
        longer: Callable[[Request], int] = lambda _: 0,
        by_path: Mapping[bytes, int] = NO_LONGER,
    ) -> None:
        self._body_max = body_max_bytes
        self._longer = longer
        self._by_path = by_path
        self._buffer = bytearray()
        self._seen = 0
        self._parsing: _Parsing | None = None
        #: Whether the client waits to be told that it may send the body.
        self.must_continue = False

    @property
    def has_begun(self) -> bool:
        """Whether a part of a request is here."""
        return self._parsing is not None or bool(self._buffer)

    @property
    def is_in_body(self) -> bool:
        """Whether the head of a request is whole, and its body is not."""
        return self._parsing is not None

    @property
    def waiting_bytes(self) -> int:
        """How much is here of what has not been read yet."""
        return len(self._buffer)

    def feed(self, data: bytes) -> None:
        """Take bytes; `take` reads them."""
        self._buffer += data

    def take(self) -> Request | None:
        """Return the next request, or None while it is not whole.

        Raises:
            Refusal: it never will be; nothing more can be read from this connection.
        """
        if self._parsing is None:
            self._parsing = self._head()
        if self._parsing is None:
            return None
        parsing = self._parsing
        if not parsing.is_whole and self._buffer:
            # Of a body whose length is known not a byte more is read: what follows is another request.
            count = len(self._buffer) if parsing.length is None else parsing.length - parsing.fed
            parsing.feed_body(bytes(self._buffer[:count]))
            del self._buffer[:count]
        if not parsing.is_whole:
            return None
        self._parsing, self.must_continue = None, False
        return parsing.request

    def _head(self) -> _Parsing | None:
        while self._buffer.startswith(b"\r\n"):  # RFC 9112, section 2.2
            del self._buffer[:2]
            self._seen = 0
        end = self._buffer.find(b"\r\n\r\n", max(0, self._seen - 3))
        stop = len(self._buffer) if end < 0 else end + 4
        if stop > HEAD_MAX_BYTES:
            raise Refusal(431, f"The request's head is longer than {HEAD_MAX_BYTES:,} bytes; send the query as a body.")
        if _UNCLEAR.search(self._buffer, max(0, self._seen - 1), stop):
            raise Refusal(400, "The request's head has a folded line, a NUL, or a line that does not end with CR LF.")
        self._seen = stop
        if end < 0:
            return None
        head = bytes(self._buffer[:stop])
        del self._buffer[:stop]
        self._seen = 0
        parsing = _Parsing(head, self._body_max, self._longer, self._by_path)
        expects = [value.lower() for value in parsing.request.all(b"expect")]
        if any(value != b"100-continue" for value in expects):
            raise Refusal(417, "Expect: nothing but 100-continue is understood.")
        self.must_continue = bool(expects) and parsing.request.version == "1.1" and not parsing.is_whole
        return parsing


class _Parsing:
    """One request under way, with a parser of its own: none sees the bytes of two."""

    def __init__(
        self, head: bytes, body_max_bytes: int, longer: Callable[[Request], int], by_path: Mapping[bytes, int]
    ) -> None:
        line = _REQUEST_LINE.match(head)
        if not line:
            raise Refusal(400, "The request's first line is no method, address and HTTP version, in ASCII.")
        if line[1] not in (b"1.1", b"1.0"):
            raise Refusal(505, "Only HTTP/1.1 and HTTP/1.0 are spoken here.")
        self.request = Request()
        self.is_whole = False
        self.fed = 0
        #: Of the body; None while unknown, and always where it comes in chunks.
        self.length: int | None = None
        self._body_max = body_max_bytes
        self._longer = longer
        self._by_path = by_path
        self._begun = self._has_head = False
        self._parser = httptools.HttpRequestParser(self)
        self._feed(head)
        if not self._has_head:
            raise Refusal(400, "The request's head cannot be read.")

    def feed_body(self, data: bytes) -> None:
        """Read a part of the body."""
        self.fed += len(data)
        if self.length is None and self.fed > self._body_max + _FRAMING_MAX_BYTES:
            self._refuse_long()
        self._feed(data)

    def _feed(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:  # another protocol is offered: we go on in this one, then close
            self.request.keeps_alive = False
        except httptools.HttpParserCallbackError as fault:
            raise (fault.__context__ if isinstance(fault.__context__, Refusal) else fault) from None
        except httptools.HttpParserError as fault:
            if not self.is_whole:
                raise Refusal(400, f"The request cannot be read ({fault}).") from fault
            self.request.keeps_alive = False

    # What llhttp calls.

    def on_message_begin(self) -> None:
        """Refuse to read on: a second request behind chunks would pass by the gate."""
        if self._begun:
            self.request.keeps_alive = False
        self._begun = True

    def on_url(self, url: bytes) -> None:
        """Note a part of the address."""
        if not self.is_whole:
            self.request.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Note a header; what follows a body in chunks is left out."""
        if self._has_head:
            return
        if len(self.request.headers) >= _HEADERS_MAX:
            raise Refusal(431, f"The request has more than {_HEADERS_MAX} headers.")
        self.request.headers.append((name.lower(), value.strip(b" \t")))

    def on_headers_complete(self) -> None:
        """Refuse a head that is not clear, before a byte of the body is read."""
        if self._has_head:
            return
        self._has_head = True
        request = self.request
        request.method = self._parser.get_method().decode("ascii")
        request.version = self._parser.get_http_version()
        request.keeps_alive = request.version == "1.1" and self._parser.should_keep_alive()
        hosts, lengths, codings = (request.all(name) for name in (b"host", b"content-length", b"transfer-encoding"))
        if len(hosts) > 1 or (request.version == "1.1" and not hosts):
            raise Refusal(400, "Give one Host header.")
        if hosts and not _HOST.fullmatch(hosts[0]):
            raise Refusal(400, "Host is no name and no address; give one, with a port behind a colon if need be.")
        if request.method == "CONNECT":
            raise Refusal(405, "CONNECT is not possible here.")
        if codings and (lengths or request.version != "1.1"):
            raise Refusal(
                400, "Give a Content-Length or a Transfer-Encoding, not both, and the second only over HTTP/1.1."
            )
        if codings and [value.lower() for value in codings] != [b"chunked"]:
            raise Refusal(501, "Of the transfer codings only chunked is understood.")
        self._body_max = self._by_path.get(request.target.partition(b"?")[0], self._body_max)
        if lengths:
            if len(lengths) > 1 or not _LENGTH.fullmatch(lengths[0]):
                raise Refusal(400, "Give one Content-Length, in digits.")
            self.length = int(lengths[0])
        if codings or (self.length or 0) > self._body_max:
            self._body_max = max(self._body_max, self._longer(request))
        if (self.length or 0) > self._body_max:
            self._refuse_long()

    def on_body(self, body: bytes) -> None:
        """Note a part of the body."""
        if self.is_whole:
            return
        if len(self.request.body) + len(body) > self._body_max:
            self._refuse_long()
        self.request.body += body

    def on_message_complete(self) -> None:
        """Note that the request is whole."""
        self.is_whole = True

    def _refuse_long(self) -> None:
        raise Refusal(413, f"The body is larger than {self._body_max:,} bytes; send a shorter one.")
