"""Random shapes of every construct that is compiled, random graphs for them, and random changes of these."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from coopkg import names
from coopkg.rdf import Literal, NamedNode, RdfFormat, Triple, parse_quads
from tests.shacl.reports import triples

EX = "https://example.org/"
_PREFIXES = f"""
PREFIX : <{EX}>
PREFIX sh: <{names.SH}>
PREFIX xsd: <{names.XSD}>
PREFIX rdf: <{names.RDF}>
PREFIX rdfs: <{names.RDFS}>
:prefixes sh:declare [ sh:prefix "" ; sh:namespace "{EX}"^^xsd:anyURI ] .
:LinkedConstraintComponent a sh:ConstraintComponent ;
    sh:parameter [ sh:path :via ] , [ sh:path :kind ; sh:optional true ] ;
    sh:validator [ sh:prefixes :prefixes ; sh:ask
        "ASK {{ $value $via ?end . FILTER(!BOUND($kind) || EXISTS {{ ?end a $kind }}) }}" ] .
:BackConstraintComponent a sh:ConstraintComponent ; sh:parameter [ sh:path :back ] ;
    sh:validator [ sh:prefixes :prefixes ; sh:ask
        "ASK {{ FILTER NOT EXISTS {{ ?other $back $value . ?other :p0 $this }} }}" ] .
:LonelyConstraintComponent a sh:ConstraintComponent ; sh:parameter [ sh:path :lonely ] ;
    sh:nodeValidator [ sh:prefixes :prefixes ; sh:select
        "SELECT DISTINCT $this {{ $this $lonely ?end . FILTER NOT EXISTS {{ ?end $lonely ?any }} }}" ] ;
    sh:propertyValidator [ sh:prefixes :prefixes ; sh:select
        "SELECT DISTINCT $this ?value {{ $this $PATH ?value . ?other $lonely ?value . FILTER(?other != $this) }}" ] .
"""
_TYPE, _SUBCLASS = NamedNode(f"{names.RDF}type"), NamedNode(f"{names.RDFS}subClassOf")
_CLASSES = [NamedNode(f"{EX}C{number}") for number in range(5)]
_PROPERTIES = [NamedNode(f"{EX}p{number}") for number in range(6)]
_LITERALS = [
    *(Literal(text) for text in ("a", "b", "abc", "ab\u00e9", "2")),
    *(Literal(text, language=tag) for text, tag in (("a", "fr"), ("b", "fr"), ("a", "en"), ("c", "en-gb"))),
    *(Literal(text, language="de") for text in "abcd"),
    *(Literal(str(number), datatype=NamedNode(f"{names.XSD}integer")) for number in (1, 2, 3)),
    Literal("2.5", datatype=NamedNode(f"{names.XSD}decimal")),
    *(Literal(day, datatype=NamedNode(f"{names.XSD}date")) for day in ("2024-02-29", "2025-01-01")),
    Literal("true", datatype=NamedNode(f"{names.XSD}boolean")),
]
_NUMBERS = [literal for literal in _LITERALS if literal.datatype.value.endswith(("#integer", "#decimal"))]
_BY_ORDER = ("minInclusive", "minExclusive", "maxInclusive", "maxExclusive", "lessThan", "lessThanOrEquals")
_REGEXES = ("^[A-C]+$", "1", "n[0-4]$", "^a.?b")
_FLAGS = ("s", "i")
_TAGS = ("'de'", "'en'", "'en-GB'")
_VALUES = (":n1", "2", "'a'@fr")
#: Queries of SPARQL constraints: uniqueness, negation, unions, paths, and what is not connected to the focus node.
_QUERIES = (
    "$this :{p} ?value . ?other :{p} ?value . FILTER(?other != $this)",
    "$this :{p} ?value . FILTER NOT EXISTS {{ ?value :{q} ?any }}",
    "$this :{p}/:{q} ?value . FILTER NOT EXISTS {{ ?value a :{c} }}",
    "$this :{p} ?value . OPTIONAL {{ ?value :{q} ?there . ?there :{r} ?far }} FILTER(!BOUND(?far))",
    "{{ $this :{p} ?value }} UNION {{ ?value :{q} $this }} FILTER(?value != $this)",
    "?value (:{p}|^:{q})+ $this . ?value a :{c} .",
    "$this a :{c} . FILTER NOT EXISTS {{ ?any a :{d} }}",
    "$this :{p} ?value . {{ ?value :{q} ?x }} UNION {{ ?x :{r} ?value }} FILTER NOT EXISTS {{ ?x a :{c} ; :{q} [] }}",
    "$this ?any ?value . FILTER(isLiteral(?value) && STRLEN(STR(?value)) = 3)",
    "$this :{p}*/:{q} ?value . FILTER(isIRI(?value))",
    "BIND($this AS ?same) ?same :{p} ?value . ?value a :{c}",
)


def shapes(dice: random.Random) -> list[Triple]:
    """Return some shapes with targets, and those that they refer to; half of the time none that compares by order."""
    dice = _Unordered(dice.random()) if dice.random() < 0.5 else dice
    inner = [f":inner{number}" for number in range(4)]
    text = [_PREFIXES]
    for number, name in enumerate(inner):
        text.append(f"{name} a sh:NodeShape ; {_constraints(dice, inner[:number], path=False)} .")
    for number in range(6):
        if dice.random() < 0.3:
            kind, held = "PropertyShape", f"sh:path {_path(dice, 2)} ; {_constraints(dice, inner, path=True)}"
        else:
            kind, held = "NodeShape", _constraints(dice, inner, path=False)
            held += f" ; {_siblings(dice, inner)}" if dice.random() < 0.3 else ""
            held += " ; " + " ; ".join(f"sh:property {_property(dice, inner)}" for _ in range(dice.randint(1, 3)))
        targets = " ; ".join(_target(dice) for _ in range(dice.choice([1, 1, 2])))
        text.append(f":shape{number} a sh:{kind} ; {targets} ; {held} .")
    return triples(parse_quads("\n".join(text).encode(), RdfFormat.TURTLE, "shapes"))


def has_order(shapes: list[Triple]) -> bool:
    """Whether a constraint of some shapes compares values by their order."""
    return any(triple.predicate.value.removeprefix(names.SH) in _BY_ORDER for triple in shapes)


class _Unordered(random.Random):
    """Dice that never choose a comparison by order."""

    def choice(self, seq: Any) -> Any:
        while _is_by_order(one := super().choice(seq)):
            pass
        return one


def _is_by_order(choice: object) -> bool:
    return isinstance(choice, str) and any(f"sh:{name} " in choice for name in _BY_ORDER)


def graph(dice: random.Random, size: int, *, numbers: bool = False) -> list[Triple]:
    """Return about that many random triples, over a small class tree.

    Args:
        numbers: whether the values of properties are numbers alone, which every judge orders alike.
    """
    nodes = _nodes(size)
    tree = [Triple(_CLASSES[1], _SUBCLASS, _CLASSES[0]), Triple(_CLASSES[2], _SUBCLASS, _CLASSES[1])]
    return list(dict.fromkeys([*tree, *(_statement(dice, nodes, numbers=numbers) for _ in range(size))]))


def changes(dice: random.Random, start: list[Triple], steps: int) -> Iterator[tuple[list[Triple], list[Triple]]]:
    """Yield what goes and what comes, step by step; none of it in vain."""
    present = dict.fromkeys(start)
    nodes = _nodes(len(start))
    for _ in range(steps):
        gone = dice.sample(list(present), min(len(present), dice.randint(0, 3)))
        if dice.random() < 0.1:
            gone.append(Triple(_CLASSES[1], _SUBCLASS, _CLASSES[0]))
        gone = [triple for triple in dict.fromkeys(gone) if triple in present]
        new = [_statement(dice, nodes) for _ in range(dice.randint(0, 3))]
        new = [triple for triple in dict.fromkeys(new) if triple not in present]
        for triple in gone:
            del present[triple]
        present |= dict.fromkeys(new)
        yield gone, new


def _nodes(size: int) -> list[NamedNode]:
    return [NamedNode(f"{EX}n{number}") for number in range(max(4, size // 4))]


def _statement(dice: random.Random, nodes: list[NamedNode], *, numbers: bool = False) -> Triple:
    if dice.random() < 0.25:
        return Triple(dice.choice(nodes), _TYPE, dice.choice(_CLASSES))
    value = dice.choice(_LITERALS) if dice.random() < 0.45 else dice.choice(nodes)
    if numbers:
        value = dice.choice(_NUMBERS)
    return Triple(dice.choice(nodes), dice.choice(_PROPERTIES), value)


def _target(dice: random.Random) -> str:
    return dice.choice(
        [
            f"sh:targetClass :C{dice.randrange(4)}",
            f"sh:targetClass :C{dice.randrange(4)}",
            f"sh:targetSubjectsOf :p{dice.randrange(6)}",
            f"sh:targetObjectsOf :p{dice.randrange(6)}",
            f"sh:targetNode :n{dice.randrange(6)}",
            'sh:targetNode "a"@fr',
        ]
    )


def _path(dice: random.Random, depth: int, *, chains: bool = True, repeats: bool = True, inverses: bool = True) -> str:
    """Return a path without what pySHACL 0.40 does not walk as it stands.

    No chain inside an inverse, which it walks backwards in the order of its steps; no repeat inside a repeat and no
    inverse inside an inverse, which it writes without parentheses into the queries of components.
    """
    if not depth or dice.random() < 0.5:
        return f":p{dice.randrange(6)}"
    repeating = ["zeroOrMore", "oneOrMore", "zeroOrOne"]
    kinds = [*(["inverse"] * inverses), "alternative", *(repeating * repeats), *(["chain"] * chains)]
    kind = dice.choice(kinds)
    within = kind == "inverse"
    inside = {
        "chains": chains and not within,
        "repeats": repeats and kind not in repeating,
        "inverses": inverses and not within,
    }
    one, other = (_path(dice, depth - 1, **inside) for _ in range(2))
    if kind == "chain":
        return f"( {one} {other} )"
    if kind == "alternative":
        return f"[ sh:alternativePath ( {one} {other} ) ]"
    return f"[ sh:{kind}Path {one} ]"


def _property(dice: random.Random, inner: list[str]) -> str:
    return f"[ sh:path {_path(dice, 2)} ; {_constraints(dice, inner, path=True)} ]"


def _siblings(dice: random.Random, inner: list[str]) -> str:
    """Return two property shapes whose qualified shapes exclude each other's values."""
    path, shapes = _path(dice, 1), dice.sample(inner, 2)
    both = f"sh:path {path} ; sh:qualifiedValueShapesDisjoint true ; sh:qualifiedMinCount {dice.randint(1, 2)}"
    return " ; ".join(f"sh:property [ {both} ; sh:qualifiedValueShape {shape} ]" for shape in shapes)


def _constraints(dice: random.Random, inner: list[str], *, path: bool) -> str:
    makers = [*_OF_VALUES, *([_of_shapes] if inner else []), *([_of_sets] * 2 if path else [_of_nodes])]
    count = dice.choice([1, 1, 2])
    said: dict[str, str] = {}
    for maker in dice.choices(makers, k=count):
        one = maker(dice, inner)
        said.setdefault(one.split()[0], one)
    return " ; ".join(said.values())


def _of_value(dice: random.Random, _: list[str]) -> str:
    return dice.choice(
        [
            f"sh:class :C{dice.randrange(4)}",
            f"sh:datatype {dice.choice(['xsd:integer', 'xsd:string', 'rdf:langString', 'xsd:date', 'xsd:decimal'])}",
            f"sh:nodeKind sh:{dice.choice(['IRI', 'Literal', 'BlankNodeOrIRI', 'IRIOrLiteral', 'BlankNodeOrLiteral'])}",
            f"sh:minLength {dice.randint(1, 24)}",
            f"sh:maxLength {dice.randint(1, 24)}",
            f"sh:pattern '{dice.choice(_REGEXES)}' ; sh:flags '{dice.choice(_FLAGS)}'",
            f"sh:in ( :n1 :n2 :n3 :n4 1 2 'a' 'b'@en {dice.choice((':n0', 'true', ':n5'))} )",
            f"sh:languageIn ( 'fr' {dice.choice(_TAGS)} )",
            f"sh:{dice.choice(['min', 'max'])}{dice.choice(['Inclusive', 'Exclusive'])} {dice.choice(['2', '2.5'])}",
        ]
    )


def _sparql(dice: random.Random, _: list[str]) -> str:
    words = {letter: f"p{dice.randrange(6)}" for letter in "pqr"} | {letter: f"C{dice.randrange(5)}" for letter in "cd"}
    body = dice.choice(_QUERIES).format(**words)
    return f"sh:sparql [ sh:prefixes :prefixes ; sh:select '''SELECT DISTINCT $this ?value WHERE {{ {body} }}''' ]"


def _own(dice: random.Random, _: list[str]) -> str:
    """Return the parameters of a component of one's own."""
    number = dice.randrange(6)
    kind = dice.choice(["", f" ; :kind :C{dice.randrange(5)}"])
    return dice.choice([f":via :p{number}{kind}", f":back :p{number}", f":lonely :p{number}"])


_OF_VALUES = [_of_value, _of_value, _of_value, _sparql, _own]


def _of_shapes(dice: random.Random, inner: list[str]) -> str:
    one, other = dice.choice(inner), dice.choice(inner)
    return dice.choice(
        [
            f"sh:node {one}",
            f"sh:not {one}",
            f"sh:{dice.choice(['and', 'or', 'xone'])} ( {one} {other} )",
            f"sh:{dice.choice(['or', 'xone'])} ( {one} [ {_constraints(dice, [], path=False)} ] )",
            f"sh:property {_property(dice, [])}",
        ]
    )


def _of_nodes(dice: random.Random, _: list[str]) -> str:
    return dice.choice(
        [
            f"sh:closed true ; sh:ignoredProperties ( rdf:type :p{dice.randrange(6)} ) ; sh:property [ sh:path :p1 ]",
            f"sh:hasValue :n{dice.randrange(6)}",
            f"sh:disjoint :p{dice.randrange(6)}",
            f"sh:property {_property(dice, [])}",
        ]
    )


def _of_sets(dice: random.Random, inner: list[str]) -> str:
    number = dice.randrange(6)
    choices = [
        f"sh:minCount {dice.randint(0, 3)}",
        f"sh:maxCount {dice.randint(0, 2)}",
        f"sh:hasValue {dice.choice(_VALUES)}",
        *["sh:uniqueLang true"] * 3,
        f"sh:equals :p{number}",
        f"sh:disjoint :p{number}",
        f"sh:{dice.choice(['lessThan', 'lessThanOrEquals'])} :p{number}",
    ]
    if inner:
        disjoint = dice.choice(["true", "false"])
        choices += [
            f"sh:qualifiedValueShape {dice.choice(inner)} ; sh:qualifiedMinCount {dice.randint(0, 2)} ; "
            f"sh:qualifiedMaxCount {dice.randint(0, 2)} ; sh:qualifiedValueShapesDisjoint {disjoint}"
        ] * 2
    return dice.choice(choices)
