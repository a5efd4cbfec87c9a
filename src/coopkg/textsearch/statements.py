"""A search clause as statements: the tokens of a query, read from its word SERVICE on.

It knows how triples are written, and nothing of what a clause may say. Pure text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from coopkg import guard, names, syntax
from coopkg.errors import QueryError

_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_ESCAPED = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "'": "'", "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Term:
    """A term of a clause, and where it stands in the text.

    Args:
        form: "a variable", "a text", "an IRI", "a number", or "" for anything else.
        value: without the marks of its form.
    """

    form: str
    value: str
    begin: int
    end: int


class Reader:
    """Reads one clause, from its word SERVICE on."""

    def __init__(
        self, text: str, found: Sequence[re.Match[str]], at: int, prefixes: Mapping[str, str], base: str
    ) -> None:
        self._text, self._found, self._prefixes, self._base = text, found, prefixes, base
        self._begin = found[at].start()
        self._at = at + 1
        self._is_silent = self._ahead().upper() == "SILENT"

    def calls_the_index(self) -> bool:
        """Return whether it is the index that is called."""
        self._at += self._is_silent
        return self._at < len(self._found) and self._term().value == names.SEARCH_SERVICE

    @property
    def end(self) -> int:
        """Where what was read ends in the text."""
        return self._found[self._at - 1].end()

    def statements(self) -> Iterator[tuple[Term, Term, Term]]:
        """Yield subject, property and value of each statement, and read the closing brace.

        Raises:
            QueryError: what stands there is not written as triples.
        """
        if self._is_silent:
            raise self._fault(self._begin, "a search clause fails aloud; leave SILENT out")
        self._expect("{", "after coop:search")
        while self._ahead() != "}":
            subject = self._term()
            yield from self._of(subject)
            if self._ahead() != "}":
                self._expect(".", "between two statements of a search clause")
        self._at += 1

    def _of(self, subject: Term) -> Iterator[tuple[Term, Term, Term]]:
        while True:
            name = self._term()
            yield subject, name, self._term()
            while self._ahead() == ",":
                self._at += 1
                yield subject, name, self._term()
            if self._ahead() != ";":
                return
            while self._ahead() == ";":
                self._at += 1
            if self._ahead() in ("}", "."):
                return

    def _term(self) -> Term:
        token = self._take()
        word, form, value, end = token.group(), "", token.group(), token.end()
        if token.group("skip") and word[0] in "?$":
            form, value = "a variable", word[1:]
        elif token.group("skip") and word[0] == "<":
            form, value = "an IRI", guard.iri([word], self._prefixes, self._base)
        elif token.group("skip") and word[0] in "\"'":
            form, value = "a text", self._unescaped(token)
        elif self._is_name(token):
            parts = [word] if token.group("local") else [word, self._take().group()]
            end = self.end
            form, value = "an IRI", guard.iri(parts, self._prefixes, self._base)
        elif word.isascii() and word.isdecimal():
            form = "a number"
        if form == "a text" and (self._ahead()[:1] == "@" or self._ahead() == "^"):
            raise self._fault(end, f"a plain text is wanted here, without {self._ahead()[:20]}")
        return Term(form, value, token.start(), end)

    def _is_name(self, token: re.Match[str]) -> bool:
        """Return whether a token is a prefixed name, or begins one."""
        if token.group("local"):
            return True
        follows = self._found[self._at] if self._at < len(self._found) else None
        return bool(token.group("word") and follows and follows.group("local") and follows.start() == token.end())

    def _unescaped(self, token: re.Match[str]) -> str:
        word = token.group()
        marks = 3 if word[:3] in ('"""', "'''") else 1

        def decoded(escape: re.Match[str]) -> str:
            if escape[3]:
                found = _ESCAPED.get(escape[3], "")
            else:
                code = int(escape[1] or escape[2], 16)
                found = chr(code) if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else ""
            if not found:
                raise self._fault(token.start() + marks + escape.start(), f"{escape[0]} stands for no character")
            return found

        return _ESCAPE.sub(decoded, word[marks:-marks])

    def _ahead(self) -> str:
        return self._found[self._at].group() if self._at < len(self._found) else ""

    def _take(self) -> re.Match[str]:
        if self._at >= len(self._found):
            raise self._fault(self._begin, "the search clause that begins here has no end; close it with '}'")
        self._at += 1
        return self._found[self._at - 1]

    def _expect(self, mark: str, where: str) -> None:
        token = self._take()
        if token.group() != mark:
            raise self._fault(token.start(), f"{where} comes '{mark}', not {token.group()[:40]}")

    def _fault(self, offset: int, said: str) -> QueryError:
        return fault(self._text, offset, said)


def fault(text: str, offset: int, said: str) -> QueryError:
    """Return what is wrong at a place of a text."""
    line, column = syntax.place(text, offset)
    return QueryError(f"line {line}, column {column}: {said}", line, column)
