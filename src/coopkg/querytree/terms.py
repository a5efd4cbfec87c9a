"""Terms read from the words of a query: IRIs made whole, literals without their quotes and escapes, variables."""

from __future__ import annotations

import itertools
import re

from coopkg import names
from coopkg.errors import QueryError
from coopkg.querytree.tokens import Tokens
from coopkg.querytree.tree import Blank, Iri, Literal, Variable

_BOOLEAN = f"{names.XSD}boolean"
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*+:")
_HIERARCHICAL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]*+:)(?P<authority>//[^/?#]*+)"
    r"(?P<folder>(?>(?:[^?#]*/)?))(?P<file>[^?#]*+)(?P<query>[^#]*+)"
)
_CHARACTER = r"[A-Za-z0-9\-._~!$&'()*+,;=:@/\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef]|%[0-9A-Fa-f]{2}"
# Narrower than RFC 3987: no brackets, no name of a user, nothing beyond U+FFFF. And no step `.` or `..`, which the
# engine resolves in some IRIs and not in others.
_WHOLE = re.compile(
    rf"""(?!.*[/:]\.\.?(?:[/?\#]|$)) [A-Za-z][A-Za-z0-9+.\-]*+:
    (?://(?>(?:(?![/:@])(?:{_CHARACTER}))*)(?>(?::[0-9]*+)?)(?=[/?\#]|$)|(?!//)) (?>(?:{_CHARACTER})*)
    (?>(?:\?(?>(?:{_CHARACTER}|\?)*))?) (?>(?:\#(?>(?:{_CHARACTER}|\?)*))?)""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_ESCAPED = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
#: Prefixes that begin like a keyword which the engine tries before a name.
_KEYWORD_FIRST = ("distinct", "silent")
# The engine reads a minus and a number where the standard reads one number; with these many digits they are the same.
_MAX_SIGNED_DIGITS = 18


class Terms(Tokens):
    """Reads terms."""

    def __init__(self, text: str, base: str | None) -> None:
        super().__init__(text)
        self.base = base
        self.prefixes = dict(names.PREFIXES)
        self._iris: dict[str, Iri] = {}
        used = self.texts("blank")
        self._labels = (f"b{number}" for number in itertools.count() if f"_:b{number}" not in used)

    def fresh(self) -> Blank:
        """Return a blank node by a label that stands nowhere in the text and was not given before."""
        return Blank(next(self._labels))

    def variable(self) -> Variable:
        """Return the variable that comes next."""
        return Variable(self.expect("var")[1:])

    def variable_or_iri(self) -> Variable | Iri:
        """Return the variable or the IRI that comes next."""
        return self.variable() if self.kind == "var" else self.iri()

    def is_iri(self) -> bool:
        """Return whether an IRI comes next."""
        return self.kind in ("pname", "iri")

    def iri(self) -> Iri:
        """Return the IRI that comes next, whole."""
        if not self.is_iri():
            raise self.unexpected()
        word = self.pull()
        found = self._iris.get(word)
        if found is None:
            found = self._iris[word] = Iri(self.resolved(word) if word[0] == "<" else self._named(word))
        return found

    def resolved(self, word: str) -> str:
        """Return the IRI in angle brackets that a word is, resolved against the base."""
        return _whole(_resolved(unescaped(word[1:-1]), self.base))

    def literal(self) -> Literal:
        """Return the literal that comes next: a string, a number or a boolean."""
        kind = self.kind
        if kind in ("string", "long"):
            return self._string()
        if kind == "number":
            return _number(self.pull())
        if kind in ("true", "false"):
            return Literal(self.pull(), "", _BOOLEAN)
        if kind in ("+", "-") and self.following() == "number" and self.touches():
            return _signed(self.pull(), self.pull())
        raise self.unexpected()

    def plain_string(self) -> str:
        """Return what the string that comes next holds."""
        if self.kind == "long":
            return unescaped(self.pull()[3:-3])
        return unescaped(self.expect("string")[1:-1])

    def _string(self) -> Literal:
        lexical = self.plain_string()
        if self.kind == "tag":
            return Literal(lexical, self.pull()[1:])
        return Literal(lexical, "", self.iri().value) if self.take("^^") else Literal(lexical)

    def _named(self, word: str) -> str:
        prefix, _, local = word.partition(":")
        namespace = self.prefixes.get(prefix)
        if namespace is None or prefix.lower().startswith(_KEYWORD_FIRST):
            raise QueryError(f"{word[:80]}: the prefix is not declared, or begins like a keyword")
        return _whole(namespace + local.replace("\\", ""))


def _number(word: str) -> Literal:
    """Return the literal that a number stands for."""
    kind = "double" if "e" in word or "E" in word else "decimal" if "." in word else "integer"
    return Literal(word, "", names.XSD + kind)


def unescaped(body: str) -> str:
    """Return what stands between the quotes of a string, or the brackets of an IRI, without escapes."""
    return _ESCAPE.sub(_decoded, body) if "\\" in body else body


def _signed(sign: str, word: str) -> Literal:
    if len(word) > _MAX_SIGNED_DIGITS:
        raise QueryError(f"{sign}{word[:40]}: a number with a sign and so many digits is not read")
    unsigned = _number(word)
    return Literal(sign + word, "", unsigned.datatype)


def _decoded(match: re.Match[str]) -> str:
    """Return what an escape stands for, where the standard and the engine agree on it.

    The standard decodes `\\u` before it looks for quotes, the engine after: a character that means something to the
    grammar is refused.
    """
    if match[3]:
        following = match.string[match.end() : match.end() + 1]
        if match[3] == "\\" and following in ("u", "U"):
            raise QueryError("a backslash before a 'u' that is no escape is not read")
        return _ESCAPED[match[3]]
    code = int(match[1] or match[2], 16)
    if code > 0x10FFFF or 0xD800 <= code < 0xE000 or (code < 0x80 and not chr(code).isalnum()):
        raise QueryError(f"{match[0]}: an escape of this character is not read")
    return chr(code)


def _whole(iri: str) -> str:
    if _WHOLE.fullmatch(iri) is None:
        raise QueryError(f"<{iri[:80]}> is no IRI, or one that is not read here")
    return iri


def _resolved(reference: str, base: str | None) -> str:
    """Return an IRI resolved against a base, as far as nothing but its beginning comes from there.

    Source: RFC 3986, section 5.2, without `.` and `..`, which the caller refuses.
    """
    if _ABSOLUTE.match(reference):
        return reference
    parts = _HIERARCHICAL.match(base or "")
    if parts is None:
        raise QueryError(f"<{reference[:80]}>: there is no base that a relative IRI could be resolved against")
    scheme, authority, folder, file, query = parts.groups()
    if reference.startswith("//"):
        return scheme + reference
    if reference.startswith("/"):
        return scheme + authority + reference
    if reference.startswith("?"):
        return scheme + authority + folder + file + reference
    if reference == "" or reference.startswith("#"):
        return scheme + authority + folder + file + query + reference
    if ":" in re.split("[/?#]", reference, maxsplit=1)[0]:
        raise QueryError(f"<{reference[:80]}>: what stands before the colon is no scheme")
    return scheme + authority + (folder or "/") + reference
