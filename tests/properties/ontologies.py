"""Random ontologies of every construct that we claim, random graphs over them, and random changes of these."""

from __future__ import annotations

import random
from collections.abc import Iterator

from coopkg import names
from coopkg.datalog import Fact, Rule, Variable
from coopkg.rdf import Literal, NamedNode, Triple

EX = "https://example.org/"
_TYPE = NamedNode(f"{names.RDF}type")
_CLASSES = [NamedNode(f"{EX}C{number}") for number in range(8)]
_PROPERTIES = [NamedNode(f"{EX}p{number}") for number in range(8)]
_LITERALS = [Literal("a"), Literal("a", language="fr"), Literal("2"), Literal("c")]
_KINDS = ("TransitiveProperty", "SymmetricProperty", "FunctionalProperty")
#: Axioms between two classes, between two properties, and of a property about a class.
_OF_CLASSES = (f"{names.RDFS}subClassOf", f"{names.OWL}equivalentClass", f"{names.OWL}disjointWith")
_OF_PROPERTIES = (f"{names.RDFS}subPropertyOf", f"{names.OWL}equivalentProperty", f"{names.OWL}inverseOf")
_ABOUT_CLASSES = (f"{names.RDFS}domain", f"{names.RDFS}range")


def ontology(dice: random.Random) -> list[Triple]:
    """Return some axioms over eight classes and eight properties, all of them declared."""
    declared = [(term, "Class") for term in _CLASSES] + [(term, "ObjectProperty") for term in _PROPERTIES]
    axioms = [Triple(term, _TYPE, NamedNode(f"{names.OWL}{kind}")) for term, kind in declared]
    for _ in range(dice.randint(1, 5)):
        axioms.append(_between(dice, _CLASSES, _CLASSES, _OF_CLASSES))
        axioms.append(_between(dice, _PROPERTIES, _PROPERTIES, _OF_PROPERTIES))
        axioms.append(_between(dice, _PROPERTIES, _CLASSES, _ABOUT_CLASSES))
    for number in range(dice.randint(0, 2)):
        chain = dice.choices(_PROPERTIES, k=dice.randint(2, 3))
        first, triples = _list(chain, f"chain{number}")
        axioms += [Triple(dice.choice(_PROPERTIES), NamedNode(f"{names.OWL}propertyChainAxiom"), first), *triples]
    if dice.random() < 0.3:
        first, triples = _list(dice.sample(_CLASSES, 3), "disjoint")
        several = NamedNode(f"{EX}AllDisjoint")
        axioms += [Triple(several, _TYPE, NamedNode(f"{names.OWL}AllDisjointClasses")), *triples]
        axioms.append(Triple(several, NamedNode(f"{names.OWL}members"), first))
    for _ in range(dice.randint(0, 3)):
        axioms.append(Triple(dice.choice(_PROPERTIES), _TYPE, NamedNode(f"{names.OWL}{dice.choice(_KINDS)}")))
    return axioms


def rules(dice: random.Random) -> list[Rule]:
    """Return some rules that no axiom could say: more atoms, constants, predicates that are found."""
    return [_rule(dice, f"rule {number}") for number in range(dice.randint(0, 3))]


def graph(dice: random.Random, size: int) -> list[Triple]:
    """Return that many random triples (or some less: none comes twice), a tenth of them with a literal."""
    nodes = [NamedNode(f"{EX}n{number}") for number in range(max(3, size))]
    return list(dict.fromkeys(_statement(dice, nodes) for _ in range(size)))


def changes(dice: random.Random, start: list[Triple], steps: int) -> Iterator[tuple[list[Triple], list[Triple]]]:
    """Yield what to remove and what to add, step by step; some of it in vain."""
    present = set(start)
    nodes = [NamedNode(f"{EX}n{number}") for number in range(max(3, len(start)))]
    for _ in range(steps):
        remove = dice.sample(sorted(present, key=str), min(len(present), dice.randint(0, 4)))
        add = [_statement(dice, nodes) for _ in range(dice.randint(0, 4))]
        present = (present - set(remove)) | set(add)
        yield remove, add


def making(dice: random.Random) -> dict[str, str]:
    """Return rules that order, make and count terms, over the eight properties and some of their own."""
    one, other, counted, led = (f"<{term.value}>" for term in dice.choices(_PROPERTIES, k=4))
    made = f'BIND(IRI(CONCAT("{EX}made/", SHA256(CONCAT(STR(?x), " ", STR(?y))))) AS ?new)'
    pair = f"?x {one} ?z . ?y {other} ?z FILTER(STR(?x) < STR(?y)) {made}"
    rules = {
        "pairs": f"CONSTRUCT {{ ?new <{EX}of> ?x , ?y ; <{EX}shares> ?z }} WHERE {{ {pair} }}",
        "strength": _count(dice.choice([f"<{EX}shares>", counted]), f"<{EX}strength>"),
        "told": f"CONSTRUCT {{ ?x a <{dice.choice(_CLASSES).value}> }} WHERE {{ ?x <{EX}strength> ?number }}",
        "named": f"CONSTRUCT {{ ?x ?property ?y }} WHERE {{ ?x {other} ?y . ?y <{EX}means> ?property }}",
        "back": f"CONSTRUCT {{ ?x {led} ?y }} WHERE {{ ?x <{EX}of> ?y }}",
    }
    return {name: text for name, text in rules.items() if name != "back" or dice.random() < 0.2}


def meanings(dice: random.Random) -> list[Triple]:
    """Return a few statements that name the property which a rule of `making` gives."""
    nodes = [NamedNode(f"{EX}n{number}") for number in range(3)]
    return [Triple(node, NamedNode(f"{EX}means"), dice.choice(_PROPERTIES)) for node in nodes]


def participations(dice: random.Random, agents: int, actions: int, roles: list[Triple]) -> list[Triple]:
    """Return as many participations as there are pairs of an agent and an action, and the scheme of roles."""
    concepts = sorted({triple.subject for triple in roles if isinstance(triple.subject, NamedNode)}, key=str)
    triples = list(roles)
    for number in range(agents * actions):
        me = NamedNode(f"{EX}participation/{number}")
        said = {
            "inAction": NamedNode(f"{EX}action/{dice.randrange(actions)}"),
            "participant": NamedNode(f"{EX}agent/{dice.randrange(agents)}"),
            "role": dice.choice(concepts),
        }
        triples += [Triple(me, NamedNode(f"{names.COOP}{term}"), value) for term, value in said.items()]
    return triples


def _count(predicate: str, given: str) -> str:
    inner = f"SELECT ?x (COUNT(DISTINCT ?y) AS ?number) WHERE {{ ?x {predicate} ?y }} GROUP BY ?x"
    return f"CONSTRUCT {{ ?x {given} ?number }} WHERE {{ {inner} }}"


def _between(dice: random.Random, left: list[NamedNode], right: list[NamedNode], kinds: tuple[str, ...]) -> Triple:
    return Triple(dice.choice(left), NamedNode(dice.choice(kinds)), dice.choice(right))


def _rule(dice: random.Random, name: str) -> Rule:
    variables = [Variable(letter) for letter in "abcd"]
    body = []
    for _ in range(dice.randint(1, 3)):
        subject, value = dice.choice(variables), dice.choice([*variables, *variables, dice.choice(_CLASSES)])
        body.append(Fact(subject, dice.choice([*_PROPERTIES, _TYPE]), value))
    bound = sorted({term for atom in body for term in atom if isinstance(term, Variable)}, key=str)
    predicate = dice.choice(bound) if dice.random() < 0.2 else dice.choice([*_PROPERTIES, _TYPE])
    head = Fact(dice.choice(bound), predicate, dice.choice([*bound, dice.choice(_CLASSES)]))
    distinct = ((bound[0], bound[-1]),) if len(bound) > 1 and dice.random() < 0.3 else ()
    return Rule(name, head, tuple(body), distinct)


def _list(items: list[NamedNode], name: str) -> tuple[NamedNode, list[Triple]]:
    nodes = [NamedNode(f"{EX}{name}/{number}") for number in range(len(items))]
    ends = [*nodes[1:], NamedNode(f"{names.RDF}nil")]
    first, rest = NamedNode(f"{names.RDF}first"), NamedNode(f"{names.RDF}rest")
    triples = [Triple(node, first, item) for node, item in zip(nodes, items, strict=True)]
    return nodes[0], triples + [Triple(node, rest, end) for node, end in zip(nodes, ends, strict=True)]


def _statement(dice: random.Random, nodes: list[NamedNode]) -> Triple:
    subject = dice.choice(nodes)
    if dice.random() < 0.2:
        return Triple(subject, _TYPE, dice.choice(_CLASSES))
    value = dice.choice(_LITERALS) if dice.random() < 0.1 else dice.choice(nodes)
    return Triple(subject, dice.choice(_PROPERTIES), value)
