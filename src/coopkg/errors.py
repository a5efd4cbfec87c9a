"""Every error that coopkg raises on purpose.

    CoopkgError
    ├── InputError              a file, an argument or a request cannot be understood
    │   ├── SettingsError       a setting is unknown or has a wrong value
    │   ├── QueryError          a SPARQL text cannot be parsed, or asks for what is not offered
    │   └── DocumentError       an RDF document cannot be parsed
    ├── UnsupportedMediaType    a request's body is of a type that is not read
    ├── NotAcceptable           no representation on offer suits a request
    ├── DocumentTooLarge        a document is larger than what is judged or taken at once
    ├── AnswerTooLarge          an answer is longer than the endpoint gives
    ├── QueryTimedOut           a query was stopped at its deadline
    ├── QueryTooHeavy           a query took more memory or depth than one query may
    ├── UnknownGraph            a graph that is asked for is not published
    ├── RevisionGone            a revision that is asked for is not kept any more, or was redacted
    ├── Refused                 not now: says when to come back
    │   ├── ServerBusy          all places are taken
    │   ├── BudgetSpent         a client has used what it may use in a minute
    │   └── QueryQuarantined    the same query was stopped a moment ago
    ├── Unauthorised            a write comes without a token that counts
    ├── WriteForbidden          a write may not be made in this way: not here, not so
    │   └── ScopeExceeded       a token does not cover a graph that would change
    ├── RevisionConflict        another revision is in force than a write expects
    ├── ConditionFailed         a graph is there that must not be, or is not there and must be
    ├── KeyReused               an idempotency key stands for another request
    ├── TooFarReaching          a change would have more judged than a request may wait for
    ├── WriteRejected           a proposal was judged and refused: carries every finding
    ├── WriteConflict           a graph changed on both sides: carries every graph
    ├── RevisionOvertaken       a revision cannot be undone: carries what later ones touched
    ├── MergeRefused            two resources differ where one has one value: carries each
    ├── DraftOvertaken          a draft does not apply any more: carries each statement
    ├── RevisionsLost           a restoration would give up revisions: names them
    ├── ErasureRefused          what is to be erased is still stated: says where
    ├── ErasuresUndone          a restoration would bring back what was erased: names the erasures
    ├── ReplicaError            what a replica follows gives what cannot be used: says what was found
    │   └── ReplicaOvertaken    the original is no longer what a replica was made from: it begins again
    ├── StateLocked             another writer holds the state folder
    ├── NothingPublished        nothing has been built yet
    ├── LinksFull               as many short links are kept as this server keeps
    ├── StateDamaged            the journal or a generation is not what was written
    └── DiskFullError           the disk refuses to take more

Each class has a `code`, which is its anchor in docs/errors.md. The core knows neither HTTP statuses nor exit
codes: `coopkg.web.problems` and `coopkg.cli` hold one table each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from coopkg.findings import Finding


class CoopkgError(Exception):
    """The root: one full sentence that says where, what was found and what to do."""

    code: ClassVar[str] = "error"


class InputError(CoopkgError):
    """Something given to coopkg cannot be understood; the message says how to repair it.

    `findings` says the same in both languages, one for each fault, with its place, where files are at fault.
    """

    code = "input"

    def __init__(self, message: str, findings: Sequence[Finding] = ()) -> None:
        super().__init__(message)
        self.findings = tuple(findings)


class SettingsError(InputError):
    """One or several settings are unknown or wrong; the message lists all of them."""

    code = "settings"


class QueryError(InputError):
    """A SPARQL text is not valid, or uses what this endpoint refuses.

    `line` and `column` (from 1) are the place, when the engine says one.
    """

    code = "query"

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class DocumentError(InputError):
    """An RDF document cannot be parsed; `line` and `column` (from 1) are the place, when the parser says one."""

    code = "document"

    def __init__(
        self, message: str, line: int | None = None, column: int | None = None, findings: Sequence[Finding] = ()
    ) -> None:
        super().__init__(message, findings)
        self.line = line
        self.column = column


class UnsupportedMediaType(CoopkgError):
    """The body of a request is of a type, charset or coding that is not read; the message lists what is."""

    code = "media-type"


class NotAcceptable(CoopkgError):
    """Nothing on offer suits a request; the message lists what is."""

    code = "not-acceptable"


class DocumentTooLarge(CoopkgError):
    """A document is larger than what is judged or taken at once; the message says the bound and what to do."""

    code = "document-too-large"


class AnswerTooLarge(CoopkgError):
    """An answer is longer than the endpoint gives."""

    code = "too-large"


class QueryTimedOut(CoopkgError):
    """A query was stopped at its deadline."""

    code = "timed-out"


class QueryTooHeavy(CoopkgError):
    """A query took more memory, or a deeper stack, than one query may."""

    code = "too-heavy"


class UnknownGraph(CoopkgError):
    """A graph that is asked for is not published."""

    code = "unknown-graph"


class RevisionGone(CoopkgError):
    """A revision that is asked for is not kept any more, not yet made, or terms of it were erased."""

    code = "revision-gone"


class Refused(CoopkgError):
    """A request is refused for now; `wait_s` says when to come back, in seconds."""

    code = "refused"

    def __init__(self, message: str, wait_s: float = 5.0) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class ServerBusy(Refused):
    """All places are taken."""

    code = "server-busy"


class BudgetSpent(Refused):
    """A client has used what it may use in a minute."""

    code = "budget-spent"


class QueryQuarantined(Refused):
    """The same query, or several like it, were stopped at their limit a moment ago."""

    code = "quarantined"


class Unauthorised(CoopkgError):
    """A write comes without a token, or with one that is unknown, expired or revoked; the message never repeats it."""

    code = "unauthorised"


class WriteForbidden(CoopkgError):
    """A write may not be made in this way: the server takes none, or the connection could be overheard."""

    code = "forbidden"


class ScopeExceeded(WriteForbidden):
    """A write would change graphs that its token does not cover; nothing was written. The message names them."""

    code = "scope"


class RevisionConflict(CoopkgError):
    """Another revision is in force than the one that a write expects; nothing was written."""

    code = "precondition"

    def __init__(self, expected: int, current: int) -> None:
        self.expected = expected
        self.current = current
        super().__init__(
            f"revision {current} is in force, and not {expected}; read the graph again, make the change anew and "
            f'send it with If-Match: "{current}"'
        )


class ConditionFailed(CoopkgError):
    """What a request is made to depend on does not hold: a graph is there, or is not; what is read has changed.

    Nothing was written.
    """

    code = "condition"


class KeyReused(CoopkgError):
    """An idempotency key was given before with another request; nothing was written."""

    code = "key-reused"


class TooFarReaching(CoopkgError):
    """A change would have more judged than a request may wait for; nothing was judged, and nothing written.

    `pairs` says how many (shape, node) pairs it reaches.
    """

    code = "too-far-reaching"

    def __init__(self, pairs: int, most: int, cause: str) -> None:
        self.pairs = pairs
        super().__init__(
            f"this change reaches {pairs:,} (shape, node) pairs, more than the {most:,} that are judged while others "
            f"wait: {cause}; make it in data/ and run 'coopkg build', which may take its time, or send it in parts"
        )


class WriteRejected(CoopkgError):
    """A proposal breaks the shapes; nothing of it was written. `findings` holds all of them."""

    code = "rejected"

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        count = len(self.findings)
        super().__init__(f"refused: {count} finding{'s' if count != 1 else ''} must be repaired; nothing was written")


class WriteConflict(CoopkgError):
    """Graphs changed both in data/ and in the store since the last build; neither was touched."""

    code = "conflict"

    def __init__(self, paths: Sequence[str]) -> None:
        self.paths = tuple(paths)
        super().__init__(
            f"changed both in the data folder and in the store since the last build: {', '.join(self.paths)}; "
            "keep your edits elsewhere, put in these files as 'coopkg export --out NEW_FOLDER' writes them, run "
            "'coopkg build', then make your edits again and build"
        )


class RevisionOvertaken(CoopkgError):
    """A revision cannot be undone, since later ones touched its statements; nothing was written.

    `touched` holds each of them: the number of the later revision and the statement, as text.
    """

    code = "overtaken"

    def __init__(self, number: int, touched: Sequence[tuple[int, str]]) -> None:
        self.touched = tuple(touched)
        by = ", ".join(map(str, sorted({later for later, _ in self.touched})))
        count = len({text for _, text in self.touched})
        super().__init__(
            f"revision {number} cannot be undone: later revisions touched {count} of its statements "
            f"({by}); revert those first, the last one first, or make the change in data/ and build"
        )


class MergeRefused(CoopkgError):
    """Two resources say different things where one thing says one; nothing was written. `clashes` holds each."""

    code = "merge"

    def __init__(self, one: str, other: str, clashes: Sequence[str]) -> None:
        self.clashes = tuple(clashes)
        super().__init__(
            f"<{one}> and <{other}> differ where one thing has one value: {'; '.join(self.clashes)}; say with --prefer "
            "A or --prefer B whose values count, or correct one of them"
        )


class DraftOvertaken(CoopkgError):
    """A draft removes what is there no more, or adds what is there already; nothing was written.

    `statements` holds each of them as text, `-` before what it would remove and `+` before what it would add.
    """

    code = "draft-overtaken"

    def __init__(self, draft: str, statements: Sequence[str]) -> None:
        self.statements = tuple(statements)
        count = len(self.statements)
        super().__init__(
            f"draft {draft} does not apply any more: {count} of its statements {'was' if count == 1 else 'were'} "
            "removed or added meanwhile; propose it anew from the files of today, and reject or withdraw this one"
        )


class RevisionsLost(CoopkgError):
    """A state folder has revisions that the backup for it lacks; nothing was touched. `numbers` holds them."""

    code = "revisions-lost"

    def __init__(self, where: str, numbers: Sequence[int]) -> None:
        self.numbers = tuple(numbers)
        first, last = self.numbers[0], self.numbers[-1]
        which = f"revision {first}" if first == last else f"revisions {first} to {last}"
        super().__init__(
            f"{where}: has {which}, which the backup lacks; take a later backup, restore into another folder with "
            "--state, or say --drop-newer to move them aside"
        )


class ErasureRefused(CoopkgError):
    """What is to be erased is still stated; nothing was written. `places` names each graph and file."""

    code = "erasure-refused"

    def __init__(self, places: Sequence[str]) -> None:
        self.places = tuple(places)
        super().__init__(
            f"still stated in {', '.join(self.places)}; take it out first by a change ('coopkg build' after an edit of "
            "data/, then 'coopkg export' where a file waits for one), then erase it"
        )


class ErasuresUndone(CoopkgError):
    """A restoration would bring back what was erased; nothing was touched. `erasures` holds a line for each."""

    code = "erasures-undone"

    def __init__(self, where: str, erasures: Sequence[str]) -> None:
        self.erasures = tuple(erasures)
        super().__init__(
            f"{where}: the backup is from before {'; '.join(self.erasures)}, and would bring that back; take a later "
            "backup, or say --undo-erasures and run 'coopkg redact' again for each at once"
        )


class ReplicaError(CoopkgError):
    """What a replica follows gives what cannot be used; what the replica has stays."""

    code = "replica"


class ReplicaOvertaken(ReplicaError):
    """The original is no longer what a replica was made from, or differs from it: only a dump can make them equal."""

    code = "replica-overtaken"


class StateLocked(CoopkgError):
    """Another process is writing to the state folder."""

    code = "busy"


class NothingPublished(CoopkgError):
    """The state folder holds no published graph."""

    code = "missing"


class StateDamaged(CoopkgError):
    """A checksum of the state folder does not match; nothing is served from it."""

    code = "damaged"


class LinksFull(CoopkgError):
    """As many short links are kept as this server keeps; the message says the bound and what to do."""

    code = "links-full"


class DiskFullError(CoopkgError):
    """There is no room left to write; the graph that was published stays."""

    code = "full"
