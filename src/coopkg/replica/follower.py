"""Bringing a replica up to its original, once or again and again: calls the others in order."""

from __future__ import annotations

import time
from collections.abc import Callable

from coopkg.errors import Refused, ReplicaError, ReplicaOvertaken, RevisionGone
from coopkg.replica import packed
from coopkg.replica.assembly import Assembly
from coopkg.replica.connection import Report
from coopkg.replica.folder import ReplicaFolder
from coopkg.replica.listing import Item, Page, Place
from coopkg.replica.original import Original
from coopkg.replica.patience import Patience

#: So many changes are applied without a word.
_TOLD_EVERY = 100


class Follower:
    """Brings a held state folder up to an original."""

    def __init__(self, original: Original, folder: ReplicaFolder, assembly: Assembly, report: Report) -> None:
        self._original = original
        self._folder = folder
        self._assembly = assembly
        self._report = report

    def bring_up(self) -> Place:
        """Return the place that original and replica share, after bringing the replica there.

        Where the original is another than the replica was made from, or had something erased, it begins again, once.

        Raises:
            Refused: not now.
            RevisionGone, ReplicaOvertaken: what the original publishes now does not follow on its last dump.
            ReplicaError: the original sends what cannot be used.
            DiskFullError: no room.
        """
        held = self._folder.place()
        if held is None:
            return self._caught_up(self._begun())
        try:
            return self._caught_up(held)
        except (RevisionGone, ReplicaOvertaken) as why:
            self._report(f"{why}; beginning again from a dump")
            self._folder.leave()
            return self._caught_up(self._begun())

    def _begun(self) -> Place:
        """Publish the last dump of the original, and destroy what was before it."""
        dump = self._original.dump()
        path = self._original.packed(dump, self._folder.downloads)
        place = Place(dump.revision, dump.head, dump.digest)
        self._assembly.begin()
        for quads in packed.of(path, dump):
            self._assembly.load(quads)
        self._assembly.publish(place)
        self._folder.settle()
        self._report(f"begun with the dump of revision {dump.revision}, {dump.statements:,} statements")
        return place

    def _caught_up(self, held: Place) -> Place:
        """Publish what follows on what is held, up to what the original publishes, and return where that is."""
        try:
            at, page = self._followed(held)
            if at != held or self._assembly.is_outdated():
                self._assembly.publish(page.published)
        except BaseException:
            self._assembly.discard()
            raise
        return page.published

    def _followed(self, held: Place) -> tuple[Place, Page]:
        """Lay every published change after a place on the candidate; return the last one's place, and the last page."""
        at = held
        while True:
            page = self._original.page(at.revision)
            for item in page.after(at):
                self._lay(item)
                at = Place(item.revision, item.hash, "")
            if at.revision == page.published.revision:
                return at, page

    def _lay(self, item: Item) -> None:
        removed, added = self._original.change(item)
        self._assembly.change(removed, added)
        if item.revision % _TOLD_EVERY == 0:
            self._report(f"applied revision {item.revision}")


def follow(
    follower: Follower,
    patience: Patience,
    report: Report,
    *,
    once: bool,
    every_s: float,
    wait: Callable[[float], None] = time.sleep,
) -> Place:
    """Bring a replica up again and again, without end; or once, and return the place that it shares with its original.

    Args:
        every_s: how long to wait from one look to the next.
    Raises:
        Refused: the original did not answer, however often it was asked (with `once` alone).
        RevisionGone, ReplicaError: see `Follower.bring_up`; raised once, or while nothing was ever brought up.
    """
    shared: Place | None = None
    while True:
        try:
            place = follower.bring_up()
        except Refused as refused:
            wait_s = patience.after(refused.wait_s)
            if once and patience.is_exhausted:
                raise
            report(f"{refused}; trying again in {wait_s:.0f} s")
        except (ReplicaError, RevisionGone) as fault:
            if once or shared is None:
                raise
            wait_s = patience.after(every_s)
            report(f"{fault}; what was published stays; trying again in {wait_s:.0f} s")
        else:
            patience.rest()
            if place != shared:
                report(f"equal to the original: revision {place.revision}, digest {place.digest}")
            shared, wait_s = place, every_s
            if once:
                return place
        wait(wait_s)
