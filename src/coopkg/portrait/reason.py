"""Why a statement holds, for readers: each step with its cause in words, down to the documents that state it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass

from coopkg import names
from coopkg.datalog import Proof, Term
from coopkg.explanation import Explanation, Place
from coopkg.portrait.naming import Named, named, term_name
from coopkg.portrait.record import SHOWN_TEXT
from coopkg.portrait.told import stating
from coopkg.rdf import NamedNode
from coopkg.view import Text, View

#: How deep a proof is told, and how many premises of one step: a strength counts one for each action.
MOST_DEEP = 12
MOST_PREMISES = 20
#: How many steps are told in all.
MOST_STEPS = 300
_RULES = {
    "role-shortcuts": (
        "qui tient un rôle dans une action est relié à elle par la propriété de ce rôle",
        "who holds a role in an action is related to it by the property of that role",
    ),
    "cooperates-with": (
        "deux acteurs qui tiennent dans une même action un rôle coopérant coopèrent",
        "two agents that hold a cooperating role in one action cooperate",
    ),
    "cooperations": (
        "deux acteurs qui coopèrent dans une action forment une coopération, qui la compte parmi ses actions",
        "two agents that cooperate in an action make a cooperation, which has it among its actions",
    ),
    "strength": (
        "l’intensité d’une coopération est le nombre de ses actions",
        "the strength of a cooperation is the number of its actions",
    ),
}
#: What axioms say, by the construct in the middle of their names.
_AXIOMS = {
    "rdfs:subClassOf": ("tout ce qui est «\u00a0{}\u00a0» est aussi «\u00a0{}\u00a0»", "whatever is “{}” is also “{}”"),
    "rdfs:subPropertyOf": ("«\u00a0{}\u00a0» est un cas de «\u00a0{}\u00a0»", "“{}” is a case of “{}”"),
    "owl:inverseOf": (
        "«\u00a0{}\u00a0» est «\u00a0{}\u00a0» lu dans l’autre sens",
        "“{}” is “{}” read the other way round",
    ),
    "rdfs:domain": (
        "ce qui a la propriété «\u00a0{}\u00a0» est «\u00a0{}\u00a0»",
        "what has the property “{}” is “{}”",
    ),
    "rdfs:range": (
        "ce que désigne la propriété «\u00a0{}\u00a0» est «\u00a0{}\u00a0»",
        "what the property “{}” points at is “{}”",
    ),
    "owl:equivalentClass": ("«\u00a0{}\u00a0» et «\u00a0{}\u00a0» disent la même chose", "“{}” and “{}” say the same"),
    "owl:equivalentProperty": (
        "«\u00a0{}\u00a0» et «\u00a0{}\u00a0» disent la même chose",
        "“{}” and “{}” say the same",
    ),
    "owl:propertyChainAxiom": ("«\u00a0{}\u00a0» s’obtient en enchaînant {}", "“{}” comes from following {}"),
    "a owl:TransitiveProperty": ("«\u00a0{}\u00a0» passe de proche en proche", "“{}” carries on from one to the next"),
    "a owl:SymmetricProperty": ("«\u00a0{}\u00a0» vaut dans les deux sens", "“{}” holds both ways"),
}
#: Paths of properties that the rules follow step by step: what they mean, and why a step follows.
_PATHS = {
    "coop:role/skos:broader*": (
        ("tient un rôle de la sorte", "holds a role of the kind"),
        ("un rôle compte aussi comme les rôles plus larges", "a role also counts as the broader roles"),
    ),
}
_NAME = re.compile(r"(\S+) (a \S+|\S+)(?: \(? ?(.*?) ?\)?)?")


@dataclass(frozen=True, slots=True)
class Read:
    """Where a premise stands: the source document, or what else states it, and the pages that it was read from."""

    documents: tuple[Named, ...]
    pages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A statement and why it holds: what states it, or the cause by which it follows from others.

    Args:
        cause: in words; None where it is stated.
        name: what the rule or axiom is called in the files of the project.
        is_above: whether it is explained above.
        left_out: how many premises are not told here.
    """

    subject: Named
    predicate: Named
    value: Named
    places: tuple[Read, ...]
    cause: Text | None
    name: str
    premises: tuple[Step, ...]
    is_above: bool
    left_out: int


def of(view: View, explanation: Explanation) -> Step:
    """Return why a statement holds; what is told twice is explained once."""
    return _Teller(view, explanation).step(explanation.proof, 0)


def cause(view: View, name: str) -> Text:
    """Return what a rule or an axiom says, in words; one that has none here is called by its name."""
    for slug, words in _RULES.items():
        if name.endswith(f"/{slug}.rq"):
            return _said(view, words)
    match = _NAME.fullmatch(name)
    words_of = _AXIOMS.get(match[2]) if match else None
    if match is None or words_of is None:
        return Text(name)
    others = [_term(view, term) for term in (match[3] or "").split()]
    if match[2] == "owl:propertyChainAxiom":
        quoted, then = ("«\u00a0{}\u00a0»", " puis ") if view.lang == "fr" else ("“{}”", " then ")
        others = [then.join(quoted.format(one) for one in others)]
    return Text(words_of[view.lang != "fr"].format(_term(view, match[1]), *others), view.lang)


class _Teller:
    """Tells a proof once through, and remembers what it told."""

    def __init__(self, view: View, explanation: Explanation) -> None:
        self._view = view
        self._places = explanation.places
        self._told: set[object] = set()

    def step(self, proof: Proof, depth: int) -> Step:
        is_above = proof.rule is not None and proof.fact in self._told
        self._told.add(proof.fact)
        premises = () if is_above or depth >= MOST_DEEP else proof.premises
        room = max(0, MOST_STEPS - len(self._told))
        shown = list(itertools.islice(premises, min(MOST_PREMISES, room)))
        subject, predicate, value = proof.fact
        return Step(
            _shown(self._view, subject, named),
            _shown(self._view, predicate, _property),
            _shown(self._view, value, named),
            tuple(_read(self._view, place) for place in self._places.get(proof.fact, ())),
            self._cause(proof),
            proof.rule.name if proof.rule else "",
            tuple(self.step(premise, depth + 1) for premise in shown),
            is_above,
            0 if is_above else len(proof.premises) - len(shown),
        )

    def _cause(self, proof: Proof) -> Text | None:
        if proof.rule is None:
            return None
        path = _PATHS.get(str(proof.fact.predicate))
        return _said(self._view, path[1]) if path else cause(self._view, proof.rule.name)


def _shown(view: View, term: Term, naming: Callable[[View, str], Named]) -> Named:
    if path := _PATHS.get(str(term)):
        return Named("", _said(view, path[0]))
    if not isinstance(term, NamedNode):
        return Named("", Text(str(getattr(term, "value", term))[:SHOWN_TEXT], getattr(term, "language", "") or ""))
    if not term.value.startswith(f"{names.BASE}id/"):
        return _property(view, term.value)
    return naming(view, term.value)


def _property(view: View, iri: str) -> Named:
    return Named(iri, term_name(view, iri))


def _read(view: View, place: Place) -> Read:
    return Read(stating(view, [place.graph]), place.pages)


def _said(view: View, words: tuple[str, str]) -> Text:
    return Text(words[view.lang != "fr"], view.lang)


def _term(view: View, short: str) -> str:
    prefix, _, local = short.strip("<>").partition(":")
    return term_name(view, names.PREFIXES[prefix] + local).value if prefix in names.PREFIXES else short
