"""What happened to the graph, read from its journal: who changed what, when, and what undoes it. It writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from coopkg import names
from coopkg.errors import InputError, RevisionGone, RevisionOvertaken, UnknownGraph
from coopkg.journal import Change, Journal, Revision
from coopkg.rdf import NamedNode, Quad

Progress = Callable[[Sequence[Revision]], Iterator[Revision]]


@dataclass(frozen=True, slots=True)
class Delta:
    """Statements that went and statements that came."""

    removed: frozenset[Quad] = frozenset()
    added: frozenset[Quad] = frozenset()

    @classmethod
    def of(cls, changes: Sequence[Change]) -> Delta:
        """Return what some changes do, one after the other, where each of their statements was or was not there."""
        return reduce(cls.then, (cls(change.remove, change.add) for change in changes), cls())

    def undone(self) -> Delta:
        """Return what takes this one back."""
        return Delta(self.added, self.removed)

    def then(self, later: Delta) -> Delta:
        """Return both, this one first."""
        removed = (self.removed - later.added) | (later.removed - self.added)
        return Delta(removed, (self.added - later.removed) | (later.added - self.removed))

    def statements(self) -> frozenset[Quad]:
        """Return both."""
        return self.removed | self.added

    def graphs(self) -> list[str]:
        """Return the named graphs that are touched, sorted."""
        return sorted({getattr(quad.graph_name, "value", "") for quad in self.statements()})


@dataclass(frozen=True, slots=True)
class Blamed:
    """A statement that holds, and the revision that added it last."""

    quad: Quad
    revision: Revision


class History:
    """The revisions of a journal.

    Args:
        progress: passes revisions through while many are read, and may show them.
    """

    def __init__(self, journal: Journal, progress: Progress = iter) -> None:
        self._journal = journal
        self._progress = progress

    def number(self, text: str) -> int:
        """Return the number of a revision that a person names: digits, or `current`; 0 is before the first one.

        Raises:
            InputError: there is no such revision.
        """
        head = self._journal.head
        if text == "current":
            return head
        if not (text.isascii() and text.isdigit() and int(text[:12]) <= head):
            raise InputError(f"revision {text!r}: there is none; give a number up to {head}, or 'current'")
        return int(text)

    def revision(self, number: int) -> Revision:
        """Return a revision by its number.

        Raises:
            InputError: there is no such revision.
        """
        if not 1 <= number <= self._journal.head:
            raise InputError(f"revision {number}: there is none; give a number from 1 to {self._journal.head}")
        return self._journal.revisions[number - 1]

    def hash_before(self, revision: Revision) -> str:
        """Return the hash of the revision before one; "" before the first."""
        return self._journal.revisions[revision.number - 2].hash if revision.number > 1 else ""

    def log(self, graph: str = "") -> Iterator[Revision]:
        """Yield the revisions, the last one first; those alone that touched a named graph, when one is given.

        Raises:
            UnknownGraph: no revision touched the graph.
        """
        found = False
        for revision in reversed(self._journal.revisions):
            if not graph or graph in self._graphs(revision):
                found = True
                yield revision
        if not found:
            raise UnknownGraph(f"no revision touched a graph <{graph}>; 'coopkg log' shows the files of all of them")

    def change(self, number: int) -> Delta:
        """Return what a revision removed and added, as it is recorded.

        Raises:
            InputError: there is no such revision.
        """
        removed, added = self._journal.change(self.revision(number))
        return Delta(frozenset(removed), frozenset(added))

    def difference(self, before: int, after: int) -> Delta:
        """Return what must go and come to get from the graph after one revision to that after another.

        Raises:
            InputError: there is no such revision.
        """
        wanted, states = {before, after} - {0}, {0: frozenset[Quad]()}
        for number in wanted:
            self.revision(number)
        for revision, _, graph in self.replayed(max(before, after)):
            if revision.number in wanted:
                states[revision.number] = frozenset(graph)
        return Delta(states[before] - states[after], states[after] - states[before])

    def batch(self, number: int) -> range:
        """Return the numbers of the revisions that were judged together with one, its own among them.

        Raises:
            InputError: there is no such revision.
        """
        revision = self.revision(number)
        first = number - revision.batch_index + 1
        return range(first, first + revision.batch_size)

    def undoing(self, number: int, *, batch: bool = False) -> Delta:
        """Return the change that takes back what a revision did.

        Args:
            batch: whether what the revisions did that were judged together with it is taken back as well.
        Raises:
            InputError: there is no such revision, or it changed nothing.
            RevisionGone: terms of it were erased.
            RevisionOvertaken: later revisions touched the same statements; carries each.
        """
        if erased := self.revision(number).redacted:
            raise RevisionGone(
                f"revision {number}: cannot be undone, since terms of it were erased on {erased[:10]}; make the change "
                "in data/ and build"
            )
        numbers = self.batch(number) if batch else range(number, number + 1)
        own, touched = Delta(), list[tuple[int, str]]()
        for revision, delta, _ in self.replayed():
            if revision.number in numbers:
                own = own.then(delta)
            both = own.statements() & delta.statements() if revision.number > numbers[-1] else ()
            touched += sorted((revision.number, f"{quad} .") for quad in both)
        if touched:
            raise RevisionOvertaken(number, touched)
        if not own.statements():
            raise InputError(f"revision {number}: changed no statement; there is nothing to undo")
        return own.undone()

    def redacted(self, before: int, after: int) -> list[int]:
        """Return which of the revisions behind one, up to another, had terms erased; whichever is first."""
        first, last = sorted((before, after))
        return [revision.number for revision in self._journal.revisions[first:last] if revision.redacted]

    def blame(self, resource: str) -> list[Blamed]:
        """Return each asserted statement about a resource that holds, with the revision that added it last.

        Args:
            resource: its IRI.
        Returns:
            Sorted by graph, revision and statement.
        Raises:
            InputError: no statement about it holds.
        """
        holding, last = dict[Quad, Revision](), 0
        for revision in self._progress(self._journal.revisions):
            removed, added = self._journal.change(revision, resource)
            for quad in set(removed).difference(added):
                holding.pop(quad, None)
            for quad in added:
                holding.setdefault(quad, revision)
            last = revision.number if removed or added else last
        if not holding:
            past = f"nothing more is stated since revision {last}" if last else "no revision states anything"
            raise InputError(f"<{resource}>: {past} about it; check the IRI")
        found = [Blamed(quad, revision) for quad, revision in holding.items()]
        return sorted(found, key=lambda one: (str(one.quad.graph_name), one.revision.number, str(one.quad)))

    def replayed(self, last: int | None = None) -> Iterator[tuple[Revision, Delta, set[Quad]]]:
        """Yield each revision, from the first, with what it did in fact and with the asserted graph after it.

        The graph is one set that lives on: copy it to keep it.

        Args:
            last: the number of the last revision to read; None reads all of them.
        """
        graph = set[Quad]()
        for revision in self._progress(self._journal.revisions[:last]):
            removed, added = map(frozenset, self._journal.change(revision))
            delta = Delta((removed - added) & graph, added - graph)
            graph -= delta.removed
            graph |= delta.added
            yield revision, delta, graph

    def _graphs(self, revision: Revision) -> set[str]:
        return _graphs(self._journal, revision)


class Touched:
    """When each named graph was last changed, as far as a journal was read; it goes on from there."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self._times: dict[str, str] = {}
        self._read = 0

    def times(self, last: int) -> Mapping[str, str]:
        """Return when each named graph was last changed (ISO 8601, UTC), by its IRI.

        Args:
            last: the number of the last revision to read.
        Raises:
            StateDamaged: the journal is not what was written.
        """
        for revision in self.journal.revisions[self._read : last]:
            self._times.update(dict.fromkeys(_graphs(self.journal, revision), revision.time))
            self._read = revision.number
        return dict(self._times)


def _graphs(journal: Journal, revision: Revision) -> set[str]:
    """Return the named graphs that a revision touched."""
    if revision.origin and revision.origin.graphs:  # a file that was built says its graphs; its body stays unread
        return set(revision.origin.graphs)
    return {getattr(quad.graph_name, "value", "") for part in journal.change(revision) for quad in part}


def resource(text: str) -> str:
    """Return the IRI that a person writes: whole, with or without angle brackets, with a prefix, or from `id/` on.

    Raises:
        InputError: it is none.

    >>> resource("coop:Project")
    'https://w3id.org/coopkg/ns#Project'
    """
    prefix, colon, local = text.partition(":")
    iri = text.removeprefix("<").removesuffix(">")
    if iri.startswith("id/"):
        iri = names.BASE + iri
    elif colon and prefix in names.PREFIXES:
        iri = names.PREFIXES[prefix] + local
    try:
        found = NamedNode(iri).value
    except ValueError:
        found = ""
    if not found or any(character in found for character in ' <>"{}|\\^`\n'):
        raise InputError(
            f"{text!r}: is no IRI; give it whole, such as {names.BASE}id/project/..., from id/ on, or with one of the "
            f"prefixes {', '.join(names.PREFIXES)}"
        )
    return found
