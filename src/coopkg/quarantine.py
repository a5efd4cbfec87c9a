"""The queries that were just stopped, and those of their outline: refused for a while, whoever asks.

A text that was stopped is refused for as long as it used a processor; what only waited, for a slow reader or on a busy
machine, has used next to nothing. Who varies a constant is met by the outline: when several texts of one were stopped
lately, all of it are refused, but for those that were answered at once before. Pure bookkeeping in memory, bounded.
Source: ADR 0010.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from coopkg import guard
from coopkg.errors import QueryQuarantined

_KNOWN_MAX = 10_000
#: So many texts of an outline make it suspect, each stopped within that time, after so much time on a processor.
_OUTLINE_TEXTS, _OUTLINE_WITHIN_S, _OUTLINE_CPU_S = 3, 120.0, 1.0
_OUTLINE_LONGEST_S = 60.0
#: Of a longer text, its beginning: to draw the whole would cost the server more than the refusal saves it.
_OUTLINE_LENGTH = 8_192
#: A text that was answered within this is let pass whatever its outline.
_AT_ONCE_S = 0.5
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class _Stop:
    at_s: float
    cpu_s: float


class Quarantine:
    """What was stopped, and until when it is refused.

    Args:
        factor: how long a query is refused, per second of processor time that it used.
        now: the clock, in seconds.
    """

    def __init__(self, factor: float = 1.0, now: Callable[[], float] = time.monotonic) -> None:
        self._factor = factor
        self._now = now
        self._texts: OrderedDict[str, float] = OrderedDict()
        self._outlines: OrderedDict[str, float] = OrderedDict()
        self._stops: OrderedDict[str, dict[str, _Stop]] = OrderedDict()
        self._quick: OrderedDict[str, None] = OrderedDict()
        self._outlines_end_s = 0.0
        self._lock = threading.RLock()  # the collector may end an abandoned answer at any moment

    def check(self, query: str) -> None:
        """Let a query pass, or refuse it before it costs anything.

        Raises:
            QueryQuarantined: it, or others of its outline, were stopped a moment ago; says when to come back.
        """
        text, now_s = _text(query), self._now()
        with self._lock:
            until_s = self._texts.get(text, 0.0)
            is_suspect = until_s <= now_s < self._outlines_end_s and text not in self._quick
        if is_suspect:  # most of the time no outline is refused, and none is drawn
            outline = _outline(query)
            with self._lock:
                until_s = self._outlines.get(outline, 0.0)
        if until_s > now_s:
            wait_s = until_s - now_s
            raise QueryQuarantined(
                "this query, or several like it, were stopped at their limit a moment ago; narrow it, or try again "
                f"in {wait_s:.0f} s",
                wait_s,
            )

    def answered(self, query: str, seconds: float) -> None:
        """Note a query that was answered, and how long that took."""
        if seconds <= _AT_ONCE_S:
            with self._lock:
                _put(self._quick, _text(query), None)

    def stopped(self, query: str, cpu_s: float) -> None:
        """Note a query that was stopped, and how long it had used a processor."""
        text, now_s = _text(query), self._now()
        with self._lock:
            self._quick.pop(text, None)
            _put(self._texts, text, now_s + self._factor * cpu_s)
            if cpu_s >= _OUTLINE_CPU_S:
                self._suspect(_outline(query), text, _Stop(now_s, cpu_s))

    def _suspect(self, outline: str, text: str, stop: _Stop) -> None:
        before = self._stops.get(outline, {})
        stops = {known: old for known, old in before.items() if stop.at_s - old.at_s <= _OUTLINE_WITHIN_S}
        stops[text] = stop
        _put(self._stops, outline, stops)
        if len(stops) >= _OUTLINE_TEXTS:
            used_s = sum(known.cpu_s for known in stops.values())
            until_s = stop.at_s + self._factor * min(used_s, _OUTLINE_LONGEST_S)
            _put(self._outlines, outline, until_s)
            self._outlines_end_s = max(self._outlines_end_s, until_s)


def _put(known: OrderedDict[str, _Value], key: str, value: _Value) -> None:
    known[key] = value
    known.move_to_end(key)
    if len(known) > _KNOWN_MAX:
        known.popitem(last=False)


def _text(query: str) -> str:
    """Return what is the same for the same words: white space and case aside. Only refuses, never answers, by it."""
    return hashlib.sha256(" ".join(query.split()).lower().encode("utf-8")).hexdigest()


def _outline(query: str) -> str:
    return hashlib.sha256(guard.outline(query[:_OUTLINE_LENGTH]).encode("utf-8")).hexdigest()
