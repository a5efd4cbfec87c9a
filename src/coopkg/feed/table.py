"""The table of the feed: with which revision each statement came, and with which it went.

One writer, whose transactions are whole revisions;
any number of readers, each of which sees one state. The file is a temporary one: the journal is the truth, and gives
the same table again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from coopkg import editions, names, scratch
from coopkg.feed.version import Version, mark_of

#: Versions on a page that is full.
PAGE_VERSIONS = 500
_TABLES = """
CREATE TABLE revision (number INTEGER PRIMARY KEY, time TEXT, mark TEXT);
CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
CREATE TABLE statement (id INTEGER PRIMARY KEY, thing INTEGER, rest TEXT, came INTEGER, went INTEGER);
CREATE INDEX statement_of ON statement (thing);
CREATE INDEX statement_came ON statement (came);
CREATE INDEX statement_went ON statement (went) WHERE went IS NOT NULL;
CREATE TABLE version (number INTEGER PRIMARY KEY, thing INTEGER, revision INTEGER, kind TEXT);
CREATE INDEX version_of ON version (thing, revision);
"""
#: Of each thing of ours that a revision touched: whether anything is stated of it after the revision, and was before.
_TOUCHED = """
INSERT INTO version (thing, revision, kind)
SELECT thing, :revision, CASE WHEN NOT is_stated THEN 'Delete' WHEN was_stated THEN 'Update' ELSE 'Create' END
FROM (SELECT thing, max(went IS NULL) AS is_stated, max(came < :revision) AS was_stated FROM statement
      WHERE (went IS NULL OR went = :revision) AND thing IN (
          SELECT thing FROM statement WHERE came = :revision UNION SELECT thing FROM statement WHERE went = :revision)
      GROUP BY thing)
JOIN thing ON thing.id = thing WHERE substr(thing.name, 1, :length) = :ours ORDER BY thing.name
"""
_VERSIONS = """
SELECT version.number, name, version.revision, time, mark, kind, rest
FROM version JOIN thing ON thing.id = version.thing JOIN revision ON revision.number = version.revision
LEFT JOIN statement ON statement.thing = version.thing AND came <= version.revision
    AND (went IS NULL OR went > version.revision)
"""
_ENDS = """
SELECT version.number, time, mark FROM version JOIN revision ON revision.number = revision
WHERE version.number IN (?, ?) ORDER BY version.number
"""
_ORDER = " ORDER BY version.number, rest"
_PREFIX = "coopkg-feed-"
_OURS = f"<{names.BASE}"


@dataclass(frozen=True, slots=True)
class Part:
    """What a revision says of one subject: whether it comes or goes, and the rests of the lines behind the subject."""

    comes: bool
    subject: str
    rests: Sequence[str]


@dataclass(frozen=True, slots=True)
class Page:
    """A page that is full: its number from 1, the times of its first and last version, the mark of the last one."""

    number: int
    first: str
    last: str
    mark: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One state of the table, as a reader sees it."""

    connection: scratch.Connection

    @property
    def revision(self) -> tuple[int, str, str]:
        """The last revision that is in it: number, time, mark; (0, "", "") when there is none."""
        found = self.rows("SELECT number, time, mark FROM revision ORDER BY number DESC LIMIT 1")
        return next(((int(number), str(time), str(mark)) for number, time, mark in found), (0, "", ""))

    @property
    def begun(self) -> str:
        """The time of the first revision; "" when there is none."""
        return next((str(time) for (time,) in self.rows("SELECT time FROM revision WHERE number = 1")), "")

    def page(self, number: int) -> Page | None:
        """Return the page of a number, from 1; None when it is not full."""
        last = number * PAGE_VERSIONS
        rows = list(self.rows(_ENDS, last - PAGE_VERSIONS + 1, last))
        if not rows or rows[-1][0] != last:
            return None
        return Page(number, rows[0][1], rows[-1][1], rows[-1][2])

    def pages(self) -> list[Page]:
        """Return the pages that are full."""
        count = next(self.rows("SELECT coalesce(max(number), 0) FROM version"))[0] // PAGE_VERSIONS
        return [page for number in range(1, count + 1) if (page := self.page(number))]

    def on_page(self, number: int) -> Iterator[Version]:
        """Yield the versions of a page, full or not, in order."""
        last = number * PAGE_VERSIONS
        where = " WHERE version.number BETWEEN ? AND ?"
        return _versions(self.rows(_VERSIONS + where + _ORDER, last - PAGE_VERSIONS + 1, last))

    def version(self, thing: str, mark: str) -> Version | None:
        """Return the version of a thing by its IRI and the mark of the revision; None when there is none."""
        where = " WHERE version.thing = (SELECT id FROM thing WHERE name = ?) AND mark = ?"
        return next(_versions(self.rows(_VERSIONS + where + _ORDER, f"<{thing}>", mark)), None)

    def patch(self, number: int) -> Iterator[str]:
        """Yield the lines of what a revision did in fact, as an RDF Patch: what it removed, then what it added."""
        lines = "SELECT name || ' ' || rest FROM statement JOIN thing ON thing.id = thing WHERE {} = ? ORDER BY 1"
        for letter, column in (("D", "went"), ("A", "came")):
            yield from (f"{letter} {line}" for (line,) in self.rows(lines.format(column), number))

    def rows(self, query: str, *values: object) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query."""
        return iter(self.connection.execute(query, values))


class Table(scratch.Database):
    """A new table in a temporary folder, which goes with it."""

    def __init__(self) -> None:
        super().__init__(_PREFIX, "the table of the feed", _TABLES)
        #: The last revision that is in it.
        self.revision = 0

    def add(self, number: int, time: str, hash_: str, parts: Iterable[Part]) -> None:
        """Add a revision, the next one, in one transaction: what it did, and the versions that come of it.

        Args:
            time: when it was accepted; a clock that was put back is not followed.
            parts: what it says of each subject: all that goes, then all that comes.
        Raises:
            DiskFullError: there is no room; the table is as it was.
        """
        with self._transaction():
            for part in parts:
                self._take(part, number)
            self._writer.execute(
                "INSERT INTO revision SELECT ?, max(?, coalesce(max(time), '')), ? FROM revision",
                (number, time, mark_of(number, hash_)),
            )
            self._writer.execute(_TOUCHED, {"revision": number, "ours": _OURS, "length": len(_OURS)})
        self.revision = number

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Give one state.

        Raises:
            Refused: the file is lost.
        """
        with self._finding():
            connection = self._connected()
            try:
                connection.execute("BEGIN")
                connection.execute("SELECT number FROM revision LIMIT 1")  # the state is chosen by the first look at it
                yield Reading(connection)
            finally:
                connection.close()

    def destroy(self) -> None:
        """Overwrite the file and remove it: it may speak of what was erased."""
        with suppress(FileNotFoundError):  # lost
            editions.destroy(self._path.parent)
        with suppress(scratch.Error):  # first, it would remove its log of writes without overwriting it
            self._writer.close()

    def _take(self, part: Part, number: int) -> None:
        """Write what a revision says of one subject; what goes and comes again in one revision stays."""
        thing, is_new = self._thing(part.subject)
        held = {} if is_new else self._held(thing, number)
        if not part.comes:
            gone = [(number, held[rest][0]) for rest in part.rests if rest in held]
            self._writer.executemany("UPDATE statement SET went = ? WHERE id = ?", gone)
            return
        back = [(held[rest][0],) for rest in part.rests if rest in held and held[rest][1] is not None]
        self._writer.executemany("UPDATE statement SET went = NULL WHERE id = ?", back)
        come = [(thing, rest, number) for rest in part.rests if rest not in held]
        self._writer.executemany("INSERT INTO statement (thing, rest, came) VALUES (?, ?, ?)", come)

    def _held(self, thing: int, number: int) -> dict[str, tuple[int, int | None]]:
        """Return what is stated of a thing, and was before a revision: the row of each, and when it went."""
        query = "SELECT rest, id, went FROM statement WHERE thing = ? AND (went IS NULL OR went = ?)"
        return {rest: (row, went) for rest, row, went in self._writer.execute(query, (thing, number))}

    def _thing(self, name: str) -> tuple[int, bool]:
        row = self._writer.execute("SELECT id FROM thing WHERE name = ?", (name,)).fetchone()
        if row:
            return row[0], False
        return int(self._writer.execute("INSERT INTO thing (name) VALUES (?)", (name,)).lastrowid or 0), True


def _versions(rows: Iterator[tuple[Any, ...]]) -> Iterator[Version]:
    for _, together in groupby(rows, lambda row: row[0]):
        (_, name, revision, time, mark, kind, rest), *others = together
        rests = () if rest is None else (rest, *(row[-1] for row in others))
        yield Version(name[1:-1], revision, time, mark, kind, rests)
