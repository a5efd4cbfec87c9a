"""What a question can need: walks the rules backwards from a fact, and reads no more of the facts than they lead to.

Each rule that can give what is wanted says what else is wanted: of its body, one pattern after the other, from the end
that is known by then. These are rules too ("magic sets", Bancilhon and others 1986), so the reasoner itself finds out
what to read next. Pure, as the reasoner is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from coopkg.datalog import Count, Fact, Made, Proof, Rule, Term, Variable, may_give
from coopkg.reasoner import Reasoner

_ANY = Variable("")
#: When more terms are wanted at once, an answer that is there is taken, and else whole predicates are read.
_MANY = 5_000

#: Gives the asserted facts with a predicate, and with a subject or an object; None stands for any.
Read = Callable[[Term | None, Term, Term | None], Iterable[Fact]]


class Wanted(NamedTuple):
    """Facts that are wanted: those of a predicate, with an object where the rules name one, and with a known end.

    It is a predicate itself, of the terms that the known end must be.
    """

    predicate: Term
    object: Term | None
    end: str

    def of(self, term: Term) -> Fact:
        """Return the fact that a term is wanted at the known end."""
        return Fact(term, self, term)

    def read(self, read: Read, term: Term | None = None) -> Iterable[Fact]:
        """Return what is asserted of it, with a term at the known end."""
        if self.end == "object":
            return read(None, self.predicate, term)
        return read(term, self.predicate, self.object)


def proof(rules: Iterable[Rule], fact: Fact, read: Read) -> Proof | None:
    """Return why a fact holds, as a reasoner over all asserted facts would; None when it does not hold.

    Where very many facts could have a part in it, such as all that lies in a country, it need not be the same proof:
    they are not read when what was read before is enough.
    """
    question = _Question(tuple(rules), fact)
    facts = sorted(question.facts(read), key=str)  # of proofs as short as each other the same one, each time
    return Reasoner(question.needed(), facts).proof(fact)


@dataclass(slots=True)
class _Question:
    """The rules that can have a part in a fact, and those that say what is wanted.

    `wholes` are wanted without a known end, `begin` is wanted from the outset.
    """

    rules: tuple[Rule, ...]
    fact: Fact
    used: set[int] = field(default_factory=set)
    asking: list[Rule] = field(default_factory=list)
    begin: list[Fact] = field(default_factory=list)
    wholes: list[Wanted] = field(default_factory=list)

    def __post_init__(self) -> None:
        first = Wanted(self.fact.predicate, self.fact.object, "subject")
        self.begin.append(first.of(self.fact.subject))
        known, waiting = {first}, [first]
        while waiting:
            wanted = waiting.pop()
            if not wanted.end:
                self.wholes.append(wanted)
            for other in self._wanted_by(wanted):
                if other not in known:
                    known.add(other)
                    waiting.append(other)

    def needed(self) -> list[Rule]:
        """Return the rules that can have a part in the fact, in their order."""
        return [self.rules[place] for place in sorted(self.used)]

    def facts(self, read: Read) -> set[Fact]:
        """Return the asserted facts that can have a part in the fact."""
        rules = self.needed()
        counting = any(rule.counts for rule in rules)  # a count is not right before all is read
        facts = {fact for wanted in self.wholes for fact in wanted.read(read)}
        reasoner = Reasoner([*rules, *self.asking], [*self.begin, *facts])
        waiting = _terms_wanted([*self.begin, *reasoner.inferred()])
        while waiting:
            many = {wanted for wanted, terms in waiting.items() if len(terms) > _MANY}
            if sum(map(len, waiting.values())) > _MANY and not counting and reasoner.proof(self.fact):
                break
            found = {fact for wanted in many for fact in wanted.read(read)}
            for wanted in waiting.keys() - many:
                found.update(fact for term in waiting[wanted] for fact in wanted.read(read, term))
            found -= facts
            facts |= found
            waiting = _terms_wanted(reasoner.change([], found).new)
        return facts

    def _wanted_by(self, wanted: Wanted) -> Iterator[Wanted]:
        """Yield what is wanted when something else is; note by which rules."""
        pattern = Fact(_ANY, wanted.predicate, _ANY if wanted.object is None else wanted.object)
        for place, rule in enumerate(self.rules):
            if rule.head and may_give(rule.head, pattern):
                self.used.add(place)
                yield from self._wanted_by_rule(wanted, rule.head, rule.body)

    def _wanted_by_rule(self, wanted: Wanted, head: Fact, body: tuple[Fact, ...]) -> Iterator[Wanted]:
        places: dict[Term, Term] = {}
        if isinstance(head.predicate, Variable):
            places[head.predicate] = wanted.predicate
        if isinstance(head.object, Variable) and wanted.object is not None:
            places[head.object] = wanted.object
        end = _put(head, places)[2 if wanted.end == "object" else 0]
        known: set[Term] = set()
        before: list[Fact] = []
        if wanted.end and not isinstance(end, Made | Count):
            known.add(end)
            before.append(wanted.of(end))
        waiting = [_put(atom, places) for atom in body]
        while waiting:
            atom = max(waiting, key=lambda atom: _knowledge(atom, known))
            waiting.remove(atom)
            other, term = _as_wanted(atom, known)
            if term is not None and before:
                self.asking.append(Rule(f"wanted {len(self.asking)}", other.of(term), tuple(before)))
            elif term is not None:
                self.begin.append(other.of(term))
            yield other
            before.append(atom)
            known.update(term for term in atom if isinstance(term, Variable))


def _terms_wanted(facts: Iterable[Fact]) -> dict[Wanted, list[Term]]:
    waiting: defaultdict[Wanted, list[Term]] = defaultdict(list)
    for term, wanted, _ in facts:
        if isinstance(wanted, Wanted):
            waiting[wanted].append(term)
    return waiting


def _put(atom: Fact, places: Mapping[Term, Term]) -> Fact:
    return Fact(*(places.get(term, term) for term in atom))


def _knowledge(atom: Fact, known: Collection[Term]) -> tuple[bool, int]:
    """Return how well an atom can be read: from a variable that is known, or else from a term, such as a class."""
    ends = [term for term in (atom.subject, atom.object) if term in known or not isinstance(term, Variable)]
    return any(term in known for term in ends), len(ends)


def _as_wanted(atom: Fact, known: Collection[Term]) -> tuple[Wanted, Term | None]:
    """Return what an atom of a body wants, and the term or variable at its known end."""
    subject, predicate, value = atom
    if subject in known or not isinstance(subject, Variable):
        return Wanted(predicate, None if isinstance(value, Variable) else value, "subject"), subject
    if value in known:
        return Wanted(predicate, None, "object"), value
    return Wanted(predicate, None if isinstance(value, Variable) else value, ""), None
