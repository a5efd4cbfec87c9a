"""A search clause: how a query asks the search index, and the little grammar in which it does.

    SERVICE coop:search { ?thing search:query "jardin partagé" ; search:score ?score ; search:limit 20 }

Read strictly, by the tokens of `coopkg.guard`: what is not of this grammar is an error, and any other SERVICE is left
to the guard, which refuses it. Pure text. Source: ADR 0026.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from coopkg import guard, names, syntax, words
from coopkg.errors import QueryError
from coopkg.index.entries import CLASSES
from coopkg.index.searching import MAX_CHARACTERS
from coopkg.textsearch.statements import Reader, Term, fault

MOST_CLAUSES = 4
USUAL_LIMIT, MOST_RESULTS = 50, 1_000
LANGUAGES = ("fr", "en")
#: What is said to the index, with the form of a value; and what it says, each in a variable.
ASKED = {"query": "a text", "lang": "a text", "kind": "an IRI", "limit": "a number"}
TOLD = ("score", "label", "highlight")


@dataclass(frozen=True, slots=True)
class Clause:
    """What a query asks of the index.

    Args:
        begin, end: where the clause stands in the text.
        line: the same for people, from 1.
        subject: the variable of the things that are found, without its mark.
        words: what is searched for.
        classes: of which classes they are, some of `entries.CLASSES`; none of them for all.
        variables: what is told of each thing ("score", "label", "highlight") by the variable that gets it.
    """

    begin: int
    end: int
    line: int
    subject: str
    words: str
    lang: str = LANGUAGES[0]
    classes: tuple[str, ...] = ()
    limit: int = USUAL_LIMIT
    variables: Mapping[str, str] = field(default_factory=dict)


def clauses(text: str, base: str | None) -> list[Clause]:
    """Return the search clauses of a query, in its order.

    Args:
        base: IRI that relative IRIs are resolved against.
    Raises:
        QueryError: one is not of the grammar, or there are too many; says where, and what to do.
    """
    found = list(guard.tokens(text))
    prefixes, base = guard.declared(found, base)
    read = []
    for at, token in enumerate(found):
        if (token.group("word") or "").upper() == "SERVICE":
            reader = Reader(text, found, at, prefixes, base)
            if reader.calls_the_index():
                read.append(_clause(text, token.start(), reader))
        if len(read) > MOST_CLAUSES:
            raise fault(text, read[-1].begin, f"a query has {MOST_CLAUSES} search clauses at most")
    return read


def _clause(text: str, begin: int, reader: Reader) -> Clause:
    said = _Said(text, begin)
    for subject, name, value in reader.statements():
        said.add(subject, name, value)
    return said.clause(reader.end)


class _Said:
    """What a clause says, as its statements come."""

    def __init__(self, text: str, begin: int) -> None:
        self._text, self._begin = text, begin
        self._subject: Term | None = None
        self._values: dict[str, list[Term]] = {}

    def add(self, subject: Term, name: Term, value: Term) -> None:
        """Take one statement.

        Raises:
            QueryError: it has no place in a clause.
        """
        self._subject = self._subject or subject
        if subject.form != "a variable" or subject.value != self._subject.value:
            raise self._fault(
                subject, "a search clause speaks of one variable; write what you say of others outside of it"
            )
        word = name.value.removeprefix(names.SEARCH)
        if name.form != "an IRI" or word == name.value or word not in (*ASKED, *TOLD):
            known = ", ".join(f"search:{one}" for one in (*ASKED, *TOLD))
            raise self._fault(name, f"no word of a search clause; write {known} in it, and the rest outside of it")
        if value.form != (form := ASKED.get(word, "a variable")):
            raise self._fault(value, f"search:{word} takes {form}")
        if word in self._values and word != "kind":
            raise self._fault(name, f"search:{word} is said twice; leave one of them")
        self._values.setdefault(word, []).append(value)

    def clause(self, end: int) -> Clause:
        """Return the clause, which ends there.

        Raises:
            QueryError: it does not ask for any words, or for what there is not.
        """
        if not self._subject or "query" not in self._values:
            what = 'a search clause needs words: ?thing search:query "your words"'
            raise fault(self._text, self._begin, what)
        return Clause(
            self._begin,
            end,
            syntax.place(self._text, self._begin)[0],
            self._subject.value,
            self._words(self._values["query"][0]),
            self._lang(),
            self._classes(),
            self._limit(),
            self._variables(self._subject),
        )

    def _words(self, asked: Term) -> str:
        if len(asked.value) > MAX_CHARACTERS:
            raise self._fault(
                asked, f"search:query takes {MAX_CHARACTERS} characters at most, not {len(asked.value):,}"
            )
        if not words.words(asked.value):
            raise self._fault(asked, "search:query holds no word; give letters or digits")
        return asked.value

    def _lang(self) -> str:
        for value in self._values.get("lang", ()):
            if value.value not in LANGUAGES:
                raise self._fault(value, f"search:lang is one of {', '.join(LANGUAGES)}")
            return value.value
        return LANGUAGES[0]

    def _classes(self) -> tuple[str, ...]:
        for value in (asked := self._values.get("kind", [])):
            if value.value not in CLASSES:
                known = ", ".join(map(names.short, CLASSES))
                raise self._fault(value, f"no kind of thing that is indexed; search:kind is one of {known}")
        return tuple(value.value for value in asked)

    def _limit(self) -> int:
        for value in self._values.get("limit", ()):
            if len(value.value) < 9 and 1 <= int(value.value) <= MOST_RESULTS:
                return int(value.value)
            raise self._fault(value, f"search:limit is a number from 1 to {MOST_RESULTS:,}")
        return USUAL_LIMIT

    def _variables(self, subject: Term) -> dict[str, str]:
        found: dict[str, str] = {}
        for word in TOLD:
            for value in self._values.get(word, ()):
                if value.value in (subject.value, *found.values()):
                    raise self._fault(
                        value, f"?{value.value} has a place in this clause already; take another variable"
                    )
                found[word] = value.value
        return found

    def _fault(self, term: Term, said: str) -> QueryError:
        shown = " ".join(self._text[term.begin : term.end].split())[:60]
        return fault(self._text, term.begin, f"{shown}: {said}")
