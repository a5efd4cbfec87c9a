"""Content codings of answers: zstd, br and gzip, as the client likes best, piece by piece.

Source: RFC 9110, section 12.5.3; RFC 8878 (zstd).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator

import brotli
import zstandard

#: Below this a coding costs more than it saves.
WORTH_BYTES = 1_400
_HELD_BYTES = 1 << 20
_WEIGHT = re.compile(r"(?:^|;)\s*q\s*=\s*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\s*(?:;|$)")
Encode = Callable[[Iterator[bytes]], Iterator[bytes]]


def chosen(accept: str) -> tuple[str, Encode]:
    """Return the coding to use ("" for none) and the function that applies it.

    >>> chosen("gzip, br;q=0.5")[0]
    'gzip'
    """
    wanted = _wanted(accept)
    best = max(_CODINGS, key=lambda name: _quality(wanted, name))
    if not 0 < _quality(wanted, best) >= wanted.get("identity", 0.0):
        return "", iter
    return best, _CODINGS[best]


def refuses_plain(accept: str) -> bool:
    """Return whether an answer without any coding is refused.

    >>> refuses_plain("gzip, identity;q=0")
    True
    """
    wanted = _wanted(accept)
    return wanted.get("identity", wanted.get("*", 1.0)) <= 0


def _wanted(accept: str) -> dict[str, float]:
    items = (item.partition(";") for item in accept.lower().split(","))
    return {name.strip().removeprefix("x-"): _weight(parameters) for name, _, parameters in items if name.strip()}


def _quality(wanted: dict[str, float], name: str) -> float:
    return wanted.get(name, wanted.get("*", 0.0))


def _weight(parameters: str) -> float:
    found = _WEIGHT.search(parameters)
    return float(found[1]) if found else 0.0 if "q=" in parameters else 1.0


def _zstd(pieces: Iterator[bytes]) -> Iterator[bytes]:
    coder = zstandard.ZstdCompressor(level=3).compressobj()
    yield from (part for piece in pieces if (part := coder.compress(piece)))
    yield coder.flush()


def _brotli(pieces: Iterator[bytes]) -> Iterator[bytes]:
    coder, waiting = brotli.Compressor(quality=4), 0
    for piece in pieces:
        waiting += len(piece)
        part = coder.process(piece)
        if waiting >= _HELD_BYTES:  # by itself it may hold 8 MB before it gives any
            part, waiting = part + coder.flush(), 0
        if part:
            yield part
    yield coder.finish()


def _gzip(pieces: Iterator[bytes]) -> Iterator[bytes]:
    coder = zlib.compressobj(5, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    yield from (part for piece in pieces if (part := coder.compress(piece)))
    yield coder.flush()


_CODINGS: dict[str, Encode] = {"zstd": _zstd, "br": _brotli, "gzip": _gzip}
