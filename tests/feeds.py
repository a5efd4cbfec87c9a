"""What the tests of the feed share: journals written by hand, and what a reader makes of what it is given."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from coopkg import names
from coopkg.feed import Feed
from coopkg.feed.version import Version
from coopkg.journal import Change, Journal
from coopkg.rdf import Literal, NamedNode, Quad
from tests.builders import ID

GRAPH = f"{names.GRAPH}a-page"
OTHER_GRAPH = f"{names.GRAPH}b-page"


def said(thing: str, text: str, graph: str = GRAPH) -> Quad:
    """Return that a thing has a name, as a graph states it."""
    subject = thing if thing.startswith("http") else f"{ID}project/{thing}"
    return Quad(NamedNode(subject), NamedNode(f"{names.SKOS}prefLabel"), Literal(text), NamedNode(graph))


class Written:
    """A journal that a test writes, and the feed that follows it."""

    def __init__(self, folder: Path) -> None:
        self.journal = Journal(folder / "journal", writing=True)
        self.feed = Feed(folder / "journal")

    def change(self, add: Iterable[Quad] = (), remove: Iterable[Quad] = (), *, at: str = "2026-01-01") -> None:
        """Append a revision, and let the feed follow."""
        self.append(add, remove, at=at)
        self.feed.follow(self.journal.head)

    def append(self, add: Iterable[Quad] = (), remove: Iterable[Quad] = (), *, at: str = "2026-01-01") -> None:
        """Append a revision."""
        change = Change(frozenset(remove), frozenset(add), "a change", author="somebody")
        self.journal.append([change], datetime.fromisoformat(at).replace(tzinfo=UTC))


def versions(feed: Feed) -> list[Version]:
    """Return all versions of a feed, in order."""
    with feed.reading() as reading:
        count = len(reading.pages()) + 1
        return [version for number in range(1, count + 1) for version in reading.on_page(number)]


def told(found: Iterable[Version]) -> list[tuple[str, int, str, int]]:
    """Return of each version the end of the thing's IRI, the revision, the kind, and how much it states."""
    return [(one.thing.rpartition("/")[2], one.revision, one.kind, len(one.statements)) for one in found]


def held(found: Iterable[Version]) -> set[str]:
    """Return what a reader holds after all versions, each in the place of the one before: canonical lines."""
    latest = {version.thing: version for version in found}
    return {f"<{thing}> {statement}" for thing, version in latest.items() for statement in version.statements}
