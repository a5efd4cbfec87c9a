"""The axioms of an ontology as rules about instances: the OWL 2 RL constructs that we support, in one table.

A construct that the table does not have is refused by its name: nothing that the ontology says is passed over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Final

from coopkg import names
from coopkg.datalog import Fact, Rule, Term, Variable
from coopkg.errors import InputError
from coopkg.rdf import NamedNode, Triple

TYPE: Final = NamedNode(f"{names.RDF}type")

_X, _Y, _Z = Variable("x"), Variable("y"), Variable("z")
_S, _O = object(), object()  # the subject and the object of the axiom
_Template = tuple[Fact | None, tuple[Fact, ...]]


def _atom(subject: Term, predicate: Term, value: Term) -> Fact:
    return Fact(subject, predicate, value)


_SUBCLASS: _Template = (_atom(_X, TYPE, _O), (_atom(_X, TYPE, _S),))
_SUPERCLASS: _Template = (_atom(_X, TYPE, _S), (_atom(_X, TYPE, _O),))
_SUBPROPERTY: _Template = (_atom(_X, _O, _Y), (_atom(_X, _S, _Y),))
_SUPERPROPERTY: _Template = (_atom(_X, _S, _Y), (_atom(_X, _O, _Y),))

#: What follows from an axiom (head, body); a body without a head is a contradiction. Of two values of a functional
#: property OWL would say that they are one thing: here nothing is merged, and they contradict each other.
STATEMENTS: Final[Mapping[str, tuple[_Template, ...]]] = {
    "rdfs:subClassOf": (_SUBCLASS,),
    "rdfs:subPropertyOf": (_SUBPROPERTY,),
    "rdfs:domain": ((_atom(_X, TYPE, _O), (_atom(_X, _S, _Y),)),),
    "rdfs:range": ((_atom(_Y, TYPE, _O), (_atom(_X, _S, _Y),)),),
    "owl:equivalentClass": (_SUBCLASS, _SUPERCLASS),
    "owl:equivalentProperty": (_SUBPROPERTY, _SUPERPROPERTY),
    "owl:inverseOf": (
        (_atom(_Y, _O, _X), (_atom(_X, _S, _Y),)),
        (_atom(_Y, _S, _X), (_atom(_X, _O, _Y),)),
    ),
    "owl:disjointWith": ((None, (_atom(_X, TYPE, _S), _atom(_X, TYPE, _O))),),
}
KINDS: Final[Mapping[str, tuple[_Template, ...]]] = {
    "owl:TransitiveProperty": ((_atom(_X, _S, _Z), (_atom(_X, _S, _Y), _atom(_Y, _S, _Z))),),
    "owl:SymmetricProperty": ((_atom(_Y, _S, _X), (_atom(_X, _S, _Y),)),),
    "owl:FunctionalProperty": ((None, (_atom(_X, _S, _Y), _atom(_X, _S, _Z))),),
}
#: Constructs whose operands stand in a list.
LISTS: Final = frozenset({"owl:propertyChainAxiom", "owl:AllDisjointClasses", "owl:members"})
#: What declares or describes a term; nothing follows about instances.
DESCRIPTIONS: Final = frozenset(
    {f"owl:{kind}" for kind in ("Ontology", "Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty")}
    | {f"owl:{name}" for name in ("versionIRI", "versionInfo", "priorVersion", "deprecated")}
    | {f"rdfs:{name}" for name in ("label", "comment", "isDefinedBy", "seeAlso", "Class", "Datatype")}
    | {"rdf:Property", "rdf:List", "rdf:first", "rdf:rest"}
)
_LOGIC = (names.RDF, names.RDFS, names.OWL)
#: Terms of the language that an axiom may name as its object.
_TOP = frozenset({"owl:Thing", "rdfs:Resource"})
_TEXTS = frozenset({"rdfs:Literal", "rdf:langString"})
_NIL = NamedNode(f"{names.RDF}nil")
_FIRST, _REST = NamedNode(f"{names.RDF}first"), NamedNode(f"{names.RDF}rest")
_MEMBERS = NamedNode(f"{names.OWL}members")


def compiled(ontology: Iterable[Triple]) -> list[Rule]:
    """Return the rules about instances that an ontology's axioms stand for, in a fixed order.

    Raises:
        InputError: lists every construct that is not supported, with the term that uses it.
    """
    terms = _Terms(ontology)
    rules: list[Rule] = []
    faults: list[str] = []
    for triple in sorted(terms.logical(), key=str):
        try:
            rules += terms.rules(triple)
        except InputError as fault:
            faults.append(str(fault))
    if faults:
        raise InputError("\n".join(dict.fromkeys(faults)))
    return rules


class _Terms:
    """The triples of an ontology, by subject and predicate."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._values: defaultdict[tuple[Term, Term], list[Term]] = defaultdict(list)
        self._triples = list(triples)
        for triple in self._triples:
            self._values[triple.subject, triple.predicate].append(triple.object)

    def logical(self) -> Iterator[Triple]:
        """Yield what is said in the words of RDF, RDFS and OWL."""
        for triple in self._triples:
            if triple.predicate == TYPE:
                if _is_logical(triple.object):
                    yield triple
            elif _is_logical(triple.predicate):
                yield triple

    def rules(self, triple: Triple) -> Iterator[Rule]:
        """Yield what a triple of the ontology stands for."""
        is_kind = triple.predicate == TYPE
        construct = _short(triple.object if is_kind else triple.predicate)
        templates = (KINDS if is_kind else STATEMENTS).get(construct)
        if templates is None and construct not in LISTS | DESCRIPTIONS:
            raise InputError(
                f"ontology: {_short(triple.subject)} uses {construct}, which is not supported; say it with one of "
                f"{', '.join(sorted({*STATEMENTS, *KINDS, *LISTS} - {'owl:members'}))}, or with a rule in "
                "ontology/rules"
            )
        if construct == "owl:propertyChainAxiom":
            yield self._chain(triple)
        elif construct == "owl:AllDisjointClasses":
            (members,) = self._values[triple.subject, _MEMBERS] or [_NIL]
            for one, other in combinations(self._list(members, triple.subject), 2):
                yield from self._filled(STATEMENTS["owl:disjointWith"], one, "owl:disjointWith", other)
        elif templates and not (construct == "rdfs:range" and _is_datatype(triple.object)):
            if not is_kind:
                _refuse_logic(triple)
            value = None if is_kind else triple.object
            yield from self._filled(templates, triple.subject, construct, value)

    def _filled(self, templates: tuple[_Template, ...], subject: Term, construct: str, value: Term) -> Iterator[Rule]:
        name = f"{_short(subject)} a {construct}" if value is None else f"{_short(subject)} {construct} {_short(value)}"
        places = {_S: subject, _O: value}

        def put(atom: Fact) -> Fact:
            return Fact(*(places.get(term, term) for term in atom))

        for head, body in templates:
            distinct = ((_Y, _Z),) if construct == "owl:FunctionalProperty" else ()
            yield Rule(name, None if head is None else put(head), tuple(map(put, body)), distinct)

    def _chain(self, triple: Triple) -> Rule:
        properties = self._list(triple.object, triple.subject)
        places = [Variable(f"x{number}") for number in range(len(properties) + 1)]
        body = tuple(Fact(places[n], properties[n], places[n + 1]) for n in range(len(properties)))
        name = f"{_short(triple.subject)} owl:propertyChainAxiom ( {' '.join(map(_short, properties))} )"
        return Rule(name, Fact(places[0], triple.subject, places[-1]), body)

    def _list(self, node: Term, owner: Term) -> list[Term]:
        items: list[Term] = []
        seen: set[Term] = set()
        while node != _NIL:
            first, rest = self._values.get((node, _FIRST), []), self._values.get((node, _REST), [])
            if len(first) != 1 or len(rest) != 1 or node in seen:
                raise InputError(f"ontology: {_short(owner)} names a list that is not well formed; write ( a b )")
            seen.add(node)
            items += first
            node = rest[0]
        if len(items) < 1:
            raise InputError(f"ontology: {_short(owner)} names an empty list; write ( a b )")
        return items


def _refuse_logic(triple: Triple) -> None:
    for term in (triple.subject, triple.object):
        if not isinstance(term, NamedNode) or (_is_logical(term) and _short(term) not in _TOP):
            axiom = " ".join(map(_short, (triple.subject, triple.predicate, triple.object)))
            raise InputError(
                f"ontology: {axiom}: {_short(term)} is not supported here, only named terms that are no part of RDF, "
                "RDFS or OWL; name the term"
            )


def _is_logical(term: object) -> bool:
    return isinstance(term, NamedNode) and term.value.startswith(_LOGIC)


def _is_datatype(term: object) -> bool:
    return isinstance(term, NamedNode) and (term.value.startswith(names.XSD) or _short(term) in _TEXTS)


def _short(term: object) -> str:
    return names.short(term.value) if isinstance(term, NamedNode) else str(term)
