"""The text of a SPARQL constraint: what it may hold, how a focus node enters it, and how far it reads from there.

Not a parser of SPARQL (the engine has one): it finds the groups and the triple patterns, and passes over expressions.
What it does not understand it says, and then the constraint is judged on the whole graph.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, takewhile

from coopkg import names
from coopkg.errors import QueryError
from coopkg.paths import Chain, Choice, Inverse, Path, Repeat, Step, predicates
from coopkg.rdf import NamedNode

_TOKEN = re.compile(
    r"""(?P<blank>\s+|\#[^\n]*)
    |(?P<iri><[^<>"{}|^`\\\s]*>)
    |(?P<string>\"{3}(?:[^"\\]|\\.|"(?!""))*\"{3}|'{3}(?:[^'\\]|\\.|'(?!''))*'{3}|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<var>[?$]\w+)
    |(?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    |(?P<pname>(?:[\w-]|\.(?=[\w:.-]))*:(?:[\w:%-]|\\.|\.(?=[\w:%.-]*[\w:%-]))*)
    |(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    |(?P<word>[A-Za-z_]\w*)
    |(?P<sign>\^\^|&&|\|\||[<>!]=|.)""",
    re.VERBOSE | re.DOTALL,
)
#: What SHACL forbids beside pre-bound variables, and what would ask outside the graph that is judged.
_FORBIDDEN = ("MINUS", "VALUES", "SERVICE", "GRAPH", "FROM")
#: What counts, orders or cuts solutions over all focus nodes, where each has to have its own.
_OVER_ALL = (
    "GROUP",
    "HAVING",
    "LIMIT",
    "OFFSET",
    "ORDER",
    "COUNT",
    "SUM",
    "MIN",
    "MAX",
    "AVG",
    "SAMPLE",
    "GROUP_CONCAT",
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a query, with its place in the text."""

    kind: str
    text: str
    offset: int

    def says(self, *words: str) -> bool:
        """Whether it is one of some key words or signs."""
        return self.kind in ("word", "sign") and self.text.upper() in words


@dataclass(frozen=True, slots=True)
class Walk:
    """A triple pattern that is reached from a variable: along a path, to a variable or to a fixed term (None)."""

    start: str
    path: Path
    end: str | None


@dataclass(frozen=True, slots=True)
class Loose:
    """A triple pattern that nothing connects with the focus node: any triple with its predicate may matter.

    Args:
        predicate: None stands for all of them.
        value: the object that such a triple must have, where the pattern says one.
    """

    predicate: NamedNode | None
    value: NamedNode | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a query reads: `walks` in an order in which each begins where another ended, and what is `loose`."""

    walks: tuple[Walk, ...]
    loose: tuple[Loose, ...]


@dataclass
class _Pattern:
    subject: str | NamedNode | None
    path: Path
    value: str | NamedNode | None


@dataclass
class _Group:
    kind: str
    parts: list[_Pattern | _Group] = field(default_factory=list)


def tokens(query: str) -> list[Token]:
    """Return the tokens of a query, blanks and comments left out."""
    found = (Token(match.lastgroup or "", match[0], match.start()) for match in _TOKEN.finditer(query))
    return [token for token in found if token.kind != "blank"]


def refuse(query: str, form: str = "SELECT", known: Sequence[str] = ("this",)) -> None:
    """Refuse what is not compiled.

    Args:
        form: how the query has to begin, SELECT or ASK.
        known: the variables that are bound beforehand; a SELECT inside has to give them on.
    Raises:
        QueryError: says the word.
    """
    every = tokens(query)
    words = [token for token in every if token.kind == "word"]
    for token in words:
        if token.says(*_FORBIDDEN):
            raise QueryError(f"{token.text} may not stand in a constraint")
        if token.says(*_OVER_ALL):
            raise QueryError(f"{token.text} is not compiled: a constraint speaks of one focus node at a time")
    forms = [token.text.upper() for token in words if token.says("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")]
    if forms[:1] != [form] or set(forms[1:]) - {"SELECT"}:
        raise QueryError(f"one {form} is compiled")
    for number, token in enumerate(every):
        if token.says("SELECT") and every[number - 1].says("{") and (lost := _lost(every[number:], known)):
            raise QueryError(f"a SELECT inside must name ${lost} to give it on; else it is not bound there")
    for name in ("currentShape", "shapesGraph"):
        if any(token.kind == "var" and token.text[1:] == name for token in every):
            raise QueryError(f"${name} is not offered: the graph of the shapes is not in the graph that is judged")


def _lost(select: Iterable[Token], known: Iterable[str]) -> str | None:
    """Return a known variable that a SELECT does not give on."""
    heading = takewhile(lambda token: not token.says("{"), select)
    given = {token.text[1:] for token in heading if token.kind == "var"}
    return next((name for name in known if name not in given), None)


def substituted(query: str, values: Mapping[str, str]) -> str:
    """Return a query with some variables replaced by terms, as pre-binding means it.

    >>> substituted("SELECT $this ?lang { $this ?p ?o FILTER(BOUND($lang) && LANG(?o) = $lang) }", {"lang": '"fr"'})
    'SELECT $this  { $this ?p ?o FILTER(true && LANG(?o) = "fr") }'

    Raises:
        QueryError: the query would bind one of them anew.
    """
    pieces, last = [], 0
    every = tokens(query)
    heading = False
    for number, token in enumerate(every):
        heading = token.says("SELECT") or (heading and not token.says("{", "WHERE"))
        if token.kind != "var" or token.text[1:] not in values:
            continue
        before = every[max(0, number - 2) : number]
        if before and before[-1].says("AS"):
            raise QueryError(f"{token.text} is a parameter and cannot be bound anew")
        begin, end, text = token.offset, token.offset + len(token.text), values[token.text[1:]]
        if [one.text.upper() for one in before] == ["BOUND", "("]:
            begin, end, text = before[0].offset, every[number + 1].offset + 1, "true"
        elif heading and not before[-1].says("(", ",", "+", "-", "*", "/"):
            text = ""
        pieces += [query[last:begin], text]
        last = end
    return "".join([*pieces, query[last:]])


def asking(query: str, variables: Sequence[str]) -> str:
    """Return an ASK as a SELECT of the variables for which it is true.

    >>> asking("PREFIX a: <urn:a> ASK WHERE { $this a:b ?value }", ("this", "value"))
    'PREFIX a: <urn:a> SELECT DISTINCT ?this ?value { $this a:b ?value }'
    """
    found = tokens(query)
    ask = next(token.offset for token in found if token.says("ASK"))
    body = next(token.offset for token in found if token.says("{"))
    return f"{query[:ask]}SELECT DISTINCT {' '.join(f'?{name}' for name in variables)} {query[body:]}"


def bound(query: str, pattern: str) -> str:
    """Return a query with a pattern in each of its groups, which is what pre-binding means.

    >>> bound("SELECT $this { { ?a ?b ?c } UNION { ?a ?b $this } }", "?this a ?d .")
    'SELECT $this { ?this a ?d . { ?this a ?d . ?a ?b ?c } UNION { ?this a ?d . ?a ?b $this } }'
    """
    pieces, last = [], 0
    every = tokens(query)
    for token, inside in pairwise(every):
        if token.says("{") and not inside.says("SELECT"):  # which binds it in its own group
            pieces += [query[last : token.offset], "{ ", pattern]
            last = token.offset + 1
    return "".join([*pieces, query[last:]])


def selecting(query: str, variable: str) -> str:
    """Return a query that gives another variable, for the same solutions.

    >>> selecting("PREFIX a: <urn:a> SELECT $this ?x WHERE { $this a:b ?x }", "?this")
    'PREFIX a: <urn:a> SELECT DISTINCT ?this { $this a:b ?x }'
    """
    found = tokens(query)
    select = next(token.offset for token in found if token.says("SELECT"))
    body = next(token.offset for token in found if token.says("{"))
    return f"{query[:select]}SELECT DISTINCT {variable} {query[body:]}"


def compares_variables(query: str) -> bool:
    """Whether a query orders a variable and another, or a text with its type: which engines do differently for dates.

    >>> compares_variables("SELECT $this { $this ?p ?a FILTER(?a < '2024-01-01'^^xsd:date) }")
    True
    >>> compares_variables("SELECT $this { $this ?p ?a FILTER(?a < 3 && STRLEN(?a) > 1) }")
    False
    """
    found = tokens(query)
    return any(
        middle.text in ("<", ">", "<=", ">=") and {left.kind, right.kind} in ({"var"}, {"var", "string"})
        for left, middle, right in zip(found, found[1:], found[2:], strict=False)
    )


def reading(query: str, prefixes: Mapping[str, str], known: Iterable[str] = ("this",)) -> Reading | None:
    """Return what a query reads around known variables, or None when it is not understood.

    Args:
        prefixes: namespaces by prefix, beside those that the query declares.
        known: the variables that are bound beforehand, in each group.
    """
    try:
        group = _Parser(query, prefixes).parse()
    except (QueryError, IndexError):
        return None
    walks: list[Walk] = []
    loose: list[Loose] = []
    everywhere = set(known)
    _connect(group, everywhere, everywhere, walks, loose)
    return Reading(tuple(walks), tuple(loose))


def _connect(group: _Group, known: set[str], everywhere: set[str], walks: list[Walk], loose: list[Loose]) -> None:
    """Find the patterns of a group that are connected with known variables, and those of the groups in it.

    A group inside is evaluated with what stands before it, EXISTS with the whole of its group. What only a group
    inside binds is not known outside of it.
    """
    reached = set(known)
    waiting = [part for part in group.parts if isinstance(part, _Pattern)]
    while step := next((p for p in waiting if _is_in(p.subject, reached) or _is_in(p.value, reached)), None):
        waiting.remove(step)
        forward = _is_in(step.subject, reached)
        start, end = (step.subject, step.value) if forward else (step.value, step.subject)
        path = step.path if forward else Inverse(step.path)
        walks.append(Walk(str(start), path, end if isinstance(end, str) else None))
        if isinstance(end, str):
            reached.add(end)
    loose += [one for pattern in waiting for one in _loose(pattern)]
    for number, part in enumerate(group.parts):
        if isinstance(part, _Group):
            before = group.parts if part.kind == "EXISTS" else group.parts[:number]
            seen = {name for one in before if isinstance(one, _Pattern) for name in _variables(one)} & reached
            outer = everywhere if part.kind == "EXISTS" else known
            _connect(part, seen | outer, everywhere, walks, loose)


def _is_in(term: object, reached: set[str]) -> bool:
    return isinstance(term, str) and term in reached


def _variables(pattern: _Pattern) -> set[str]:
    return {term for term in (pattern.subject, pattern.value) if isinstance(term, str)}


def _loose(pattern: _Pattern) -> list[Loose]:
    if isinstance(pattern.path, Step):
        return [Loose(pattern.path.predicate, pattern.value if isinstance(pattern.value, NamedNode) else None)]
    return [Loose(predicate, None) for predicate in predicates(pattern.path)]


class _Parser:
    """Reads the groups of a query by descent."""

    def __init__(self, query: str, prefixes: Mapping[str, str]) -> None:
        self._tokens: Sequence[Token] = tokens(query)
        self._at = 0
        self._prefixes = dict(prefixes)
        self._blanks = 0

    def parse(self) -> _Group:
        while not self._next().says("{"):
            if self._next().says("PREFIX"):
                self._prefixes[self._tokens[self._at + 1].text[:-1]] = self._tokens[self._at + 2].text[1:-1]
            self._at += 1
        group = self._group("top")
        if self._at != len(self._tokens):
            raise QueryError("something follows the last group")
        return group

    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self, *words: str) -> bool:
        if self._next().says(*words):
            self._at += 1
            return True
        return False

    def _group(self, kind: str) -> _Group:
        if not self._take("{"):
            raise QueryError("a group is expected")
        group = _Group(kind)
        while not self._take("}"):
            if self._take(".", "UNION"):
                continue
            if self._take("OPTIONAL"):
                group.parts.append(self._group("OPTIONAL"))
            elif self._next().says("{"):
                group.parts.append(self._group("plain"))
            elif self._take("FILTER", "BIND"):
                self._expression(group)
            else:
                self._triples(group)
        return group

    def _expression(self, group: _Group) -> None:
        """Pass over an expression: up to its closing parenthesis, with the groups of EXISTS in it."""
        while self._take("NOT", "EXISTS") or self._next().kind in ("word", "iri", "pname"):
            if self._next().says("{"):
                break
            if not self._next().says("NOT", "EXISTS", "("):
                self._at += 1
        if self._next().says("{"):
            group.parts.append(self._group("EXISTS"))
            return
        depth = 0
        while True:
            token = self._next()
            if token.says("{"):
                group.parts.append(self._group("EXISTS"))
                continue
            depth += token.says("(") - token.says(")")
            self._at += 1
            if not depth:
                return

    def _triples(self, group: _Group) -> None:
        subject = self._term(group)
        if not self._next().says(".", "}"):
            self._properties(group, subject)

    def _properties(self, group: _Group, subject: str | NamedNode | None) -> None:
        while True:
            path = self._choice()
            while True:
                group.parts.append(_Pattern(subject, path, self._term(group)))
                if not self._take(","):
                    break
            if not self._take(";"):
                return
            while self._take(";"):
                pass
            if self._next().says(".", "}", "]"):
                return

    def _term(self, group: _Group) -> str | NamedNode | None:
        """Return a variable's name, an IRI, or None for a literal."""
        token = self._next()
        self._at += 1
        if token.kind == "var":
            return token.text[1:]
        if token.kind in ("iri", "pname"):
            return self._blank(token) or self._iri(token)
        if token.says("+", "-"):
            token = self._next()
            self._at += 1
        if token.kind == "string":
            if self._next().kind == "tag" or self._take("^^"):
                self._at += 1
            return None
        if token.kind == "number" or token.says("TRUE", "FALSE"):
            return None
        if token.says("["):
            self._blanks += 1
            node = f"[{self._blanks}"
            if not self._take("]"):
                self._properties(group, node)
                if not self._take("]"):
                    raise QueryError("']' is expected")
            return node
        raise QueryError(f"{token.text} is not understood")

    def _blank(self, token: Token) -> str | None:
        return token.text if token.kind == "pname" and token.text.startswith("_:") else None

    def _iri(self, token: Token) -> NamedNode:
        if token.kind == "iri":
            return NamedNode(token.text[1:-1])
        prefix, _, local = token.text.partition(":")
        if prefix not in self._prefixes:
            raise QueryError(f"the prefix {prefix} is not declared")
        return NamedNode(self._prefixes[prefix] + local.replace("\\", ""))

    def _choice(self) -> Path:
        paths = [self._chain()]
        while self._take("|"):
            paths.append(self._chain())
        return paths[0] if len(paths) == 1 else Choice(tuple(paths))

    def _chain(self) -> Path:
        steps = [self._step()]
        while self._take("/"):
            steps.append(self._step())
        return steps[0] if len(steps) == 1 else Chain(tuple(steps))

    def _step(self) -> Path:
        if self._take("^"):
            return Inverse(self._repeated())
        return self._repeated()

    def _repeated(self) -> Path:
        path = self._primary()
        if self._take("*"):
            return Repeat(path, from_zero=True, goes_on=True)
        if self._take("+"):
            return Repeat(path, from_zero=False, goes_on=True)
        if self._take("?"):
            return Repeat(path, from_zero=True, goes_on=False)
        return path

    def _primary(self) -> Path:
        token = self._next()
        self._at += 1
        if token.kind in ("iri", "pname"):
            return Step(self._iri(token))
        if token.kind == "var":
            return Step(None)
        if token.says("A"):
            return Step(NamedNode(f"{names.RDF}type"))
        if token.says("("):
            path = self._choice()
            if self._take(")"):
                return path
        raise QueryError(f"{token.text} is no path")  # negated sets too: the whole graph is judged
