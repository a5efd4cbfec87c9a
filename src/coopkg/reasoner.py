"""Rules run over facts in memory: what follows, kept up to date with each change, and why it follows.

Pure: knows no RDF library, no file and no vocabulary; a term is whatever can be a key of a dict. Facts are held as
numbers, by predicate; rules run set at a time, each from the facts that are new to it (semi-naive evaluation).

Derivations are counted, not kept: each is found once when the last of its premises comes, and once more when the first
of them goes. A derivation is firm when its premises came in earlier rounds than what it gives; firm ones cannot support
each other in a circle. A fact stands while it is asserted or has a firm derivation; another one is looked for nowhere.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain

from coopkg.datalog import (
    Count,
    Fact,
    Inconsistency,
    Made,
    Proof,
    Rule,
    Term,
    Variable,
    by_body,
    refuse_circles,
)
from coopkg.relations import (
    Index,
    MadeTerms,
    Numbers,
    Pair,
    Relation,
    Row,
    Rows,
    where,
    where_distinct,
    where_equal,
    where_holds,
    with_made,
    with_origins,
    with_pairs,
    with_values,
)

_Key = tuple[int, int, int]


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
        self._numbers = Numbers()
        self._relations: defaultdict[int, Relation] = defaultdict(Relation)
        self._round = 0
        self._touched: dict[_Key, bool] | None = None
        rules = list(dict.fromkeys(rules))
        refuse_circles(rules)
        self._made: dict[Made, MadeTerms] = {}
        self._tallies = [self._tally(rule) for rule in rules if rule.counts]
        self._rules = [rule for rule in rules if not rule.counts]
        self._whole = [
            [self._plan(rule, atom, heads) for atom in dict.fromkeys(rule.body)] for rule, heads in by_body(self._rules)
        ]
        self._contradictions = [
            [self._plan(rule, atom) for atom in dict.fromkeys(rule.body)] for rule in self._rules if not rule.head
        ]
        self._onward: defaultdict[int, list[_Plan]] = defaultdict(list)
        for plan in (plan for plans in self._whole for plan in plans):
            self._onward[plan.predicate].append(plan)
        self._load(facts)

    def change(self, remove: Iterable[Iterable[Term]], add: Iterable[Iterable[Term]]) -> Difference:
        """Take asserted facts away, then assert others; return how the inferred ones differ.

        What is not asserted cannot be taken away; such facts are passed over.
        """
        self._touched = {}
        removed = _Delta.of(key for key in map(self._key, remove) if self._retract(key))
        self._withdraw(removed)
        added = _Delta.of(key for key in map(self._key, add) if self._assert(key))
        self._spread(added)
        self._recount([*removed.facts(), *added.facts(), *self._touched])
        touched, self._touched = self._touched, None
        return Difference(
            frozenset(self._fact(key) for key, was in touched.items() if was and self._since(key) <= 0),
            frozenset(self._fact(key) for key, was in touched.items() if not was and self._since(key) > 0),
        )

    def inferred(self, subjects: Iterable[Term] | None = None) -> Iterator[Fact]:
        """Yield the facts that follow and are not asserted, or those about some subjects, in no order."""
        terms, known = self._numbers.terms, self._numbers
        wanted = None if subjects is None else {known[subject] for subject in subjects if subject in known}
        for predicate, relation in list(self._relations.items()):
            for (subject, value), since in relation.since.items():
                if since > 0 and (wanted is None or subject in wanted):
                    yield Fact(terms[subject], terms[predicate], terms[value])

    def proof(self, fact: Fact) -> Proof | None:
        """Return why a fact holds, down to asserted facts; None when it does not hold."""
        key = self._key(fact)
        if not self._since(key):
            return None
        chosen: dict[_Key, tuple[Rule | None, list[_Key]]] = {}
        waiting = [key]
        while waiting:
            key = waiting.pop()
            if key not in chosen:
                chosen[key] = self._earlier(key)
                waiting += chosen[key][1]
        proofs: dict[_Key, Proof] = {}
        for key in sorted(chosen, key=self._since):
            rule, premises = chosen[key]
            proofs[key] = Proof(self._fact(key), rule, tuple(proofs[premise] for premise in premises))
        return proofs[self._key(fact)]

    def inconsistencies(self, new: Iterable[Iterable[Term]] | None = None) -> list[Inconsistency]:
        """Return every contradiction once, with the facts that make it.

        Args:
            new: facts; only contradictions in which one of them has a part are looked for. None looks for all.
        """
        found: dict[tuple[str, frozenset[_Key]], Inconsistency] = {}
        delta = None if new is None else _Delta.of(map(self._key, new))
        for plan in (plan for plans in self._contradictions for plan in (plans if new is not None else plans[:1])):
            begin = self._relations[plan.predicate].pairs(plan.object) if delta is None else delta.pairs(plan)
            for row in self._rows(plan, plan.begun(begin)):
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

    def _since(self, key: _Key) -> int:
        """Return the round since which a fact holds, negative when it is asserted; 0 when it does not hold."""
        return self._relations[key[1]].since.get((key[0], key[2]), 0) if key[1] in self._relations else 0

    # ------------------------------------------------------------------------------------------------ evaluation
    def _load(self, facts: Iterable[Iterable[Term]]) -> None:
        numbers, asserted = self._numbers, _Delta()
        for subject, predicate, value in facts:
            asserted[numbers[predicate]].add((numbers[subject], numbers[value]))
        self._round += 1
        for predicate, pairs in asserted.items():
            self._relations[predicate].add(pairs, -self._round)
        # Everything is new: each rule is run once, from where it has least to look at, and not from each place.
        first = (min(plans, key=lambda plan: len(asserted.get(plan.predicate, ()))) for plans in self._whole)
        self._spread(self._given((replace(plan, before=()) for plan in first), asserted))
        self._recount([key for tally in self._tallies for key in tally.all()])

    def _spread(self, delta: _Delta) -> None:
        """Add what follows from facts that are new, until nothing does."""
        while delta:
            delta = self._given(self._plans(delta), delta)

    def _given(self, plans: Iterable[_Plan], delta: _Delta) -> _Delta:
        """Run plans from facts that are new; add what was not there, and return it."""
        self._round += 1
        counts: defaultdict[int, Counter[Pair]] = defaultdict(Counter)
        for plan in plans:
            if plan.direct is not None:
                heads = plan.direct(delta.pairs(plan))
                self.firings += len(heads)
                counts[plan.constants[plan.heads[0][1]]].update(heads)
                continue
            rows = self._found(plan, delta)
            for subject, predicate, value in plan.heads:
                for row in rows:
                    counts[row[predicate]][row[subject], row[value]] += 1
        return self._counted(counts)

    def _counted(self, counts: Mapping[int, Counter[Pair]]) -> _Delta:
        """Count the derivations of a round; return what they bring."""
        fresh = _Delta()
        for predicate, derivations in counts.items():
            if new := self._relations[predicate].count(derivations, self._round):
                fresh[predicate] = new
                for subject, value in new if self._touched is not None else ():
                    self._touch((subject, predicate, value), was_inferred=False)
        return fresh

    def _plans(self, delta: _Delta) -> list[_Plan]:
        return [plan for predicate in delta for plan in self._onward.get(predicate, ())]

    def _found(self, plan: _Plan, delta: _Delta) -> list[Row]:
        """Return the rows of a plan from a delta, but for those that begin at an earlier atom of the rule as well."""
        rows = list(plan.rows(plan.begun(delta.pairs(plan))))
        for subject, predicate, value in plan.before:
            if rows and (pairs := delta.get(plan.constants[predicate])):
                rows = [row for row in rows if (row[subject], row[value]) not in pairs]
        self.firings += len(rows)
        return rows

    def _rows(self, plan: _Plan, begin: Rows) -> Iterator[Row]:
        for row in plan.rows(begin):
            self.firings += 1
            yield row

    # ------------------------------------------------------------------------------------------------ changes
    def _assert(self, key: _Key) -> bool:
        """Assert a fact; return whether it did not hold before."""
        relation, pair, since = self._relations[key[1]], (key[0], key[2]), self._since(key)
        if not since:
            relation.add([pair], -self._round)
        elif since > 0:
            self._touch(key, was_inferred=True)
            relation.firm.setdefault(pair, 1)
            relation.since[pair] = -since
        return not since

    def _retract(self, key: _Key) -> bool:
        """Assert a fact no longer; return whether it does not stand without that."""
        since = self._since(key)
        if since >= 0:
            return False
        relation, pair = self._relations[key[1]], (key[0], key[2])
        if pair not in relation.firm:
            return True
        self._touch(key, was_inferred=False)
        relation.since[pair] = -since
        return False

    def _withdraw(self, delta: _Delta) -> None:
        """Take away facts and what stood through them, then add again what still has a derivation."""
        gone: list[_Key] = []
        while delta:
            lost: set[_Key] = set()
            for plan in self._plans(delta):
                for row in self._found(plan, delta):
                    latest = max(abs(self._since(premise)) for premise in plan.premises(row))
                    for subject, predicate, value in plan.facts(row):
                        if self._relations[predicate].lose((subject, value), latest):
                            lost.add((subject, predicate, value))
            for key in delta.facts():
                self._touch(key, was_inferred=self._since(key) > 0)
                self._relations[key[1]].discard((key[0], key[2]))
                gone.append(key)
            delta = _Delta.of(lost)
        self._round += 1
        back = _Delta.of(key for key in gone if self._relations[key[1]].restore((key[0], key[2]), self._round))
        self._spread(back)

    def _recount(self, changed: Collection[_Key]) -> None:
        """Count again where facts came or went, and take the consequences.

        None of them is counted: so the counts come last, each as one derivation, and are right.
        """
        for tally in self._tallies:
            subjects = {key[0] for key in changed if key[1] == tally.counted}
            self.firings += len(subjects)
            old = [tally.told.pop(subject) for subject in subjects if subject in tally.told]
            given = self._relations[tally.predicate]
            lost = [pair for pair, latest in old if given.lose(pair, latest)]
            self._withdraw(_Delta.of((subject, tally.predicate, value) for subject, value in lost))
            latest, self._round = self._round, self._round + 1
            new = {subject: (pair, latest) for subject in subjects if (pair := tally.count(subject))}
            tally.told.update(new)
            self._spread(self._counted({tally.predicate: Counter(pair for pair, _ in new.values())}))

    def _touch(self, key: _Key, *, was_inferred: bool) -> None:
        if self._touched is not None:
            self._touched.setdefault(key, was_inferred)

    # ------------------------------------------------------------------------------------------------ proofs
    @cached_property
    def _back(self) -> dict[int | None, list[_Plan]]:
        """How rules are run from their heads: by predicate, None when that is a variable."""
        plans: defaultdict[int | None, list[_Plan]] = defaultdict(list)
        for rule in self._rules:
            if rule.head:
                variable = isinstance(rule.head.predicate, Variable)
                plans[None if variable else self._numbers[rule.head.predicate]].append(self._plan(rule, rule.head))
        return plans

    def _derivations(self, key: _Key) -> Iterator[tuple[_Plan | _Tally, Row]]:
        for predicate in (key[1], None):
            for plan in self._back.get(predicate, ()):
                for row in self._rows(plan, [(*plan.constants, key[0], key[2], key[1])]):
                    yield plan, row
        for tally in self._tallies:
            if tally.predicate == key[1] and key[0] in tally.told and tally.told[key[0]][0] == (key[0], key[2]):
                yield tally, key

    def _earlier(self, key: _Key) -> tuple[Rule | None, list[_Key]]:
        """Return a rule and premises that held before a fact did; no rule for an asserted one."""
        since = self._since(key)
        if since < 0:
            return None, []
        derivations = ((plan.rule, plan.premises(row)) for plan, row in self._derivations(key))
        return next((rule, premises) for rule, premises in derivations if all(self._since(p) < since for p in premises))

    # ------------------------------------------------------------------------------------------------ plans
    def _plan(self, rule: Rule, begin: Fact, heads: Sequence[Fact] = ()) -> _Plan:
        """Return how a rule is run from one atom of its body, for several heads perhaps, or from its head."""
        from_head = begin is rule.head
        heads = [begin] if from_head else heads
        waiting = [atom for atom in dict.fromkeys(rule.body) if from_head or atom != begin]
        slots: dict[Term, int] = {}
        for atom in (*rule.body, *heads):
            for term in atom:
                if not isinstance(term, Variable | Made):
                    slots.setdefault(term, len(slots))
        constants = tuple(self._numbers[term] for term in slots)
        bind = _Binding(slots, len(slots))
        fixed = not from_head and not isinstance(begin.object, Variable)  # `_Delta.pairs` sees to it
        bind.all(begin.subject, Variable("") if fixed else begin.object)
        if from_head:
            bind.all(begin.predicate)
        steps: list[Callable[[Rows], Rows]] = [] if not bind.equal else [where_equal(tuple(bind.equal))]
        made = [term for term in dict.fromkeys(chain.from_iterable(heads)) if isinstance(term, Made)]
        for term in made if from_head else ():
            equal = bind.all(*term.of)
            steps.append(with_origins(self._terms(term), slots[term]))
            steps += [where_equal(equal)] if equal else []
        while waiting:
            atom = max(waiting, key=lambda atom: _boundness(atom, slots))
            waiting.remove(atom)
            steps += self._steps(atom, bind)
        if rule.distinct:
            steps.append(where_distinct(tuple((slots[one], slots[other]) for one, other in rule.distinct)))
        for condition in rule.conditions:
            steps.append(where(condition, self._numbers.terms, [slots[variable] for variable in condition.of]))
        for term in () if from_head else made:
            steps.append(with_made(self._terms(term), [slots[variable] for variable in term.of]))
            bind.all(term)

        def of(atom: Fact) -> _Key:
            return slots[atom.subject], slots[atom.predicate], slots[atom.object]

        body = tuple(of(atom) for atom in rule.body)
        return _Plan(
            rule=rule,
            predicate=0 if isinstance(begin.predicate, Variable) else self._numbers[begin.predicate],
            constants=constants,
            object=self._numbers[begin.object] if fixed else None,
            steps=tuple(steps),
            heads=tuple(map(of, heads)),
            body=body,
            before=() if from_head else body[: rule.body.index(begin)],
            direct=_direct(of(heads[0]), constants) if len(heads) == 1 and not steps and not from_head else None,
        )

    def _terms(self, made: Made) -> MadeTerms:
        return self._made.setdefault(made, MadeTerms(made.make, self._numbers))

    def _tally(self, rule: Rule) -> _Tally:
        if rule.head is None or not isinstance(rule.head.object, Count):
            raise AssertionError("only a rule that counts has a tally")
        counted, predicate = self._numbers[rule.body[0].predicate], self._numbers[rule.head.predicate]
        pairs = self._relations[counted].index(0)
        return _Tally(rule, counted, predicate, pairs, rule.head.object.make, self._numbers)

    def _steps(self, atom: Fact, bind: _Binding) -> list[Callable[[Rows], Rows]]:
        relation = self._relations[self._numbers[atom.predicate]]
        subject, value = bind.slots.get(atom.subject), bind.slots.get(atom.object)
        if subject is not None and value is not None:
            return [where_holds(relation, subject, value)]
        if subject is not None:
            bind.all(atom.object)
            return [with_values(relation.index(0), subject)]
        if value is not None:
            bind.all(atom.subject)
            return [with_values(relation.index(1), value)]
        equal = bind.all(atom.subject, atom.object)
        return [with_pairs(relation), *([where_equal(equal)] if equal else [])]


@dataclass(frozen=True, slots=True)
class _Plan:
    """How a rule is run from facts of one predicate. A row is the constants of the rule, then what is bound so far.

    `before` are the atoms that stand before the one from which it is run; `direct` is the way from the pairs of its one
    atom to those of its head, where there is so short a way.
    """

    rule: Rule
    predicate: int
    constants: Row
    object: int | None
    steps: tuple[Callable[[Rows], Rows], ...]
    heads: tuple[_Key, ...]
    body: tuple[_Key, ...]
    before: tuple[_Key, ...]
    direct: Callable[[Collection[Pair]], Collection[Pair]] | None

    def begun(self, pairs: Iterable[Pair]) -> list[Row]:
        """Return the rows that a plan begins with."""
        constants = self.constants
        return [constants + pair for pair in pairs]

    def rows(self, rows: Rows) -> Rows:
        """Yield the rows that make the body true."""
        for step in self.steps:
            rows = step(rows)
        return rows

    def facts(self, row: Row) -> list[_Key]:
        """Return what follows from a row."""
        return [(row[subject], row[predicate], row[value]) for subject, predicate, value in self.heads]

    def premises(self, row: Row) -> list[_Key]:
        """Return the facts of the body that a row stands for."""
        return [(row[subject], row[predicate], row[value]) for subject, predicate, value in self.body]


@dataclass(frozen=True, slots=True)
class _Tally:
    """How a rule that counts is run: the predicate that it counts, with its objects by subject, and the one it gives.

    `told` are the counts that were given, by subject, each with the round after which it was counted.
    """

    rule: Rule
    counted: int
    predicate: int
    pairs: Index
    make: Callable[[int], Term]
    numbers: Numbers
    told: dict[int, tuple[Pair, int]] = field(default_factory=dict)

    def all(self) -> Iterator[_Key]:
        """Yield every fact that is counted."""
        return ((subject, self.counted, value) for subject, values in self.pairs.items() for value in values)

    def count(self, subject: int) -> Pair | None:
        """Return a subject and its count; None when there is nothing to count."""
        total = len(self.pairs.get(subject, ()))
        return (subject, self.numbers[self.make(total)]) if total else None

    def premises(self, row: Row) -> list[_Key]:
        """Return the facts that a count counts."""
        return [(row[0], self.counted, value) for value in self.pairs.get(row[0], ())]


@dataclass(slots=True)
class _Binding:
    """Where in a row each term stands; `equal` are places that turned out to hold the same term."""

    slots: dict[Term, int]
    width: int
    equal: list[Pair] = field(default_factory=list)

    def all(self, *terms: Term) -> tuple[Pair, ...]:
        """Append terms to the row; return the pairs of places that must be equal."""
        before = len(self.equal)
        for term in terms:
            if (slot := self.slots.setdefault(term, self.width)) != self.width:
                self.equal.append((slot, self.width))
            self.width += 1
        return tuple(self.equal[before:])


class _Delta(defaultdict[int, "set[Pair]"]):
    """The pairs that come or go in a round, by predicate."""

    def __init__(self) -> None:
        super().__init__(set)
        self._by_object: dict[int, defaultdict[int, list[Pair]]] = {}

    @classmethod
    def of(cls, keys: Iterable[_Key]) -> _Delta:
        """Return facts by predicate."""
        delta = cls()
        for subject, predicate, value in keys:
            delta[predicate].add((subject, value))
        return delta

    def facts(self) -> Iterator[_Key]:
        """Yield the facts."""
        return ((subject, predicate, value) for predicate, pairs in self.items() for subject, value in pairs)

    def pairs(self, plan: _Plan) -> Collection[Pair]:
        """Return the pairs that a plan begins with."""
        pairs = self.get(plan.predicate, ())
        if plan.object is None:
            return pairs
        if plan.predicate not in self._by_object:
            self._by_object[plan.predicate] = defaultdict(list)
            for pair in pairs:
                self._by_object[plan.predicate][pair[1]].append(pair)
        return self._by_object[plan.predicate].get(plan.object, ())


def _boundness(atom: Fact, slots: dict[Term, int]) -> tuple[int, int]:
    """Return how much of an atom is known: variables first, since a constant such as a class may have many members."""
    known = [term for term in (atom.subject, atom.object) if term in slots]
    return sum(isinstance(term, Variable) for term in known), len(known)


def _direct(head: _Key, constants: Row) -> Callable[[Collection[Pair]], Collection[Pair]] | None:
    """Return how the pairs of a head are made of those of the one atom of a body; most axioms are of four forms."""
    subject, predicate, value = head
    first = len(constants)
    if predicate >= first:
        return None
    if (subject, value) == (first, first + 1):
        return lambda pairs: pairs
    if (subject, value) == (first + 1, first):
        return lambda pairs: [(two, one) for one, two in pairs]
    if value >= first or subject < first:
        return None
    constant = constants[value]
    if subject == first:
        return lambda pairs: [(one, constant) for one, _ in pairs]
    return lambda pairs: [(two, constant) for _, two in pairs]
