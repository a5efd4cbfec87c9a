"""The words of a query, one after the other, and a place among them. Reads no more than one word ahead.

Where the engine's grammar and the standard's part words differently, or a character is not clearly part of one, the
text is refused. The engine (pyoxigraph 0.5.13) knows no word ends and no characters beyond U+FFFF in names, takes one
group of dots in a local name, and decodes `\\u` in strings and IRIs alone, where the standard does so everywhere, and
would end a comment by it.
"""

from __future__ import annotations

import re

from coopkg.errors import QueryError

#: How deep groups, brackets and lists may stand in each other, and how many operators a query may chain: a tree that
#: is no deeper can be walked, compared and written by plain recursion.
MAX_DEPTH = 50
MAX_OPERATORS = 100

# Without U+FFF0 to U+FFFD, which names may hold and IRIs may not.
_BASE = (
    r"A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f"
    r"\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\uffef"
)
_FIRST = rf"{_BASE}_0-9"
_INNER = rf"{_FIRST}\u00b7\u0300-\u036f\u203f\u2040"
_LOCAL = rf"(?:[{_INNER}:\-]|%[0-9A-Fa-f]{{2}}|\\[_~.\-!$&'()*+,;=/?\#@%])"
_ESCAPE = r"""\\[tbnrf"'\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"""
# What is never given back keeps this linear: characters by possessive quantifiers, groups by atomic ones. `end` is the
# end of the text, `other` what no word begins with.
_TOKEN = re.compile(
    rf"""
    (?>(?:[ \t\r\n]++|\#(?>(?:[^\r\n\\]++|\\(?!(?:u|U0000)000[ADad]))*))*)
    (?: (?P<var> [?$][{_FIRST}][{_INNER}]*+ )
      | (?P<pname> (?>(?:[{_BASE}][{_INNER}\-]*+(?>(?:\.++[{_INNER}\-]++)*))?) :
          (?>(?:(?![\-\u00b7\u0300-\u036f\u203f\u2040])(?>{_LOCAL}+)(?>(?:\.++(?>{_LOCAL}+))?)(?!\.++{_LOCAL}))?) )
      | (?P<word> [A-Za-z][A-Za-z0-9_]*+ (?![^\x00-\x7f]|\.[{_INNER}]) )
      | (?P<mark> \([ \t\r\n]*+\) | \[[ \t\r\n]*+\] | [{{}}()\[\],;/*+\-] | \.(?![0-9]) )
      | (?P<iri> <(?>(?:[^\x00-\x20<>"{{}}|^`\\]|\\u[0-9A-Fa-f]{{4}}|\\U[0-9A-Fa-f]{{8}})*)> )
      | (?P<long> \"\"\"(?>(?:[^"\\]++|{_ESCAPE}|"(?!""))*)\"\"\" | '''(?>(?:[^'\\]++|{_ESCAPE}|'(?!''))*)''' )
      | (?P<string> "(?!"")(?>(?:[^"\\\n\r]++|{_ESCAPE})*)" | '(?!'')(?>(?:[^'\\\n\r]++|{_ESCAPE})*)' )
      | (?P<number> (?:(?:[0-9]++(?>(?:\.[0-9]*+)?)|\.[0-9]++)[eE][+\-]?+[0-9]++ | [0-9]*+\.[0-9]++ | [0-9]++)
          (?![{_FIRST}]) )
      | (?P<tag> @[A-Za-z]++(?>(?:-[A-Za-z0-9]++)*) (?![{_INNER}\-]) )
      | (?P<blank> _:[{_FIRST}][{_INNER}\-]*+(?>(?:\.++[{_INNER}\-]++)*) )
      | (?P<sign> && | \|\| | \^\^ | != | <= | >= | [=<>!|^?] )
      | (?P<end> \Z )
      | (?P<other> . ) )
    """,
    re.VERBOSE | re.DOTALL,
)
_CASED = frozenset({"a", "true", "false"})


class Tokens:
    """The words of a text and a place among them: a text is read from its first word to its last.

    The kind of a keyword is the keyword in capitals (`a`, `true` and `false` are as they stand), that of a mark the
    mark itself, with `()` and `[]` as one; of the others "var", "iri", "pname", "string", "long", "number", "tag" or
    "blank". After the last word comes one of the kind "end".
    """

    def __init__(self, text: str) -> None:
        """Raises QueryError where the text does not fall into words."""
        self._kinds: list[str] = []
        self._texts: list[str] = []
        self._starts: list[int] = []
        for match in _TOKEN.finditer(text):
            group = match.lastgroup or ""
            word = match[group]
            self._kinds.append(_kind(group, word))
            self._texts.append(word)
            self._starts.append(match.start(group))
            if group == "other":
                raise QueryError(f"character {match.start(group) + 1}: no word begins with {word!r}")
            if group == "end":
                break
        self._at = 0
        self._depth = 0
        self._operators = 0
        self.kind = self._kinds[0]

    def texts(self, kind: str) -> set[str]:
        """Return what the text spells of a kind, anywhere."""
        return {word for of, word in zip(self._kinds, self._texts, strict=True) if of == kind}

    def following(self) -> str:
        """Return the kind of the word after the next one."""
        return self._kinds[self._at + 1]

    def pull(self) -> str:
        """Return the next word, and go on."""
        word = self._texts[self._at]
        self._at += 1
        self.kind = self._kinds[self._at]
        return word

    def take(self, kind: str) -> bool:
        """Return whether the next word is of a kind, and go on if it is."""
        if self.kind != kind:
            return False
        self._at += 1
        self.kind = self._kinds[self._at]
        return True

    def expect(self, kind: str) -> str:
        """Return the next word, which must be of a kind, and go on."""
        if self.kind != kind:
            raise self.unexpected()
        return self.pull()

    def touches(self) -> bool:
        """Return whether the next two words stand side by side."""
        end = self._starts[self._at] + len(self._texts[self._at])
        return end == self._starts[self._at + 1]

    def unexpected(self) -> QueryError:
        """Return the error that the next word may not stand where it stands."""
        found = self._texts[self._at][:40] or "the end of the text"
        return QueryError(f"character {self._starts[self._at] + 1}: {found} is not read here")

    def enter(self) -> None:
        """Say that something begins that can hold another of its kind; `leave` says that it ends."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise QueryError(f"more than {MAX_DEPTH} groups and brackets stand in each other")

    def leave(self) -> None:
        """Say that what began last ends."""
        self._depth -= 1

    def chain(self) -> None:
        """Say that an operator makes the tree deeper."""
        self._operators += 1
        if self._operators > MAX_OPERATORS:
            raise QueryError(f"there are more than {MAX_OPERATORS} operators")


def _kind(group: str, word: str) -> str:
    if group == "word":
        return word if word in _CASED else word.upper()
    if group == "mark":
        return word[0] + word[-1] if len(word) > 1 else word
    return word if group == "sign" else group
