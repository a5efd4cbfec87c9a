"""The rules of `ontology/rules`: the part of SPARQL CONSTRUCT that is a rule, read into rules for the reasoner.

Read are triple patterns with `;` and `,`, the paths `a/b`, `a+` and `a/b*`, and these forms; the rest is refused at
its line:

    FILTER(?one != ?other)
    FILTER(STR(?one) < STR(?other))
    BIND(IRI(CONCAT("https://...", SHA256(CONCAT(STR(?one), " ", STR(?other))))) AS ?made)
    CONSTRUCT { ?one :p ?number } WHERE { SELECT ?one (COUNT(DISTINCT ?other) AS ?number)
                                          WHERE { ?one :q ?other } GROUP BY ?one }
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from coopkg import names
from coopkg.datalog import Condition, Count, Fact, Made, Rule, Term, Variable
from coopkg.errors import InputError
from coopkg.rdf import Literal, NamedNode

_TOKEN = re.compile(
    r"(?P<blank>\s+|#[^\n]*)|(?P<variable>[?$]\w+)|(?P<iri><[^<>\"{}|^`\\\s]*>)"
    r"|(?P<name>[A-Za-z][\w-]*:(?:\w(?:[\w.-]*[\w-])?)?|:[\w-]*)|(?P<word>[A-Za-z][A-Za-z0-9]*)"
    r"|(?P<text>\"[^\"\\\n]*\")|(?P<sign>!=|[{}();,./+*<])"
)
_BEGINNING = re.compile(r"https?://[^<>\"{}|^`\\\s]*")
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
        self._conditions: list[Condition] = []
        self._made: dict[Term, Made] = {}
        self._tokens = list(self._split(text))
        self._place = 0

    def rules(self) -> list[Rule]:
        """Return what the file says."""
        while self._takes("PREFIX"):
            self._prefix()
        self._expect("CONSTRUCT")
        heads = self._group(in_body=False)
        self._takes("WHERE")
        if [token.text.upper() for token in self._tokens[self._place : self._place + 2]] == ["{", "SELECT"]:
            heads, body = self._count(heads)
        else:
            body = tuple(self._group(in_body=True))
            made = self._made
            heads = [Fact(made.get(s, s), predicate, made.get(o, o)) for s, predicate, o in heads]
        if self._next.kind != "end":
            raise self._fault("nothing may follow the pattern")
        named = [term for atom in heads for term in atom if isinstance(term, Variable)]
        named += [variable for pair in self._distinct for variable in pair]
        named += [variable for condition in self._conditions for variable in condition.of]
        self._refuse_unbound(named, body)
        if not heads or not body:
            raise InputError(
                f"{self._file}: constructs nothing, or from nothing; write CONSTRUCT {{...}} WHERE {{...}}"
            )
        given = tuple(self._distinct), tuple(self._conditions)
        return [*self._paths, *(Rule(self._file, head, body, *given) for head in heads)]

    def _refuse_unbound(self, named: Iterable[Variable], body: Iterable[Fact]) -> None:
        known = {term for atom in body for term in atom if isinstance(term, Variable)}
        for variable in named:
            if variable not in known:
                raise InputError(
                    f"{self._file}: ?{variable.name} is not bound by the pattern; relate only what it finds"
                )

    def _group(self, *, in_body: bool) -> list[Fact]:
        self._expect("{")
        atoms: list[Fact] = []
        while not self._takes("}"):
            if in_body and self._takes("FILTER"):
                self._filter()
                self._takes(".")
                continue
            if in_body and self._takes("BIND"):
                self._bind(atoms)
                self._takes(".")
                continue
            begin = self._next
            atoms += self._same_subject(in_body=in_body)
            if in_body and any(term in self._made for atom in atoms for term in atom):
                raise self._fault("what BIND makes may stand in CONSTRUCT alone", begin)
            if not self._takes(".") and self._next.text.upper() not in ("}", "FILTER", "BIND"):
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
        if self._next.kind == "variable":
            one = self._variable()
            self._expect("!=")
            self._distinct.append((one, self._variable()))
        else:
            one = self._str()
            self._expect("<")
            self._conditions.append(Condition("STR < STR", (one, self._str()), _is_before))
        self._expect(")")

    def _str(self) -> Variable:
        self._expect_all("STR", "(")
        variable = self._variable()
        self._expect(")")
        return variable

    def _bind(self, before: Iterable[Fact]) -> None:
        self._expect_all("(", "IRI", "(", "CONCAT", "(")
        beginning = self._take()
        if not _BEGINNING.fullmatch(beginning.text[1:-1]):
            raise self._fault("expected the beginning of an http IRI in double quotes", beginning)
        self._expect_all(",", "SHA256", "(", "CONCAT", "(")
        parts = [self._part()]
        while self._takes(","):
            parts.append(self._part())
        self._expect_all(")", ")", ")", ")", "AS")
        at = self._next
        variable = self._variable()
        self._expect(")")
        of = tuple(dict.fromkeys(part for part in parts if isinstance(part, Variable)))
        self._refuse_unbound(of, before)
        if variable in self._made or any(variable in atom for atom in before):
            raise self._fault("BIND must make a variable of its own", at)
        name = " ".join(f"?{part.name}" if isinstance(part, Variable) else repr(part) for part in parts)
        self._made[variable] = Made(f"{beginning.text[1:-1]} {name}", of, _maker(beginning.text[1:-1], parts, of))

    def _part(self) -> Variable | str:
        return self._take().text[1:-1] if self._next.kind == "text" else self._str()

    def _count(self, heads: list[Fact]) -> tuple[list[Fact], tuple[Fact, ...]]:
        self._expect_all("{", "SELECT")
        one = self._variable()
        self._expect_all("(", "COUNT", "(", "DISTINCT")
        other = self._variable()
        self._expect_all(")", "AS")
        number = self._variable()
        self._expect_all(")", "WHERE")
        at = self._next
        body = tuple(self._group(in_body=True))
        alone = [(atom.subject, atom.object) for atom in body] == [(one, other)] and len({one, other, number}) == 3
        if not alone or self._distinct or self._conditions or self._made:
            raise self._fault("expected one pattern, from what is grouped by to what is counted", at)
        self._expect_all("GROUP", "BY")
        if self._variable() != one:
            raise self._fault("expected the first variable of SELECT")
        self._expect("}")
        if any((head.subject, head.object) != (one, number) or head.predicate in (one, number) for head in heads):
            raise InputError(f"{self._file}: construct the count of ?{one.name} alone: {{ ?{one.name} :p ?number }}")
        return [head._replace(object=Count(other, _integer)) for head in heads], body

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

    def _expect_all(self, *texts: str) -> None:
        for text in texts:
            self._expect(text)

    def _fault(self, said: str, token: _Token | None = None) -> InputError:
        at = token or self._next
        here = repr(at.text) if at.text else "the end of the file"
        return InputError(
            f"{self._file}:{at.line}: {here} is not understood{f': {said}' if said else ''}; a rule is made of triple "
            "patterns, of paths with / + and *, of FILTER(?one != ?other), and of what the table of ADR 0012 shows for "
            "an order, a term that is made and a count"
        )


def _short(term: Term) -> str:
    return names.short(term.value) if isinstance(term, NamedNode) else str(term)


def _is_before(one: NamedNode | Literal, other: NamedNode | Literal) -> bool:
    return one.value < other.value


def _maker(beginning: str, parts: Iterable[Variable | str], of: tuple[Variable, ...]) -> Callable[..., Term]:
    places = [of.index(part) if isinstance(part, Variable) else part for part in parts]

    def make(*terms: NamedNode | Literal) -> NamedNode:
        text = "".join(place if isinstance(place, str) else terms[place].value for place in places)
        return NamedNode(beginning + hashlib.sha256(text.encode()).hexdigest())

    return make


def _integer(number: int) -> Literal:
    return Literal(str(number), datatype=NamedNode(f"{names.XSD}integer"))
