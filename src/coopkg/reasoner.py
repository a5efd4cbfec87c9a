"""Rules run over facts in memory: what follows, kept up to date with each change, and why it follows.

Pure: knows no RDF library, no file and no vocabulary; a term is whatever can be a key of a dict. Facts are held as
numbers, by predicate; rules run set at a time, each from the facts that are new to it (semi-naive evaluation).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from coopkg.errors import InputError

Term = Hashable
_Row = tuple[int, ...]
_Pair = tuple[int, int]
_Key = tuple[int, int, int]
_Rows = Iterable[_Row]
_Index = dict[int, "tuple[int, ...] | set[int]"]
_Delta = dict[int, set[_Pair]]

_SMALL = 8
#: How many derivations of a fact are looked at before it is withdrawn for a while (and found again if it stands).
_LOOKED_AT = 64


@dataclass(frozen=True, slots=True)
class Variable:
    """A place in a rule that any term may take."""

    name: str


@dataclass(frozen=True, slots=True)
class Made:
    """A place in a head that takes the term made from others; from the same terms always the same.

    Args:
        name: what is made, and how; two of one name are one.
        of: variables of the body.
        make: from terms to the term.
    """

    name: str
    of: tuple[Variable, ...]
    make: Callable[..., Term] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Count:
    """The object of a head: how many terms a variable takes with one subject.

    The body is one pattern, from the subject of the head to the variable.

    Args:
        of: the variable.
        make: from a number, which is never 0, to the term that stands for it.
    """

    of: Variable
    make: Callable[[int], Term] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Condition:
    """What terms must meet beside the patterns of a body; two of one name are one."""

    name: str
    of: tuple[Variable, ...]
    holds: Callable[..., bool] = field(compare=False)


class Fact(NamedTuple):
    """A triple; in a rule, its subject, object and (in the head alone) predicate may be variables.

    In a head, the subject and the object may also be made, and the object a count.
    """

    subject: Term
    predicate: Term
    object: Term


@dataclass(frozen=True, slots=True)
class Rule:
    """From the body follows the head.

    Args:
        name: what people call it: the axiom, or the file.
        head: None when the body is a contradiction.
        body: in the order in which a reader would join them; each predicate is a term.
        distinct: pairs of variables that must differ.
        conditions: what else must be so.
    """

    name: str
    head: Fact | None
    body: tuple[Fact, ...]
    distinct: tuple[tuple[Variable, Variable], ...] = ()
    conditions: tuple[Condition, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether the head has a count."""
        return self.head is not None and isinstance(self.head.object, Count)

    @property
    def makes(self) -> bool:
        """Whether the head has a term that is made."""
        return self.head is not None and any(isinstance(term, Made) for term in self.head)


@dataclass(frozen=True, slots=True)
class Proof:
    """Why a fact holds: the rule that gives it and the proofs of its premises; no rule when it is asserted.

    The premises are those of the body, in its order; of a count, each fact that is counted.
    """

    fact: Fact
    rule: Rule | None = None
    premises: tuple[Proof, ...] = ()


@dataclass(frozen=True, slots=True)
class Inconsistency:
    """Facts that contradict each other by a rule without a head."""

    rule: Rule
    premises: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What a change did to the inferred facts."""

    gone: frozenset[Fact]
    new: frozenset[Fact]


class Reasoner:
    """Asserted facts and those that follow from them by rules.

    `firings` counts how often the body of a rule was found true: the cost of what was asked so far.

    Raises:
        InputError: a rule counts what depends on a count, or makes terms from what depends on them; names it.
    """

    def __init__(self, rules: Iterable[Rule], facts: Iterable[Iterable[Term]] = ()) -> None:
        self.firings = 0
        self._numbers = _Numbers()
        self._relations: defaultdict[int, _Relation] = defaultdict(_Relation)
        #: Inferred facts by the round that gave them. Each has premises that are asserted or of an earlier round.
        self._inferred: dict[_Key, int] = {}
        self._round = 0
        self._touched: dict[_Key, bool] | None = None
        rules = list(dict.fromkeys(rules))
        _refuse_circles(rules)
        self._made: dict[Made, _Terms] = {}
        self._tallies = [self._tally(rule) for rule in rules if rule.counts]
        rules = [rule for rule in rules if not rule.counts]
        self._onward: defaultdict[int, list[_Plan]] = defaultdict(list)
        self._back: defaultdict[int | None, list[_Plan]] = defaultdict(list)
        self._whole = [[self._plan(rule, atom) for atom in rule.body] for rule in rules if rule.head]
        self._contradictions = [self._plan(rule, rule.body[0]) for rule in rules if not rule.head]
        for plan in (plan for plans in self._whole for plan in plans):
            self._onward[plan.predicate].append(plan)
        for rule in rules:
            if rule.head:
                variable = isinstance(rule.head.predicate, Variable)
                self._back[None if variable else self._numbers[rule.head.predicate]].append(self._plan(rule, rule.head))
        self._load(facts)

    def change(self, remove: Iterable[Iterable[Term]], add: Iterable[Iterable[Term]]) -> Difference:
        """Take asserted facts away, then assert others; return how the inferred ones differ.

        What is not asserted cannot be taken away; such facts are passed over.
        """
        self._touched = {}
        if removed := {key for key in map(self._key, remove) if self._holds(key) and key not in self._inferred}:
            self._withdraw(removed)
        delta: _Delta = defaultdict(set)
        added = [self._key(fact) for fact in add]
        for key in added:
            if key in self._inferred:
                self._unmark(key)
            elif self._relations[key[1]].add(key[0], key[2]):
                delta[key[1]].add((key[0], key[2]))
        self._spread(delta)
        self._recount([*removed, *added, *self._touched])
        touched, self._touched = self._touched, None
        return Difference(
            frozenset(self._fact(key) for key, was in touched.items() if was and key not in self._inferred),
            frozenset(self._fact(key) for key, was in touched.items() if not was and key in self._inferred),
        )

    def inferred(self, subjects: Iterable[Term] | None = None) -> Iterator[Fact]:
        """Yield the facts that follow and are not asserted, or those about some subjects, in no order."""
        if subjects is None:
            return map(self._fact, self._inferred)
        wanted = {self._numbers[subject] for subject in subjects if subject in self._numbers}
        return (self._fact(key) for key in self._inferred if key[0] in wanted)

    def proof(self, fact: Fact) -> Proof | None:
        """Return why a fact holds, down to asserted facts; None when it does not hold."""
        key = self._key(fact)
        if not self._holds(key):
            return None
        chosen: dict[_Key, tuple[Rule | None, list[_Key]]] = {}
        waiting = [key]
        while waiting:
            key = waiting.pop()
            if key not in chosen:
                chosen[key] = self._earlier(key)
                waiting += chosen[key][1]
        proofs: dict[_Key, Proof] = {}
        for key in sorted(chosen, key=lambda key: self._inferred.get(key, 0)):
            rule, premises = chosen[key]
            proofs[key] = Proof(self._fact(key), rule, tuple(proofs[premise] for premise in premises))
        return proofs[self._key(fact)]

    def inconsistencies(self) -> list[Inconsistency]:
        """Return every contradiction once, with the facts that make it."""
        found: dict[tuple[str, frozenset[_Key]], Inconsistency] = {}
        for plan in self._contradictions:
            for row in self._rows(plan, plan.chosen(self._relations[plan.predicate].pairs(plan.object))):
                premises = plan.premises(row)
                inconsistency = Inconsistency(plan.rule, tuple(map(self._fact, premises)))
                found.setdefault((plan.rule.name, frozenset(premises)), inconsistency)
        return list(found.values())

    # ------------------------------------------------------------------------------------------------ numbers
    def _key(self, fact: Iterable[Term]) -> _Key:
        subject, predicate, value = fact
        return self._numbers[subject], self._numbers[predicate], self._numbers[value]

    def _fact(self, key: _Key) -> Fact:
        return Fact(*(self._numbers.terms[number] for number in key))

    def _holds(self, key: _Key) -> bool:
        return key[1] in self._relations and self._relations[key[1]].holds(key[0], key[2])

    # ------------------------------------------------------------------------------------------------ evaluation
    def _load(self, facts: Iterable[Iterable[Term]]) -> None:
        delta: _Delta = defaultdict(set)
        for fact in facts:
            subject, predicate, value = self._key(fact)
            if self._relations[predicate].add(subject, value):
                delta[predicate].add((subject, value))
        # Everything is new: each rule is run once, from where it has least to look at, and not from each place.
        first = [min(plans, key=lambda plan: len(delta.get(plan.predicate, ()))) for plans in self._whole]
        self._spread(self._given(first, delta))
        self._recount([key for tally in self._tallies for key in tally.all()])

    def _spread(self, delta: _Delta) -> None:
        """Add what follows from facts that are new, until nothing does."""
        while delta:
            delta = self._given((plan for predicate in delta for plan in self._onward.get(predicate, ())), delta)

    def _given(self, plans: Iterable[_Plan], delta: _Delta) -> _Delta:
        """Run plans from a delta; add what was not there, and return it."""
        self._round += 1
        fresh: set[_Key] = set()
        for plan in plans:
            if pairs := delta.get(plan.predicate):
                fresh |= self._heads(plan, pairs)
        fresh = {key for key in fresh if not self._relations[key[1]].holds(key[0], key[2])}
        for key in fresh:
            self._mark(key)
        return _by_predicate(fresh)

    def _heads(self, plan: _Plan, pairs: Iterable[_Pair]) -> set[_Key]:
        subject, predicate, value = plan.head
        rows = list(plan.rows(plan.chosen(pairs)))
        self.firings += len(rows)
        return {(row[subject], row[predicate], row[value]) for row in rows}

    def _rows(self, plan: _Plan, begin: _Rows) -> Iterator[_Row]:
        for row in plan.rows(begin):
            self.firings += 1
            yield row

    def _mark(self, key: _Key) -> None:
        if self._touched is not None:
            self._touched.setdefault(key, False)
        self._relations[key[1]].add(key[0], key[2])
        self._inferred[key] = self._round

    def _unmark(self, key: _Key) -> None:
        if self._inferred.pop(key, None) is not None and self._touched is not None:
            self._touched.setdefault(key, True)

    def _recount(self, changed: Sequence[_Key]) -> None:
        """Count again where facts came or went, and take the consequences.

        None of them is counted: so the counts come last, as facts that are given, and are right.
        """
        for tally in self._tallies:
            subjects = {key[0] for key in changed if key[1] == tally.counted}
            if stale := {key for subject in subjects for key in tally.counts_of(subject) if key in self._inferred}:
                self._withdraw(stale)
            self.firings += len(subjects)
            self._round += 1
            fresh = {key for subject in subjects if (key := tally.count(subject)) and not self._holds(key)}
            for key in fresh:
                self._mark(key)
            self._spread(_by_predicate(fresh))

    # ------------------------------------------------------------------------------------------------ removal
    def _withdraw(self, removed: set[_Key]) -> None:
        """Take away facts and all that was derived through them, then add again what still follows."""
        gone = set(removed)
        delta = _by_predicate(removed)
        while delta:
            fresh: set[_Key] = set()
            for plan in [plan for predicate in delta for plan in self._onward.get(predicate, ())]:
                fresh |= self._heads(plan, delta[plan.predicate])
            fresh = {key for key in fresh - gone if key in self._inferred and not self._stands(key, gone)}
            gone |= fresh
            delta = _by_predicate(fresh)
        for key in gone:
            self._relations[key[1]].discard(key[0], key[2])
            self._unmark(key)
        self._round += 1
        found_again = [key for key in gone if next(self._derivations(key), None)]
        for key in found_again:
            self._mark(key)
        self._spread(_by_predicate(found_again))

    def _stands(self, key: _Key, gone: set[_Key]) -> bool:
        """Whether a fact follows from asserted facts that stay, by one of the derivations that are looked at."""
        return any(
            not any(premise in self._inferred or premise in gone for premise in plan.premises(row))
            for plan, row in islice(self._derivations(key), _LOOKED_AT)
        )

    def _derivations(self, key: _Key) -> Iterator[tuple[_Plan | _Tally, _Row]]:
        for predicate in (key[1], None):
            for plan in self._back.get(predicate, ()):
                for row in self._rows(plan, [(*plan.constants, key[0], key[2], key[1])]):
                    yield plan, row
        for tally in self._tallies:
            if tally.predicate == key[1] and tally.count(key[0]) == key:
                yield tally, key

    def _earlier(self, key: _Key) -> tuple[Rule | None, list[_Key]]:
        """Return a rule and premises that held before a fact did; no rule for an asserted one."""
        if key not in self._inferred:
            return None, []
        when = self._inferred[key]
        derivations = ((plan.rule, plan.premises(row)) for plan, row in self._derivations(key))
        return next(
            (rule, premises) for rule, premises in derivations if all(self._inferred.get(p, 0) < when for p in premises)
        )

    # ------------------------------------------------------------------------------------------------ plans
    def _plan(self, rule: Rule, begin: Fact) -> _Plan:
        """Return how a rule is run from one atom of its body, or from its head."""
        from_head = begin is rule.head
        waiting = [atom for atom in rule.body if from_head or atom is not begin]
        slots: dict[Term, int] = {}
        for atom in (*rule.body, *([rule.head] if rule.head else [])):
            for term in atom:
                if not isinstance(term, Variable | Made):
                    slots.setdefault(term, len(slots))
        constants = tuple(self._numbers[term] for term in slots)
        bind = _Binding(slots, len(slots))
        fixed = not from_head and not isinstance(begin.object, Variable)  # `chosen` sees to it
        bind.all(begin.subject, Variable("") if fixed else begin.object)
        if from_head:
            bind.all(begin.predicate)
        steps: list[Callable[[_Rows], _Rows]] = [] if not bind.equal else [_where_equal(tuple(bind.equal))]
        made = [term for term in dict.fromkeys(rule.head or ()) if isinstance(term, Made)]
        for term in made if from_head else ():
            equal = bind.all(*term.of)
            steps.append(_with_origins(self._terms(term), slots[term]))
            steps += [_where_equal(equal)] if equal else []
        while waiting:
            atom = max(waiting, key=lambda atom: _boundness(atom, slots))
            waiting.remove(atom)
            steps += self._steps(atom, bind)
        if rule.distinct:
            steps.append(_where_distinct(tuple((slots[one], slots[other]) for one, other in rule.distinct)))
        for condition in rule.conditions:
            steps.append(_where(condition, self._numbers.terms, [slots[variable] for variable in condition.of]))
        for term in () if from_head else made:
            steps.append(_with_made(self._terms(term), [slots[variable] for variable in term.of]))
            bind.all(term)

        def of(atom: Fact) -> _Key:
            return slots[atom.subject], slots[atom.predicate], slots[atom.object]

        return _Plan(
            rule=rule,
            predicate=0 if isinstance(begin.predicate, Variable) else self._numbers[begin.predicate],
            constants=constants,
            object=self._numbers[begin.object] if fixed else None,
            steps=tuple(steps),
            head=of(rule.head) if rule.head else (0, 0, 0),
            body=tuple(of(atom) for atom in rule.body),
        )

    def _terms(self, made: Made) -> _Terms:
        return self._made.setdefault(made, _Terms(made.make, self._numbers))

    def _tally(self, rule: Rule) -> _Tally:
        if rule.head is None or not isinstance(rule.head.object, Count):
            raise AssertionError("only a rule that counts has a tally")
        counted, predicate = self._numbers[rule.body[0].predicate], self._numbers[rule.head.predicate]
        relations = self._relations[counted], self._relations[predicate]
        return _Tally(rule, counted, predicate, *relations, rule.head.object.make, self._numbers)

    def _steps(self, atom: Fact, bind: _Binding) -> list[Callable[[_Rows], _Rows]]:
        relation = self._relations[self._numbers[atom.predicate]]
        subject, value = bind.slots.get(atom.subject), bind.slots.get(atom.object)
        if subject is not None and value is not None:
            return [_where_holds(relation, subject, value)]
        if subject is not None:
            bind.all(atom.object)
            return [_with_objects(relation, subject)]
        if value is not None:
            bind.all(atom.subject)
            return [_with_subjects(relation, value)]
        equal = bind.all(atom.subject, atom.object)
        return [_with_pairs(relation), *([_where_equal(equal)] if equal else [])]


@dataclass(frozen=True, slots=True)
class _Plan:
    """How a rule is run from facts of one predicate. A row is the constants of the rule, then what is bound so far."""

    rule: Rule
    predicate: int
    constants: _Row
    object: int | None
    steps: tuple[Callable[[_Rows], _Rows], ...]
    head: _Key
    body: tuple[_Key, ...]

    def chosen(self, pairs: Iterable[_Pair]) -> _Rows:
        """Return the rows that a plan begins with."""
        constants, wanted = self.constants, self.object
        if wanted is None:
            return [constants + pair for pair in pairs]
        return [constants + pair for pair in pairs if pair[1] == wanted]

    def rows(self, rows: _Rows) -> _Rows:
        """Yield the rows that make the body true."""
        for step in self.steps:
            rows = step(rows)
        return rows

    def premises(self, row: _Row) -> list[_Key]:
        """Return the facts of the body that a row stands for."""
        return [(row[subject], row[predicate], row[value]) for subject, predicate, value in self.body]


@dataclass(frozen=True, slots=True)
class _Tally:
    """How a rule that counts is run: the predicate that it counts and the one that it gives, with their pairs."""

    rule: Rule
    counted: int
    predicate: int
    pairs: _Relation
    given: _Relation
    make: Callable[[int], Term]
    numbers: _Numbers

    def all(self) -> Iterator[_Key]:
        """Yield every fact that is counted."""
        return ((subject, self.counted, value) for subject, value in self.pairs.pairs())

    def count(self, subject: int) -> _Key | None:
        """Return the fact that tells the count of a subject; None when there is nothing to count."""
        total = len(self.pairs.by_subject.get(subject, ()))
        return (subject, self.predicate, self.numbers[self.make(total)]) if total else None

    def counts_of(self, subject: int) -> list[_Key]:
        """Return the counts that are told of a subject, right or wrong."""
        return [(subject, self.predicate, value) for value in self.given.by_subject.get(subject, ())]

    def premises(self, row: _Row) -> list[_Key]:
        """Return the facts that a fact of `count` counts."""
        return [(row[0], self.counted, value) for value in self.pairs.by_subject.get(row[0], ())]


@dataclass(slots=True)
class _Binding:
    """Where in a row each term stands; `equal` are places that turned out to hold the same term."""

    slots: dict[Term, int]
    width: int
    equal: list[_Pair] = field(default_factory=list)

    def all(self, *terms: Term) -> tuple[_Pair, ...]:
        """Append terms to the row; return the pairs of places that must be equal."""
        before = len(self.equal)
        for term in terms:
            if (slot := self.slots.setdefault(term, self.width)) != self.width:
                self.equal.append((slot, self.width))
            self.width += 1
        return tuple(self.equal[before:])


class _Numbers(dict[Term, int]):
    """Terms by number: one that is asked for and not known gets the next."""

    def __init__(self) -> None:
        super().__init__()
        self.terms: list[Term] = []

    def __missing__(self, term: Term) -> int:
        self.terms.append(term)
        return self.setdefault(term, len(self))


class _Terms(dict[_Row, int]):
    """What was made, by what it was made of; one that is asked for and not there is made. `origins` lead back."""

    def __init__(self, make: Callable[..., Term], numbers: _Numbers) -> None:
        super().__init__()
        self._make = make
        self._numbers = numbers
        self.origins: defaultdict[int, list[_Row]] = defaultdict(list)

    def __missing__(self, arguments: _Row) -> int:
        number = self._numbers[self._make(*(self._numbers.terms[argument] for argument in arguments))]
        self.origins[number].append(arguments)
        return self.setdefault(arguments, number)


class _Relation:
    """The pairs of one predicate. Few values are kept in a tuple, which takes a quarter of the room of a set."""

    __slots__ = ("_by_object", "by_subject")

    def __init__(self) -> None:
        self.by_subject: _Index = {}
        self._by_object: _Index | None = None

    @property
    def by_object(self) -> _Index:
        """The subjects by object; made when a rule first asks for it."""
        if self._by_object is None:
            self._by_object = {}
            for subject, value in self.pairs():
                _put(self._by_object, value, subject)
        return self._by_object

    def add(self, subject: int, value: int) -> bool:
        """Hold a pair; return whether it is new."""
        if value in self.by_subject.get(subject, ()):
            return False
        _put(self.by_subject, subject, value)
        if self._by_object is not None:
            _put(self._by_object, value, subject)
        return True

    def discard(self, subject: int, value: int) -> None:
        """Hold a pair no more."""
        _drop(self.by_subject, subject, value)
        if self._by_object is not None:
            _drop(self._by_object, value, subject)

    def holds(self, subject: int, value: int) -> bool:
        """Whether a pair is held."""
        return value in self.by_subject.get(subject, ())

    def pairs(self, value: int | None = None) -> Iterator[_Pair]:
        """Yield all pairs, or those with an object."""
        if value is not None:
            return ((subject, value) for subject in self.by_object.get(value, ()))
        return ((subject, value) for subject, values in self.by_subject.items() for value in values)


def _put(index: _Index, key: int, value: int) -> None:
    held = index.get(key, ())
    if isinstance(held, set):
        held.add(value)
    else:
        index[key] = (*held, value) if len(held) < _SMALL else {*held, value}


def _drop(index: _Index, key: int, value: int) -> None:
    held = index[key]
    if isinstance(held, set):
        held.discard(value)
    else:
        index[key] = held = tuple(other for other in held if other != value)
    if not held:
        del index[key]


def needed(rules: Iterable[Rule], wanted: Iterable[Fact]) -> list[Rule]:
    """Return the rules that can have a part in facts, in their order.

    Args:
        wanted: patterns of these facts; what is no term stands for any.
    """
    rules, waiting = list(rules), list(wanted)
    found: set[int] = set()
    while waiting:
        atom = waiting.pop()
        for place, rule in enumerate(rules):
            if place not in found and rule.head and may_give(rule.head, atom):
                found.add(place)
                waiting += rule.body
    return [rules[place] for place in sorted(found)]


def may_give(head: Fact, atom: Fact) -> bool:
    """Whether a head and a pattern may stand for one fact."""
    open_places = Variable | Made | Count
    return all(
        one == other or isinstance(one, open_places) or isinstance(other, open_places)
        for one, other in zip(head, atom, strict=True)
    )


def _refuse_circles(rules: Sequence[Rule]) -> None:
    for rule in rules:
        if rule.counts or rule.makes:
            behind = needed(rules, rule.body)
            if rule in behind:
                gives = "the count" if rule.counts else "the terms"
                raise InputError(f"{rule.name}: depends on {gives} that it gives itself; read other predicates")
            if rule.counts and (other := next((other for other in behind if other.counts), None)):
                raise InputError(f"{rule.name}: counts what depends on the count of {other.name}; count something else")


def _by_predicate(keys: Iterable[_Key]) -> _Delta:
    delta: _Delta = defaultdict(set)
    for subject, predicate, value in keys:
        delta[predicate].add((subject, value))
    return delta


def _boundness(atom: Fact, slots: dict[Term, int]) -> tuple[int, int]:
    """Return how much of an atom is known: variables first, since a constant such as a class may have many members."""
    known = [term for term in (atom.subject, atom.object) if term in slots]
    return sum(isinstance(term, Variable) for term in known), len(known)


def _where_holds(relation: _Relation, subject: int, value: int) -> Callable[[_Rows], _Rows]:
    return lambda rows: (row for row in rows if row[value] in relation.by_subject.get(row[subject], ()))


def _with_objects(relation: _Relation, subject: int) -> Callable[[_Rows], _Rows]:
    return lambda rows: ((*row, value) for row in rows for value in relation.by_subject.get(row[subject], ()))


def _with_subjects(relation: _Relation, value: int) -> Callable[[_Rows], _Rows]:
    return lambda rows: ((*row, subject) for row in rows for subject in relation.by_object.get(row[value], ()))


def _with_pairs(relation: _Relation) -> Callable[[_Rows], _Rows]:
    return lambda rows: (row + pair for row in rows for pair in relation.pairs())


def _where_equal(pairs: Sequence[_Pair]) -> Callable[[_Rows], _Rows]:
    return lambda rows: (row for row in rows if all(row[one] == row[other] for one, other in pairs))


def _where_distinct(pairs: Sequence[_Pair]) -> Callable[[_Rows], _Rows]:
    return lambda rows: (row for row in rows if all(row[one] != row[other] for one, other in pairs))


def _where(condition: Condition, terms: Sequence[Term], places: Sequence[int]) -> Callable[[_Rows], _Rows]:
    holds = condition.holds
    return lambda rows: (row for row in rows if holds(*(terms[row[place]] for place in places)))


def _with_made(made: _Terms, places: Sequence[int]) -> Callable[[_Rows], _Rows]:
    return lambda rows: ((*row, made[tuple(row[place] for place in places)]) for row in rows)


def _with_origins(made: _Terms, place: int) -> Callable[[_Rows], _Rows]:
    return lambda rows: (row + origin for row in rows for origin in made.origins.get(row[place], ()))
