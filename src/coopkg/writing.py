"""What somebody asks to be written, and what came of it. Pure data; a `Writer` is who takes it.

The author, the scopes and the bytes come from the door (HTTP, a command, later a form); what is decided is the gate's.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from coopkg.findings import Finding
from coopkg.update import Update


class Act(StrEnum):
    """What is done to a graph."""

    UPDATE = "update"  # what a SPARQL update says
    REPLACE = "replace"  # the graph becomes the document
    MERGE = "merge"  # the document is added to the graph
    DROP = "drop"  # the graph goes


@dataclass(frozen=True, slots=True)
class Writing:
    """One request to write; all of it or nothing is done.

    Args:
        act: what is done.
        update: the text of an UPDATE, with its dataset.
        graph: IRI of the named graph of the other acts; "" is the default graph, which only throwaway stores have.
        content, media_type: the document of REPLACE and MERGE, as it came.
        author, message: who says so and why; kept with the revision.
        scopes: patterns (`*` stands for any characters) of the graphs that may change; checked on what would change.
        expected: the revision that must be in force, or None.
        key: the idempotency key, made one's own by whoever asks; "" for none. The same key with the same content is
            answered as it was the first time, also after a restart; with another content it is refused.
        dry_run: judge, write nothing.
    """

    act: Act
    update: Update | None = None
    graph: str = ""
    content: bytes = b""
    media_type: str = ""
    author: str = ""
    message: str = ""
    scopes: tuple[str, ...] = ("*",)
    expected: int | None = None
    key: str = ""
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """What came of a request: it is durable, and readers see it within a second.

    Args:
        revision: the one that it made; the one in force where it changed nothing, or was a dry run.
        removed, added: how many statements went and came.
        created: whether the graph of a REPLACE or MERGE was not there before.
        repeated: whether an earlier request with the same key had done it.
        findings: warnings and infos about what changed.
    """

    revision: int
    removed: int
    added: int
    created: bool = False
    repeated: bool = False
    findings: tuple[Finding, ...] = ()


class Writer(Protocol):
    """Who takes requests to write."""

    def write(self, writing: Writing) -> Written:
        """Do what is asked, all of it or nothing.

        Raises:
            WriteRejected: every finding; nothing changed.
            RevisionConflict: another revision than the expected one is in force.
            ScopeExceeded: a graph outside the scopes would change; names it.
            KeyReused: the key stands for another request.
            QueryError, InputError: the update or the document is not understood.
            StateLocked, DiskFullError: not now; nothing changed.
        """
