"""The connection to the original: the only module that calls another server.

It asks one origin and no other, keeps the connection open from one question to the next, checks certificates, and
bounds each answer in length and in time.
"""

from __future__ import annotations

import http.client
import re
import ssl
import time
import urllib.parse
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO

from coopkg.errors import DiskFullError, InputError, Refused, ReplicaError, RevisionGone

Report = Callable[[str], None]

_TIMEOUT_S = 30.0
#: Whoever sends more slowly than this on average, after the first minute, is not waited for.
_SLOWEST_BYTES_A_S = 2_000
_FIRST_S = 60.0
_PIECE_BYTES = 1 << 16
_REDIRECTS = 3
_TOLD_EVERY_S = 5.0
_WAIT_MAX_S = 3_600.0
_URL = re.compile(r"https?://[!-~]+", re.IGNORECASE)
_LATER = frozenset({408, 425, 429, 500, 502, 503, 504})
_AGENT = f"coopkg/{version('coopkg')} (follow)"


class Connection:
    """A connection to the site at a URL.

    Raises:
        InputError: the URL is not that of a site.
    """

    def __init__(self, url: str, report: Report = lambda _: None) -> None:
        self.url = _origin(url)
        self._report = report
        self._line: http.client.HTTPConnection | None = None

    def close(self) -> None:
        """Hang up. Closing twice is allowed."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def read(self, path: str, most_bytes: int) -> bytes:
        """Return what is published at a path.

        Raises:
            Refused: not now: no server answers, it is busy, or the answer was cut.
            RevisionGone: 410.
            ReplicaError: it is longer than `most_bytes`, or cannot be had.
        """
        with self._asked(path, {"Accept-Encoding": "gzip"}) as answer:
            pieces = list(self._pieces(answer, path, most_bytes))
            coding = answer.headers.get("Content-Encoding", "identity").lower()
        body = b"".join(pieces)
        if coding == "identity":
            return body
        if coding != "gzip":
            raise ReplicaError(f"{self.url}{path}: is coded as {coding!r}, which was not asked for")
        return self._unzipped(body, path, most_bytes)

    def download(self, path: str, target: Path, size: int) -> None:
        """Bring what is published at a path into a file, and go on from what is there of it already.

        Args:
            size: how many bytes it has; no more than these are taken.
        Raises:
            Refused, RevisionGone, ReplicaError: see `read`; what came stays for the next time.
            DiskFullError: no room.
        """
        have = target.stat().st_size if target.exists() else 0
        if have > size:
            target.unlink()
            have = 0
        if have == size:
            return
        wish = {"Accept-Encoding": "identity", **({"Range": f"bytes={have}-"} if have else {})}
        with self._asked(path, wish) as answer:
            if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
                raise ReplicaError(f"{self.url}{path}: is sent in another coding than the file has")
            have = have if _goes_on(answer, have) else 0
            try:
                with target.open("ab" if have else "wb") as file:
                    self._pour(answer, path, file, have, size)
            except OSError as fault:
                raise DiskFullError(f"{target}: cannot be written ({fault.strerror}); free some room") from fault

    def _pour(self, answer: http.client.HTTPResponse, path: str, file: IO[bytes], have: int, size: int) -> None:
        told = time.monotonic()
        for piece in self._pieces(answer, path, size - have):
            file.write(piece)
            have += len(piece)
            if time.monotonic() - told > _TOLD_EVERY_S:
                told = time.monotonic()
                self._report(f"downloading: {have >> 20:,} of {size >> 20:,} MB")
        if have < size:
            raise Refused(f"{self.url}{path}: was cut after {have:,} of {size:,} bytes; they are kept", 0.0)

    def _pieces(self, answer: http.client.HTTPResponse, path: str, most_bytes: int) -> Iterator[bytes]:
        """Yield an answer as it comes, checked for its length and for the time that it takes."""
        said = answer.length
        if said is not None and said > most_bytes:
            raise ReplicaError(f"{self.url}{path}: has {said:,} bytes, more than the {most_bytes:,} that are taken")
        came, until = 0, time.monotonic() + _FIRST_S + most_bytes / _SLOWEST_BYTES_A_S
        with self._hanging_up(path):
            while piece := answer.read1(_PIECE_BYTES):
                came += len(piece)
                if came > most_bytes:
                    raise ReplicaError(f"{self.url}{path}: is longer than the {most_bytes:,} bytes that are taken")
                if time.monotonic() > until:
                    raise Refused(f"{self.url}{path}: comes too slowly", 0.0)
                yield piece
        if said is not None and came < said:
            self.close()
            raise Refused(f"{self.url}{path}: was cut after {came:,} of {said:,} bytes", 0.0)

    def _unzipped(self, body: bytes, path: str, most_bytes: int) -> bytes:
        reader = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            plain = reader.decompress(body, most_bytes + 1)
        except zlib.error as fault:
            raise ReplicaError(f"{self.url}{path}: is no gzip ({fault})") from fault
        if len(plain) > most_bytes:
            raise ReplicaError(f"{self.url}{path}: unpacks to more than the {most_bytes:,} bytes that are taken")
        if not reader.eof:
            raise Refused(f"{self.url}{path}: was cut within its gzip", 0.0)
        return plain

    @contextmanager
    def _asked(self, path: str, wish: Mapping[str, str]) -> Iterator[http.client.HTTPResponse]:
        """Give the answer to a GET, after redirections within the origin; what is left of it is thrown away."""
        target = path
        for _ in range(_REDIRECTS):
            answer = self._sent(target, wish)
            if answer.status not in (301, 302, 303, 307, 308):
                break
            target = self._redirected(target, answer.headers.get("Location", ""))
            self.close()  # its body may be of any length
        else:
            raise ReplicaError(f"{self.url}{path}: leads on and on; give the address at which the site answers itself")
        try:
            self._refuse(answer, path)
            yield answer
        finally:
            if not answer.isclosed():
                self.close()

    def _sent(self, target: str, wish: Mapping[str, str]) -> http.client.HTTPResponse:
        headers = {"User-Agent": _AGENT, "Accept": "*/*", "Cache-Control": "no-cache", **wish}
        with self._hanging_up(target):
            is_fresh = self._line is None
            line = self._line = self._line or _line(self.url)
            try:
                line.request("GET", target, headers=headers)
                return line.getresponse()
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                if is_fresh:
                    raise
                self.close()  # the server had closed a connection that was idle: once more, on another
        return self._sent(target, wish)

    @contextmanager
    def _hanging_up(self, path: str) -> Iterator[None]:
        """Tell what the network raises as a refusal that may pass; after it, a new connection is made."""
        try:
            yield
        except ssl.SSLCertVerificationError as fault:
            self.close()
            why = fault.verify_message
            raise ReplicaError(f"{self.url}: its certificate is not to be trusted ({why})") from fault
        except (OSError, http.client.HTTPException) as fault:
            self.close()
            raise Refused(f"{self.url}{path}: cannot be reached ({_why(fault)})", 0.0) from fault
        except Exception:
            self.close()
            raise

    def _redirected(self, target: str, location: str) -> str:
        """Return the path that a redirection within the origin leads to."""
        try:
            wanted = urllib.parse.urlsplit(urllib.parse.urljoin(f"{self.url}{target}", location))
            same = _origin(f"{wanted.scheme}://{wanted.netloc}") == self.url
        except (ValueError, InputError):
            same = False
        if not same:
            raise ReplicaError(
                f"{self.url}{target}: leads to {location[:200]!r}, another server, which is not followed; give the "
                "address at which the site answers itself"
            )
        return (wanted.path or "/") + (f"?{wanted.query}" if wanted.query else "")

    def _refuse(self, answer: http.client.HTTPResponse, path: str) -> None:
        """Raise what a status that is no success means."""
        status, where = answer.status, f"{self.url}{path}"
        if status in (200, 206):
            return
        if status == 410:
            raise RevisionGone(f"{where}: is given no more (410)")
        if status in _LATER:
            raise Refused(f"{where}: not now ({status})", _retry_after(answer.headers.get("Retry-After", "")))
        raise ReplicaError(f"{where}: answers {status}; is this the address of a coopkg site that publishes dumps?")


def _origin(url: str) -> str:
    """Return a URL as its scheme, host and port, without a slash at its end."""
    fault = "give where the site is reached, such as https://coop.example, without a path"
    if not _URL.fullmatch(url):
        raise InputError(f"{url[:200]!r}: is no URL of a site; {fault}")
    try:
        parts = urllib.parse.urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError as wrong:
        raise InputError(f"{url[:200]!r}: is no URL of a site ({wrong}); {fault}") from wrong
    if "@" in parts.netloc:
        raise InputError("the URL holds a name or a password; leave them away, the graph is public")
    if not host or parts.path not in ("", "/") or parts.query or parts.fragment or port == 0:
        raise InputError(f"{url[:200]!r}: is no URL of a site; {fault}")
    usual = {"http": 80, "https": 443}[parts.scheme]
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}" + (f":{port}" if port not in (None, usual) else "")


def _line(url: str) -> http.client.HTTPConnection:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT_S, context=context)
    return http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT_S)


def _goes_on(answer: http.client.HTTPResponse, have: int) -> bool:
    """Return whether an answer begins where a file ends; else it is the whole."""
    return answer.status == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {have}-")


def _retry_after(text: str) -> float:
    """Return for how many seconds a server asks to be left alone; 0 when it does not say, an hour at most."""
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _WAIT_MAX_S)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return 0.0
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max((until - datetime.now(UTC)).total_seconds(), 0.0), _WAIT_MAX_S)


def _why(fault: Exception) -> str:
    return getattr(fault, "strerror", None) or str(fault) or type(fault).__name__
