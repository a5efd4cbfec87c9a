"""The rules of `ontology/rules`: the part of SPARQL CONSTRUCT that is a rule, read into rules for the reasoner.

Read are triple patterns with `;` and `,`, the paths `a/b`, `a+` and `a/b*`, and FILTER(?one != ?other). The rest is
refused at its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from coopkg import names
from coopkg.errors import InputError
from coopkg.rdf import NamedNode
from coopkg.reasoner import Fact, Rule, Term, Variable

_TOKEN = re.compile(
    r"(?P<blank>\s+|#[^\n]*)|(?P<variable>[?$]\w+)|(?P<iri><[^<>\"{}|^`\\\s]*>)"
    r"|(?P<name>[A-Za-z][\w-]*:(?:\w(?:[\w.-]*[\w-])?)?|:[\w-]*)|(?P<word>[A-Za-z]+)|(?P<sign>!=|[{}();,./+*])"
)
_PREFIX = re.compile(r"([\w-]*):")
_X, _Y, _Z = Variable("x"), Variable("y"), Variable("z")


@dataclass(frozen=True, slots=True)
class Path:
    """A property path, as a predicate that the reasoner keeps for itself."""

    text: str

    def __str__(self) -> str:
        return self.text


def read(name: str, text: str) -> list[Rule]:
    """Return the rules of a file: one for each triple that it constructs, and those of its paths.

    Args:
        name: the file's, without its ending.
    Raises:
        InputError: says the file, the line and what stands there that is not understood.
    """
    return _Reader(f"ontology/rules/{name}.rq", text).rules()


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    line: int


class _Reader:
    """Reads one file, a token at a time."""

    def __init__(self, file: str, text: str) -> None:
        self._file = file
        self._prefixes = dict(names.PREFIXES)
        self._paths: dict[Rule, None] = {}
        self._distinct: list[tuple[Variable, Variable]] = []
        self._tokens = list(self._split(text))
        self._place = 0

    def rules(self) -> list[Rule]:
        """Return what the file says."""
        while self._takes("PREFIX"):
            self._prefix()
        self._expect("CONSTRUCT")
        heads = self._group(in_body=False)
        self._takes("WHERE")
        body = tuple(self._group(in_body=True))
        if self._next.kind != "end":
            raise self._fault("nothing may follow the pattern")
        known = {term for atom in body for term in atom if isinstance(term, Variable)}
        named = [term for atom in heads for term in atom if isinstance(term, Variable)]
        named += [variable for pair in self._distinct for variable in pair]
        for variable in named:
            if variable not in known:
                raise InputError(
                    f"{self._file}: ?{variable.name} is not bound by the pattern; relate only what it finds"
                )
        if not heads or not body:
            raise InputError(
                f"{self._file}: constructs nothing, or from nothing; write CONSTRUCT {{...}} WHERE {{...}}"
            )
        return [*self._paths, *(Rule(self._file, head, body, tuple(self._distinct)) for head in heads)]

    def _group(self, *, in_body: bool) -> list[Fact]:
        self._expect("{")
        atoms: list[Fact] = []
        while not self._takes("}"):
            if in_body and self._takes("FILTER"):
                self._filter()
                self._takes(".")
                continue
            atoms += self._same_subject(in_body=in_body)
            if not self._takes(".") and self._next.text not in ("}", "FILTER"):
                raise self._fault("expected '.' or '}'")
        return atoms

    def _same_subject(self, *, in_body: bool) -> Iterator[Fact]:
        subject = self._term()
        while True:
            predicate = self._path() if in_body else self._term(verb=True)
            yield Fact(subject, predicate, self._term())
            while self._takes(","):
                yield Fact(subject, predicate, self._term())
            if not self._takes(";"):
                return
            if self._next.text in (".", "}"):
                return

    def _filter(self) -> None:
        self._expect("(")
        one = self._variable()
        self._expect("!=")
        other = self._variable()
        self._expect(")")
        self._distinct.append((one, other))

    def _path(self) -> Term:
        if self._next.kind == "variable":
            raise self._fault("a predicate of the pattern must be an IRI")
        path = self._repeated(None, self._term(verb=True))
        while self._takes("/"):
            path = self._repeated(path, self._term(verb=True))
        return path

    def _repeated(self, before: Term | None, step: Term) -> Term:
        """Return the predicate for a path (None: the empty one) and one more step, with `+` or `*` behind it."""
        if self._next.text == "*" and before is None:
            raise self._fault("a path may not begin with a step that may be absent")
        sign = self._take().text if self._next.text in ("+", "*") else ""
        if before is None and not sign:
            return step
        path = Path(f"{'' if before is None else f'{_short(before)}/'}{_short(step)}{sign}")
        if sign != "*":
            begin = (Fact(_X, step, _Y),) if before is None else (Fact(_X, before, _Z), Fact(_Z, step, _Y))
        else:
            begin = (Fact(_X, before, _Y),)
        self._paths[Rule(self._file, Fact(_X, path, _Y), begin)] = None
        if sign:
            self._paths[Rule(self._file, Fact(_X, path, _Z), (Fact(_X, path, _Y), Fact(_Y, step, _Z)))] = None
        return path

    def _term(self, *, verb: bool = False) -> Term:
        if self._next.kind == "variable":
            return self._variable()
        token = self._take()
        if verb and token.text == "a":
            return NamedNode(f"{names.RDF}type")
        if token.kind == "iri":
            return NamedNode(token.text[1:-1])
        if token.kind != "name":
            raise self._fault("expected a variable or an IRI", token)
        prefix, _, local = token.text.partition(":")
        if prefix not in self._prefixes:
            raise self._fault("the prefix is not declared", token)
        return NamedNode(self._prefixes[prefix] + local)

    def _variable(self) -> Variable:
        token = self._take()
        if token.kind != "variable":
            raise self._fault("expected a variable", token)
        return Variable(token.text[1:])

    def _prefix(self) -> None:
        name, iri = self._take(), self._take()
        match = _PREFIX.fullmatch(name.text)
        if match is None or iri.kind != "iri":
            raise self._fault("expected PREFIX name: <iri>", name)
        self._prefixes[match[1]] = iri.text[1:-1]

    # ------------------------------------------------------------------------------------------------ tokens
    def _split(self, text: str) -> Iterator[_Token]:
        place, line = 0, 1
        while place < len(text):
            match = _TOKEN.match(text, place)
            if match is None:
                raise self._fault("", _Token("", text[place:].split("\n")[0][:40], line))
            if match.lastgroup != "blank":
                yield _Token(match.lastgroup or "", match[0], line)
            place, line = match.end(), line + match[0].count("\n")
        yield _Token("end", "", line)

    @property
    def _next(self) -> _Token:
        return self._tokens[self._place]

    def _take(self) -> _Token:
        token = self._next
        self._place += token.kind != "end"
        return token

    def _takes(self, text: str) -> bool:
        found = self._next.text.upper() == text
        self._place += found
        return found

    def _expect(self, text: str) -> None:
        if not self._takes(text):
            raise self._fault(f"expected {text}")

    def _fault(self, said: str, token: _Token | None = None) -> InputError:
        at = token or self._next
        here = repr(at.text) if at.text else "the end of the file"
        return InputError(
            f"{self._file}:{at.line}: {here} is not understood{f': {said}' if said else ''}; a rule is made of triple "
            "patterns, of paths with / + and *, and of FILTER(?one != ?other)"
        )


def _short(term: Term) -> str:
    return names.short(term.value) if isinstance(term, NamedNode) else str(term)
