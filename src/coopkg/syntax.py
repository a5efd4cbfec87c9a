"""The syntax of a query or an update as its author is told of it: where a fault is, and what is wrong in plain words.

Pure text; the engine reads, this only looks where it stopped (pyoxigraph 0.5.13).
"""

from __future__ import annotations

import re

from coopkg import names
from coopkg.errors import QueryError

#: Around what is repeated as often as it comes and never given back. Not `(?:...)*+`, of which Python takes too much or
#: nothing before 3.11.5 (gh-106052); and in blocks, since one atomic group keeps some memory for each time.
MANY, TIMES = "(?>(?:(?>(?:", "){1,500}))*)"
# What may hold a colon without being a prefixed name: strings, IRIs and comments.
_OPAQUE = re.compile(
    rf""""{{3}}{MANY}[^"\\]|\\.|"(?!""){TIMES}"{{3}} | '{{3}}{MANY}[^'\\]|\\.|'(?!\'\'){TIMES}'{{3}}
    | "{MANY}[^"\\\n]|\\.{TIMES}" | '{MANY}[^'\\\n]|\\.{TIMES}' | <[^<>\s]*+> | \#[^\n]*+""",
    re.DOTALL | re.VERBOSE,
)
_OPAQUE_BUT_IRIS = re.compile(_OPAQUE.pattern.replace(r"| <[^<>\s]*+>", ""), re.DOTALL | re.VERBOSE)
_DECLARED = re.compile(r"\bPREFIX\s+([\w.-]*):", re.IGNORECASE)
_PREFIXED = re.compile(r"(?<![\w:?$@.%\\-])(?!_:)([\w.-]*):")
#: Where the engine says that it stopped: line and column.
ERROR_AT = re.compile(r"error at (\d+):(\d+): ")
_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_UPDATE_FORMS = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")
_BLANK = rf"{MANY}\s++|\#[^\n\r]*+{TIMES}"
#: The declarations that a query begins with, and comments among them.
PROLOGUE = re.compile(
    rf"""{_BLANK}{MANY}(?:PREFIX{_BLANK}[^\s:]*+:{_BLANK}<[^>]*+>|BASE{_BLANK}<[^>]*+>"""
    rf"""|VERSION{_BLANK}(?:"[^"\\\n\r]*+"|'[^'\\\n\r]*+')){_BLANK}{TIMES}""",
    re.IGNORECASE,
)
_RELATIVE = re.compile(r"<(?![A-Za-z][A-Za-z0-9+.-]*:)([^<>\"{}|^`\\\s]*)>")
_HAS_BASE = re.compile(r"\bBASE\b", re.IGNORECASE)


def fault_of(fault: SyntaxError, query: str, base: str | None, kind: str) -> QueryError:
    """Return what the engine says of a text that it does not understand, in our words.

    Args:
        base: IRI that relative IRIs are resolved against; None refuses them.
        kind: "query" or "update".
    """
    if undeclared := _undeclared_prefix(query):
        # The engine often complains of a later place, and of anything but the prefix (pyoxigraph 0.5.13).
        prefix, line, column = undeclared
        return QueryError(
            f"line {line}, column {column}: the prefix '{prefix}:' is not declared; begin with PREFIX {prefix}: <...> "
            f"(predeclared: {', '.join(names.PREFIXES)})",
            line,
            column,
        )
    found = ERROR_AT.search(str(fault))
    if not found:
        return QueryError(f"the {kind}: {' '.join(str(fault).split())[:200]}")
    line, column = int(found[1]), int(found[2])
    said, offset = _plain_fault(query, kind, may_be_relative=base is not None)
    if offset is not None:
        line, column = place(query, offset)
    if not said:
        # What the engine expected is left out: it names the last thing that it tried, seldom what is missing.
        rest = query.splitlines()[line - 1][column - 1 :][:40].strip() if query.splitlines()[line - 1 :] else ""
        said = f"not understood, here at the latest: {rest or 'the end of the text'}"
    return QueryError(f"line {line}, column {column}: {said}", line, column)


def _plain_fault(query: str, kind: str, *, may_be_relative: bool) -> tuple[str, int | None]:
    """Return what is wrong in plain words, "" when the engine's place must do; and the offset where that is known."""
    bare = _OPAQUE.sub(" ", query)
    if not bare.strip():
        return f"the query is empty; begin with one of {', '.join(_FORMS)}", 0
    prologue = PROLOGUE.match(query)
    begin = prologue.end() if prologue else 0
    first = (query[begin:].split() or [""])[0]
    word = re.split(r"\W", first)[0].upper()
    if kind == "update" and word not in _UPDATE_FORMS:
        return f"an update begins with one of {', '.join(_UPDATE_FORMS)}, not with {first[:40]!r}", begin
    if word not in (*_FORMS, *_UPDATE_FORMS):  # an update where a query is asked has a refusal of its own
        return f"a query begins with one of {', '.join(_FORMS)}, not with {first[:40]!r}", begin
    if missing := bare.count("{") - bare.count("}"):
        which = f"{missing} closing '}}' {'is' if missing == 1 else 'are'} missing"
        return f"the {kind} ends too early: {which}" if missing > 0 else "a closing '}' too many", None
    relative = _RELATIVE.search(_blanked(_OPAQUE_BUT_IRIS, query))
    if relative and not may_be_relative and not _HAS_BASE.search(query):
        return f"the IRI {relative[0][:80]} is relative: write it whole, or give a BASE", relative.start()
    return "", None


def _blanked(pattern: re.Pattern[str], text: str) -> str:
    """Return a text with what a pattern matches made blank, each line and column where it was."""
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def place(text: str, offset: int) -> tuple[int, int]:
    """Return the line and the column of a place in a text, from 1."""
    before = text[:offset].split("\n")
    return len(before), len(before[-1]) + 1


def _undeclared_prefix(query: str) -> tuple[str, int, int] | None:
    """Return the first prefix that a query uses without declaring it, with its line and column; None if all are."""
    bare = _blanked(_OPAQUE, query)
    declared = {*names.PREFIXES, *_DECLARED.findall(bare)}
    for match in _PREFIXED.finditer(bare):
        if match[1] not in declared:
            return match[1], *place(bare, match.start())
    return None
