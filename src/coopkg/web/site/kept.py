"""What a page read from one generation of the graph and may show again.

It is kept for as long as the store of that generation is open, by the store itself: two graphs never mix.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar, cast
from weakref import WeakKeyDictionary

from coopkg.store import QuadStore

_kept: WeakKeyDictionary[QuadStore, dict[Hashable, object]] = WeakKeyDictionary()
#: A key is a language and a name that exists in the graph, so there are few; a graph with more begins again.
_MOST = 500
_Read = TypeVar("_Read")


def kept(store: QuadStore, key: Hashable, read: Callable[[], _Read]) -> _Read:
    """Return what is read from a store, read again only when another store is published.

    Args:
        key: says what is read and in which language; only for what is there.
    """
    known = _kept.setdefault(store, {})
    if key not in known:
        value = read()
        if value is None:
            return value
        if len(known) >= _MOST:
            known.clear()
        known[key] = value
        return value
    return cast("_Read", known[key])
