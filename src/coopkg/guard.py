"""What a SPARQL text may not ask of this endpoint: that the server fetch an address (SERVICE, LOAD).

Two judges, and each may refuse. The first splits the text into strings, IRIs, comments, variables, prefixed names and
words, in linear time, and refuses a bare word SERVICE or LOAD: it has the clear message, and believes the standard on
`\\u` escapes. But the engine's grammar knows no word ends (`5SERVICE`, `SERVICESILENT`), backtracks (an ill-formed
`'''` string is read as `''` and more) and tells `<` from an IRI by what it expects there, so a splitter can be misled.
The second therefore asks the engine itself: a text that still parses when every "service" in it is spelt otherwise
has none of them as a keyword. In an update the same goes for "load".

The same splitting tells by which words, constants aside, a query is known again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import urljoin

from coopkg import names, store, syntax
from coopkg.errors import QueryError
from coopkg.store import QuadStore

_NAME = r"\w\u00b7\u0300-\u036f\u203f-\u2040\U00010000-\U000effff"
_MANY, _TIMES = syntax.MANY, syntax.TIMES
# What is never given back keeps this linear. An escape is one token, so that `\#` never opens a comment.
_TOKEN = re.compile(
    rf"""
      (?P<skip> \s++ | \#[^\n\r]*+ | <{_MANY}[^\x00-\x20<>"{{}}|^`\\]|\\u[0-9A-Fa-f]{{4}}|\\U[0-9A-Fa-f]{{8}}{_TIMES}>
        | \"\"\"{_MANY}[^"\\]++|\\.|"(?!""){_TIMES}\"\"\" | '''{_MANY}[^'\\]++|\\.|'(?!''){_TIMES}'''
        | "{_MANY}[^"\\\n\r]++|\\.{_TIMES}" | '{_MANY}[^'\\\n\r]++|\\.{_TIMES}'
        | [?$][{_NAME}]++ | @[A-Za-z]++{_MANY}-[A-Za-z0-9]++{_TIMES} )
    | (?P<word> [{_NAME}][{_NAME}\-]*+ )
    | (?P<local> :{_MANY}[{_NAME}:\-]|%[0-9A-Fa-f]{{2}}|\\.|\.++(?=[{_NAME}:\-%\\]){_TIMES} )
    | (?P<other> \\. | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_CODEPOINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_FORBIDDEN = frozenset({"SERVICE", "LOAD"})
_CONSTANTS = re.compile(r"_(?>(?: (?:[,.+-] )?_)+)")
_EMPTY = QuadStore.in_memory()


def refuse_remote(text: str) -> None:
    """Raise when a query could make the server call another address.

    Raises:
        QueryError: a bare SERVICE or LOAD; says where.
    """
    _refuse_bare_words(text)
    _refuse_keyword(text, "servi", "c", "e", _EMPTY.query)


def refuse_remote_update(text: str, base: str | None) -> None:
    """Raise when an update, which has been read and is valid, could make the server call another address.

    Args:
        base: what the update was read with.
    Raises:
        QueryError: a bare SERVICE or LOAD; says where.
    """

    def read(respelt: str) -> None:
        store.read_update(respelt, base)

    _refuse_bare_words(text)
    _refuse_keyword(text, "servi", "c", "e", read)
    _refuse_keyword(text, "l", "o", "ad", read)


def tokens(text: str) -> Iterator[re.Match[str]]:
    """Yield the tokens of a SPARQL text, without blanks and comments; a bare word is in its group `word`."""
    return (match for match in _TOKEN.finditer(text) if not match.group().isspace() and match.group()[0] != "#")


def with_variables(text: str, written: Callable[[str], str]) -> str:
    """Return a SPARQL text with something else in the place of each variable.

    Args:
        written: gives it for the name of a variable, without its `?` or `$`.
    """

    def other(token: re.Match[str]) -> str:
        word = token.group()
        return written(word[1:]) if word[0] in "?$" and len(word) > 1 else word

    return _TOKEN.sub(other, text)


def dataset(text: str, base: str | None) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    """Return the default and the named graphs that a query's own FROM clauses describe, where we must read them.

    The engine reads them well, but gives a triple twice that two default graphs state; so only a query with two or
    more plain FROM is read here. (None, None) leaves the dataset to the engine.

    What the engine refuses is left to it: the text is parsed all the same.
    """
    if text.lower().count("from") < 2:
        return None, None
    found = list(tokens(text))
    prefixes, base = declared(found, base)
    graphs = {False: list[str](), True: list[str]()}
    for at, token in enumerate(found):
        word = (token.group("word") or "").upper()
        if word == "FROM" and text[token.end() : token.end() + 1] != ":":  # not the prefix of a name
            following = _following(found, at)
            is_named = following[0].upper() == "NAMED"
            graphs[is_named].append(iri(following[1:] if is_named else following, prefixes, base))
    if len(graphs[False]) < 2 or not all(":" in one for one in graphs[False] + graphs[True]):
        return None, None
    return tuple(graphs[False]), tuple(graphs[True])


def declared(found: Sequence[re.Match[str]], base: str | None) -> tuple[dict[str, str], str]:
    """Return the prefixes that hold in a text, ours among them, and its base; of its tokens."""
    prefixes = dict(names.PREFIXES)
    for at, token in enumerate(found):
        word, following = (token.group("word") or "").upper(), _following(found, at)
        if word == "BASE":
            base = _resolved(base or "", following[0][1:-1])
        elif word == "PREFIX":
            name = "" if following[0] == ":" else following[0]
            prefixes[name] = _resolved(base or "", following[2 if name else 1][1:-1])
    return prefixes, base or ""


def iri(texts: Sequence[str], prefixes: Mapping[str, str], base: str) -> str:
    """Return the IRI that tokens begin with: whole, relative, or a prefixed name; what is none is left as it is."""
    if texts[0].startswith("<"):
        return _resolved(base, texts[0][1:-1])
    name, local = ("", texts[0]) if texts[0].startswith(":") else (texts[0], texts[1])
    return prefixes.get(name, "") + local[1:].replace("\\", "")


def outline(text: str) -> str:
    """Return what stays of a query when its constants change: one mark for literals and numbers, and lists of them.

    Declarations, comments and white space go, variables are numbered as they come. IRIs stay: they say what is asked.

    >>> outline("SELECT ?a { ?a :p 'x'@fr, 4.5e0 } # mine")
    'select ?0 { ?0 :p _ }'
    """
    numbers: dict[str, int] = {}
    words: list[str] = []
    for match in _TOKEN.finditer(syntax.PROLOGUE.sub("", text, count=1)):
        word = match.group()
        if word.isspace() or word[0] in "#@":
            continue
        if word[0] in "?$" and len(word) > 1:
            word = f"?{numbers.setdefault(word[1:], len(numbers))}"
        elif word[0].isdigit() or (word[0] in "\"'" and len(word) > 1):
            word = "_"
        words.append(word.lower())
    return _CONSTANTS.sub("_", " ".join(words))


def _resolved(base: str, written: str) -> str:
    """Return an IRI resolved against a base; one that cannot be read is left as it is, for the engine to refuse."""
    try:
        return urljoin(base, written)
    except ValueError:  # Python looks into the host: `http://[`
        return written


def _following(found: Sequence[re.Match[str]], at: int) -> list[str]:
    """Return the three tokens behind one; "" where the text ends."""
    return [token.group() for token in found[at + 1 : at + 4]] + ["", "", ""]


def _refuse_bare_words(text: str) -> None:
    for version in {text, _CODEPOINT.sub(_decoded, text)}:
        for match in _TOKEN.finditer(version):
            word = match.group("word")
            if word is not None and word.upper() in _FORBIDDEN:
                line, column = syntax.place(version, match.start())
                raise QueryError(
                    f"line {line}, column {column}: {word.upper()} is refused here: this endpoint calls no other; "
                    "query the other one yourself (or, if it is a prefix of yours, rename it)",
                    line,
                    column,
                )


def _refuse_keyword(text: str, head: str, letter: str, tail: str, read: Callable[[str], object]) -> None:
    """Raise when a text cannot be read once a letter of a word in it is another everywhere.

    Args:
        head, letter, tail: the word.
        read: raises QueryError when a text is not valid.
    """
    lower, word = text.lower(), f"{head}{letter}{tail}"
    if word not in lower:
        return
    # Another letter at one place: the text keeps its length, and names that differed still differ.
    other = next((x for x in "xqzkjwyvubdfghlmnoprst" if f"{head}{x}{tail}" not in lower), None)
    if other is None:
        raise QueryError(f"{word.upper()} is refused here, and so is a text that spells it in so many wrong ways")
    try:
        read(_respelt(text, head, letter, tail, other))
    except QueryError as fault:
        raise QueryError(
            f"{_respelt(str(fault), head, other, tail, letter)}; "
            f"if a {word.upper()} clause stands there: it is refused, this endpoint calls no other",
            fault.line,
            fault.column,
        ) from fault


def _respelt(text: str, head: str, old: str, tail: str, new: str) -> str:
    def other(match: re.Match[str]) -> str:
        return match[1] + (new.upper() if match[2].isupper() else new) + match[3]

    return re.sub(f"({head})({old})({tail})", other, text, flags=re.IGNORECASE)


def _decoded(match: re.Match[str]) -> str:
    code = int(match.group(1) or match.group(2), 16)
    return chr(code) if code <= 0x10FFFF else match.group()
