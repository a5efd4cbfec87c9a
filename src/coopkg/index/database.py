"""The tables of the index.

One writer, whose transactions are whole revisions; any number of readers, each with a connection of its own for as long
as it reads, in which it sees one revision. The file is a temporary one: it can be made again from the graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from coopkg import likeness, scratch, words
from coopkg.index.entries import KINDS, Entry
from coopkg.index.sets import Sets

_TABLES = """
CREATE TABLE state (version INTEGER, revision INTEGER);
INSERT INTO state VALUES (0, 0);
CREATE TABLE entry (
    id INTEGER PRIMARY KEY, iri TEXT UNIQUE, kind TEXT, list TEXT, rank INTEGER, name_fr TEXT, name_en TEXT, date TEXT,
    size INTEGER, weight INTEGER, content TEXT);
CREATE INDEX by_name_fr ON entry (list, name_fr, iri);
CREATE INDEX by_name_en ON entry (list, name_en, iri);
CREATE INDEX by_date ON entry (list, date, iri);
CREATE TABLE start (
    text TEXT, entry INTEGER, is_whole INTEGER, rank INTEGER, weight INTEGER, PRIMARY KEY (text, entry)) WITHOUT ROWID;
CREATE INDEX start_of ON start (entry);
CREATE TABLE identifier (value TEXT, entry INTEGER, PRIMARY KEY (value, entry)) WITHOUT ROWID;
CREATE INDEX identifier_of ON identifier (entry);
CREATE VIRTUAL TABLE word USING fts5 (
    label, names, texts, label_stems, text_stems, tokenize = "unicode61 remove_diacritics 2");
CREATE VIRTUAL TABLE known USING fts5vocab (word, col);
CREATE VIRTUAL TABLE alike USING fts5 (names, tokenize = "trigram", detail = none);
CREATE VIRTUAL TABLE trigram USING fts5vocab (alike, row);
"""
_RANKS = {kind: rank for rank, kind in enumerate(KINDS)}
#: Kinds that have a name; the others have a sentence, of which nobody types the middle.
_NAMED = frozenset({"action", "organisation", "theme", "territory", "source", "group"})
_START_WORDS = 8
_PREFIX = "coopkg-index-"
#: A reader takes the sets of the version that its transaction sees; none is this far behind at that moment.
_VERSIONS_KEPT = 8


@dataclass(frozen=True, slots=True)
class Reading:
    """One revision, as a reader sees it."""

    connection: scratch.Connection
    sets: Sets
    revision: int

    def rows(self, query: str, *values: object) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query."""
        return iter(self.connection.execute(query, values))

    def entries(self, numbers: Sequence[int]) -> list[Entry]:
        """Return entries by their numbers, in that order."""
        return [_entry(self.connection, number) for number in numbers]


class Database(scratch.Database):
    """A new index in a temporary folder, which goes with it."""

    def __init__(self) -> None:
        super().__init__(_PREFIX, "the search index", _TABLES)
        self._idle: list[scratch.Connection] = []
        self._closed = False
        self._sets = {0: Sets()}
        self._version = 0

    def replace(self, entries: Iterable[tuple[str, Entry | None]], revision: int) -> int:
        """Make the entries of some IRIs what they are now, in one transaction, and return how many were others.

        Args:
            entries: each IRI once, with None where there is no entry any more.
        """
        with self._transaction():
            changes = [change for iri, entry in entries if (change := self._put(iri, entry))]
            self._version += 1
            self._writer.execute("UPDATE state SET version = ?, revision = ?", (self._version, revision))
            self._sets[self._version] = self._sets[self._version - 1].replaced(changes)
            self._sets.pop(self._version - _VERSIONS_KEPT, None)
        return len(changes)

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Give one revision, the last one that is whole.

        Raises:
            Refused: the file is lost.
        """
        with self._finding(), self._state() as connection:
            version, revision = connection.execute("SELECT version, revision FROM state").fetchone()
            yield Reading(connection, self._sets[version], revision)

    @contextmanager
    def _state(self) -> Iterator[scratch.Connection]:
        """Give a connection that sees one state; it is kept for the next reader unless it failed."""
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._connected()
        try:
            connection.execute("BEGIN")
            yield connection
            connection.execute("ROLLBACK")
        except BaseException:
            connection.close()
            raise
        if self._closed:
            connection.close()
        else:
            self._idle.append(connection)

    def close(self) -> None:
        """Let the file go; who reads it still may end."""
        self._closed = True
        super().close()
        while self._idle:
            self._idle.pop().close()

    def _connected(self, mode: str = "rw") -> scratch.Connection:
        made = super()._connected(mode)
        made.execute("PRAGMA temp_store = MEMORY")  # a reader needs no room on the disk
        return made

    def _put(self, iri: str, entry: Entry | None) -> tuple[int, Entry | None, Entry | None] | None:
        """Write an entry, and return its number with what it was and is; None when it stays as it was."""
        row = self._writer.execute("SELECT id, content FROM entry WHERE iri = ?", (iri,)).fetchone()
        content = entry.content() if entry else None
        if (row[1] if row else None) == content:
            return None
        if row:
            self._remove(row[0])
        number: int = row[0] if row else 0
        if entry:
            number = self._add(number or None, entry, content)
        return number, Entry.from_content(row[1]) if row else None, entry

    def _remove(self, number: int) -> None:
        self._writer.execute("DELETE FROM entry WHERE id = ?", (number,))
        self._writer.execute("DELETE FROM start WHERE entry = ?", (number,))
        self._writer.execute("DELETE FROM identifier WHERE entry = ?", (number,))
        self._writer.execute("DELETE FROM word WHERE rowid = ?", (number,))
        self._writer.execute("DELETE FROM alike WHERE rowid = ?", (number,))

    def _add(self, number: int | None, entry: Entry, content: str | None) -> int:
        rank = _RANKS[entry.kind]
        order = [words.folded(entry.label(lang)[0]) for lang in ("fr", "en")]
        size = len(entry.facets.get("participant", ()))
        kinds = (entry.kind, entry.kind if entry.is_listed else None)
        row = (number, entry.iri, *kinds, rank, *order, entry.earliest, size, entry.weight, content)
        made = self._writer.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row).lastrowid
        number = int(made or 0)
        starts = [(text, number, whole, rank, entry.weight) for text, whole in _starts(entry).items()]
        self._writer.executemany("INSERT INTO start VALUES (?, ?, ?, ?, ?)", starts)
        kept = {value for text in entry.identifiers if (value := words.identifier(text))}
        self._writer.executemany("INSERT INTO identifier VALUES (?, ?)", [(value, number) for value in kept])
        self._writer.execute(
            "INSERT INTO word (rowid, label, names, texts, label_stems, text_stems) VALUES (?, ?, ?, ?, ?, ?)",
            (number, *_word_columns(entry)),
        )
        self._writer.execute("INSERT INTO alike (rowid, names) VALUES (?, ?)", (number, _alike(entry)))
        return number


def _entry(connection: scratch.Connection, number: int) -> Entry:
    return Entry.from_content(connection.execute("SELECT content FROM entry WHERE id = ?", (number,)).fetchone()[0])


def _starts(entry: Entry) -> dict[str, bool]:
    """Return what a reader may begin to type for an entry: its names, and the rests of them from each word on."""
    found: dict[str, bool] = {}
    for text in (*entry.labels.values(), *(text for text, _ in entry.names)):
        parts = words.words(text)
        for place in range(min(len(parts), _START_WORDS if entry.kind in _NAMED else 1)):
            rest = " ".join(parts[place : place + _START_WORDS])
            found[rest] = found.get(rest, False) or place == 0
    return found


def _alike(entry: Entry) -> str:
    """Return the names of an entry without what two spellings may differ in, one a line, a space on either side."""
    names = dict.fromkeys(map(likeness.folded, (*entry.labels.values(), *(text for text, _ in entry.names))))
    return "\n".join(f" {name} " for name in names if name) if entry.kind in _NAMED else ""


def _word_columns(entry: Entry) -> list[str]:
    labels = [(text, lang) for lang, text in entry.labels.items()]
    columns = [
        " ".join(word for text, _ in texts for word in words.words(text))
        for texts in (labels, entry.names, entry.texts)
    ]
    return [*columns, _stems((*labels, *entry.names)), _stems(entry.texts)]


def _stems(texts: Iterable[tuple[str, str]]) -> str:
    return " ".join(words.stem(word, lang) for text, lang in texts for word in words.words(text))
