"""The operations of a SPARQL update, read from its text and carried out by nobody yet.

The engine reads each operation whole, with the declarations before it, and says what is wrong and where; here it is
only cut into the texts that `coopkg.evaluation` asks for. The engine reads declarations at the beginning of an update
alone (pyoxigraph 0.5.13); here they may stand behind each semicolon, as in the standard.
Source: SPARQL 1.1 Query Language, section 19.8; SPARQL 1.1 Update, section 3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from coopkg import guard, store, syntax
from coopkg.errors import QueryError
from coopkg.rdf import NamedNode

_NODE = "urn:x-coopkg:node"
#: What ends a prefixed name.
_NO_NAME = ("", "{", "}")


class Whole(StrEnum):
    """Graphs that an operation means without their IRIs."""

    DEFAULT = "DEFAULT"
    NAMED = "NAMED"
    ALL = "ALL"


Target = Whole | str


@dataclass(frozen=True, slots=True)
class Modification:
    """INSERT DATA, DELETE DATA, DELETE WHERE, or DELETE and INSERT with a WHERE.

    Args:
        place: line and column of its first word.
        prologue: the declarations that hold for its texts.
        delete, insert: what stands between the braces of its templates.
        where: the group that is asked, with its braces; "" where the templates are data.
        graph: IRI of WITH, "" without it.
        using, using_named: IRIs of USING and USING NAMED.
    """

    place: tuple[int, int]
    prologue: str
    delete: str = ""
    insert: str = ""
    where: str = ""
    graph: str = ""
    using: tuple[str, ...] = ()
    using_named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Management:
    """What is done to whole graphs.

    Args:
        verb: CLEAR, DROP, CREATE, ADD, MOVE or COPY.
        is_silent: whether it may fail without a word.
        source: which graph; the first of ADD, MOVE and COPY.
        target: the second of these; of the others the same as the first.
    """

    place: tuple[int, int]
    verb: str
    is_silent: bool
    source: Target
    target: Target


Operation = Modification | Management


@dataclass(frozen=True, slots=True)
class _Piece:
    """The text of one operation.

    Args:
        before: the declarations that hold for it, and blanks, so that each line and column is that of the update.
        begin, end: where it stands in the update.
        tokens: those outside of its blocks, and the braces around these.
    """

    update: str
    before: str
    begin: int
    end: int
    tokens: tuple[re.Match[str], ...]

    @property
    def text(self) -> str:
        return self.before + self.update[self.begin : self.end]

    @property
    def place(self) -> tuple[int, int]:
        return syntax.place(self.update, self.begin)


def read(update: str, base: str | None = None) -> list[Operation]:
    """Return the operations of an update, in order.

    Raises:
        QueryError: the text is not a valid update, or asks the server to call another.
    """
    pieces = list(_cut(update))
    for piece in pieces:
        store.read_update(piece.text, base)
    for piece in pieces:
        guard.refuse_remote_update(piece.text, base)
    operations = [_Words(piece, base).operation() for piece in pieces]
    _refuse_shared_nodes(operations)
    return operations


def _cut(update: str) -> Iterator[_Piece]:
    before, begin = "", 0
    for end, tokens in _between_semicolons(update):
        prologue = syntax.PROLOGUE.match(update, begin, end)
        start = prologue.end() if prologue else begin
        before += update[begin:start]
        kept = tuple(token for token in tokens if token.start() >= start)
        if kept:
            yield _Piece(update, before, start, end, kept)
        elif end < len(update):
            line, column = syntax.place(update, end)
            raise QueryError(f"line {line}, column {column}: an operation is missing before this ';'", line, column)
        begin = end + 1
        before += _blank(update[start:begin])


def _between_semicolons(update: str) -> Iterator[tuple[int, list[re.Match[str]]]]:
    """Yield where each operation ends, and its tokens outside of blocks with the braces around these."""
    depth, outside = 0, list[re.Match[str]]()
    for token in guard.tokens(update):
        word = token.group()
        if word == ";" and depth == 0:
            yield token.start(), outside
            outside = []
            continue
        depth += (word == "{") - (word == "}")
        if depth == 0 or (depth == 1 and word == "{"):
            outside.append(token)
    yield len(update), outside


def _blank(text: str) -> str:
    """Return blanks after which a line and a column are what they are after a text."""
    *lines, last = text.split("\n")
    return "\n" * len(lines) + " " * len(last)


class _Words:
    """The words of one operation, read from left to right. The engine has read it: what it takes is seldom asked."""

    def __init__(self, piece: _Piece, base: str | None) -> None:
        self._piece = piece
        self._base = base
        self._at = 0

    def operation(self) -> Operation:
        verb = self._taken("CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY")
        found = self._management(verb) if verb else self._modification()
        if self._at < len(self._piece.tokens):
            raise self._refusal("nothing more")
        return found

    def _management(self, verb: str) -> Management:
        is_silent = bool(self._taken("SILENT"))
        source = target = self._target()
        if verb in ("ADD", "MOVE", "COPY"):
            self._need("TO")
            target = self._target()
        return Management(self._piece.place, verb, is_silent, source, target)

    def _target(self) -> Target:
        if word := self._taken(*Whole):
            return Whole(word)
        self._taken("GRAPH")
        return self._iri()

    def _modification(self) -> Modification:
        found = Modification(self._piece.place, self._piece.before)
        if self._taken("WITH"):
            found = replace(found, graph=self._iri())
        if self._taken("DELETE"):
            if self._taken("WHERE"):
                pattern = self._block()
                return replace(found, delete=pattern, where=f"{{{pattern}}}")
            is_data = self._taken("DATA")
            found = replace(found, delete=self._block())
            if is_data:
                return found
        if self._taken("INSERT"):
            is_data = self._taken("DATA")
            found = replace(found, insert=self._block())
            if is_data:
                return found
        return self._asking(found)

    def _asking(self, found: Modification) -> Modification:
        using: dict[bool, list[str]] = {False: [], True: []}
        while self._taken("USING"):
            is_named = not self._is_prefix() and bool(self._taken("NAMED"))
            using[is_named].append(self._iri())
        self._need("WHERE")
        where = f"{{{self._block()}}}"
        return replace(found, where=where, using=tuple(using[False]), using_named=tuple(using[True]))

    def _taken(self, *words: str) -> str:
        """Return the next word and go on, when it is one of some; "" when it is not."""
        word = self._next().upper()
        if word not in words:
            return ""
        self._at += 1
        return word

    def _is_prefix(self) -> bool:
        """Return whether the next word is the first part of a name, with a colon at its end."""
        after = self._piece.tokens[self._at + 1 : self._at + 2]
        return any(token.group()[0] == ":" and token.start() == self._place() + len(self._next()) for token in after)

    def _need(self, word: str) -> None:
        if not self._taken(word):
            raise self._refusal(word)

    def _block(self) -> str:
        self._need("{")
        begin = self._piece.tokens[self._at - 1].end()
        self._need("}")
        return self._piece.update[begin : self._piece.tokens[self._at - 1].start()]

    def _iri(self) -> str:
        """Return the IRI that stands here; a prefixed name is what stands together."""
        written = self._next() if self._next().startswith("<") else ""
        self._at += bool(written)
        begin = self._place()
        while not written.startswith("<") and self._place() == begin + len(written) and self._next() not in _NO_NAME:
            written += self._next()
            self._at += 1
        text = f"{self._piece.before}\nINSERT DATA {{ <{_NODE}> <{_NODE}> {written or '_:none'} }}"
        guard.refuse_remote_update(text, self._base)
        value = store.stated(text, self._base)[0].object
        if not isinstance(value, NamedNode):
            raise self._refusal("the IRI of a graph")
        return value.value

    def _next(self) -> str:
        tokens = self._piece.tokens
        return tokens[self._at].group() if self._at < len(tokens) else ""

    def _place(self) -> int:
        tokens = self._piece.tokens
        return tokens[self._at].start() if self._at < len(tokens) else self._piece.end

    def _refusal(self, wanted: str) -> QueryError:
        line, column = syntax.place(self._piece.update, self._place())
        found = self._next()[:40] or "the end of the operation"
        return QueryError(
            f"line {line}, column {column}: {wanted} is expected here, not {found!r}; part the words by blanks",
            line,
            column,
        )


def _refuse_shared_nodes(operations: list[Operation]) -> None:
    """Raise when two INSERT DATA have a blank node of the same label. Source: SPARQL 1.1 Update, section 3.1.1."""
    insertions = [found for found in operations if isinstance(found, Modification) and found.insert and not found.where]
    if len(insertions) < 2:
        return
    seen = set[str]()
    for insertion in insertions:
        labels = set(_labels(insertion.insert))
        if shared := sorted(labels & seen):
            line, column = insertion.place
            raise QueryError(
                f"line {line}, column {column}: the blank node _{shared[0]} stands in an earlier INSERT DATA, too; "
                "give it another label, or an IRI",
                line,
                column,
            )
        seen |= labels


def _labels(text: str) -> Iterator[str]:
    before = None
    for token in guard.tokens(text):
        if before and before.group() == "_" and token.group()[0] == ":" and before.end() == token.start():
            yield token.group()
        before = token
