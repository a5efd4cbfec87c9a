"""What a page read from one generation of the graph and may show again.

It is kept for as long as the store of that generation is open, by the store itself: two graphs never mix.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import TypeVar, cast
from weakref import WeakKeyDictionary

from coopkg.store import QuadStore

#: A key is a language and a name that exists in the graph, so there are few; a graph with more begins again.
_MOST = 500
_Read = TypeVar("_Read")


class _Shelf:
    """What was read from one store, each thing by one thread: others wait for it rather than read it, too."""

    def __init__(self) -> None:
        self._known: dict[Hashable, object] = {}
        self._reading = threading.RLock()  # what is read may itself be made of what is kept

    def get(self, key: Hashable, read: Callable[[], object]) -> object:
        with self._reading:
            if key in self._known:
                return self._known[key]
            value = read()
            if value is not None:
                if len(self._known) >= _MOST:
                    self._known.clear()
                self._known[key] = value
            return value


_shelves: WeakKeyDictionary[QuadStore, _Shelf] = WeakKeyDictionary()
_opening = threading.Lock()


def kept(store: QuadStore, key: Hashable, read: Callable[[], _Read]) -> _Read:
    """Return what is read from a store, read again only when another store is published.

    Args:
        key: says what is read and in which language; only for what is there.
    """
    with _opening:
        shelf = _shelves.setdefault(store, _Shelf())
    return cast("_Read", shelf.get(key, read))
