"""Rules and facts as they are written: the form in which axioms and rule files are given to the reasoner.

Pure: knows no RDF library, no file and no vocabulary; a term is whatever can be a key of a dict.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from coopkg.errors import InputError

Term = Hashable


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


def refuse_circles(rules: Sequence[Rule]) -> None:
    for rule in rules:
        if rule.counts or rule.makes:
            behind = needed(rules, rule.body)
            if rule in behind:
                gives = "the count" if rule.counts else "the terms"
                raise InputError(f"{rule.name}: depends on {gives} that it gives itself; read other predicates")
            if rule.counts and (other := next((other for other in behind if other.counts), None)):
                raise InputError(f"{rule.name}: counts what depends on the count of {other.name}; count something else")


def by_body(rules: Iterable[Rule]) -> list[tuple[Rule, list[Fact]]]:
    """Return a rule for each body, with the heads of all rules of its name that share it: it is run once for them."""
    together: defaultdict[tuple[object, ...], list[Rule]] = defaultdict(list)
    for rule in rules:
        if rule.head:
            together[rule.name, rule.body, rule.distinct, rule.conditions].append(rule)
    return [(same[0], [rule.head for rule in same if rule.head]) for same in together.values()]
