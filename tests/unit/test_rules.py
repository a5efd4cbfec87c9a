"""The rule files, read: they give what the engines of SPARQL give, and what is no rule is refused at its line."""

from __future__ import annotations

import random
import re

import pytest
import rdflib

from coopkg import referee, rules
from coopkg.axioms import TYPE
from coopkg.errors import InputError
from coopkg.rdf import Literal, NamedNode, Quad, RdfFormat, Triple, to_bytes
from coopkg.reasoner import Reasoner
from coopkg.store import QuadStore

NODES = [NamedNode(f"urn:x:{letter}") for letter in "abcdef"]
MAKES = 'BIND(IRI(CONCAT("http://x/", SHA256(CONCAT(STR(?x), " ", STR(?y))))) AS ?new)'
TEXTS = [
    "CONSTRUCT { ?x :p ?y } WHERE { ?x :q ?y }",
    "CONSTRUCT { ?y :p ?x . ?x :p ?x } WHERE { ?x :q ?y . FILTER(?x != ?y) }",
    "CONSTRUCT { ?x :p ?y } WHERE { ?x :q+ ?y }",
    "CONSTRUCT { ?x :p ?y } WHERE { ?x :q/:r ?y ; :r ?z . }",
    "CONSTRUCT { ?x :p ?y } WHERE { ?x :q/:r* ?y }",
    "CONSTRUCT { ?x :p ?y } WHERE { ?x :q/:r+/:q ?y }",
    "CONSTRUCT { ?x :p :a } WHERE { ?x :q+/:r* :b , :c . }",
    "CONSTRUCT { ?x ?property ?y } WHERE { ?x :q ?y . ?y :r ?property }",
    "CONSTRUCT { ?x a :p } WHERE { ?x a :a ; :q ?x }  # a loop",
    "CONSTRUCT { ?x :p ?y } WHERE { ?x :q/:r* ?y FILTER(STR(?x) < STR(?y)) }",
    f"CONSTRUCT {{ ?new :of ?x , ?y ; a :New . ?x :in ?new }} WHERE {{ ?x :q ?y {MAKES} ?x :r ?z FILTER(?y != ?z) }}",
    'CONSTRUCT { ?new :of ?new } WHERE { ?x :q ?y BIND(IRI(CONCAT("http://x/",SHA256(CONCAT(STR(?x)))))AS ?new) }',
    "CONSTRUCT { ?x :p ?n } WHERE { SELECT ?x (COUNT(DISTINCT ?y) AS ?n) WHERE { ?x :q ?y } GROUP BY ?x }",
    "CONSTRUCT { ?x :p ?n } { select ?x (count(distinct ?y) as ?n) where { ?x :q/:r* ?y . } group by ?x }",
]
#: Forms that not every engine has from the beginning: rdflib is asked too.
OF_ALL_ENGINES = [text for text in TEXTS if "STR(" in text or "count(" in text.lower()]


@pytest.mark.parametrize("text", TEXTS)
def test_a_rule_gives_what_the_engine_gives(text: str) -> None:
    text = f"PREFIX : <urn:x:>\n{text}"
    kinds = [NamedNode(f"urn:x:{letter}") for letter in "qqqrr"] + [TYPE]
    for seed in range(20):
        dice = random.Random(seed)  # noqa: S311  # the same cases in each run
        data = {Triple(dice.choice(NODES), dice.choice(kinds), dice.choice(NODES)) for _ in range(dice.randint(0, 15))}
        store = QuadStore.in_memory([Quad(t.subject, t.predicate, t.object, NamedNode("urn:x:graph")) for t in data])
        ours = {
            fact for fact in Reasoner(rules.read("a", text), data).inferred() if isinstance(fact.predicate, NamedNode)
        }
        once = {tuple(triple) for triple in referee.constructed(store, text)} - {tuple(triple) for triple in data}
        assert ours == once


@pytest.mark.parametrize("text", OF_ALL_ENGINES)
def test_what_is_ordered_made_or_counted_is_what_rdflib_orders_makes_and_counts(text: str) -> None:
    text = f"PREFIX : <urn:x:>\n{text}"
    kinds = [NamedNode(f"urn:x:{letter}") for letter in "qqqr"]
    followed = 0
    for seed in range(20):
        dice = random.Random(seed)  # noqa: S311  # the same cases in each run
        values: list[NamedNode | Literal] = [*NODES, Literal("é"), Literal("Z", language="fr")]
        data = {Triple(dice.choice(NODES), dice.choice(kinds), dice.choice(values)) for _ in range(12)}
        ours = {
            fact for fact in Reasoner(rules.read("a", text), data).inferred() if isinstance(fact.predicate, NamedNode)
        }
        graph = rdflib.Graph().parse(data=to_bytes((Quad(*t) for t in data), RdfFormat.N_TRIPLES), format="nt")
        theirs = {tuple(term.n3() for term in triple) for triple in set(graph.query(text).graph or ()) - set(graph)}
        assert {tuple(map(str, fact)) for fact in ours} == theirs
        followed += len(ours)
    assert followed


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("SELECT * { ?x :p ?y }", ":1: 'SELECT' is not understood: expected CONSTRUCT"),
        ("CONSTRUCT { ?x :p ?y }\nWHERE { OPTIONAL { ?x :q ?y } }", ":2: 'OPTIONAL' is not understood"),
        ("CONSTRUCT { ?x :p ?y }\nWHERE { ?x :q ?y\nFILTER(?x < ?y) }", ":3: '<' is not understood: expected !="),
        ("CONSTRUCT { ?x :p ?y } WHERE { ?x :q ?y FILTER(STR(?x) > STR(?y)) }", "'> STR(?y)) }' is not understood"),
        ("CONSTRUCT { ?x :p ?y } WHERE { ?x :q ?y FILTER(STR(?x) < STR(?z)) }", "?z is not bound"),
        ("CONSTRUCT { ?x :p ?y } WHERE { ?x :q ?y FILTER(STR(?x) < 'a') }", "is not understood"),
        (f"CONSTRUCT {{ ?new :p ?x }} WHERE {{ {MAKES} ?x :q ?y }}", "?x is not bound by the pattern"),
        (f"CONSTRUCT {{ ?new :p ?x }} WHERE {{ ?x :q ?y {MAKES} ?new :q ?x }}", "may stand in CONSTRUCT alone"),
        (f"CONSTRUCT {{ ?new :p ?x }} WHERE {{ ?x :q ?y , ?new {MAKES} }}", "BIND must make a variable of its own"),
        (f"CONSTRUCT {{ ?x ?new ?y }} WHERE {{ ?x :q ?y {MAKES} }}", "?new is not bound by the pattern"),
        (f"CONSTRUCT {{ ?new :p ?x }} WHERE {{ ?x :q ?y {MAKES} FILTER(?x != ?new) }}", "?new is not bound"),
        (
            f"CONSTRUCT {{ ?new :p ?x }}\nWHERE {{ ?x :q ?y\n{MAKES.replace('http://x/', 'x/')} }}",
            ":3: '\"x/\"' is not understood: expected the beginning of an http IRI",
        ),
        ("CONSTRUCT { ?n :p ?x } WHERE { ?x :q ?y BIND(IRI(STR(?y)) AS ?n) }", "expected CONCAT"),
        ("CONSTRUCT { ?n :p ?x } WHERE { ?x :q ?y BIND(1 AS ?n) }", "'1 AS ?n) }' is not understood"),
        (
            "CONSTRUCT { ?x :p ?n }\nWHERE { SELECT ?x (COUNT(?y) AS ?n) WHERE { ?x :q ?y } GROUP BY ?x }",
            ":2: '?y' is not understood: expected DISTINCT",
        ),
        (
            "CONSTRUCT { ?y :p ?n } WHERE { SELECT ?x (COUNT(DISTINCT ?y) AS ?n) WHERE { ?x :q ?y } GROUP BY ?x }",
            "construct the count of ?x alone",
        ),
        (
            "CONSTRUCT { ?x :p ?n } WHERE { SELECT ?x (COUNT(DISTINCT ?y) AS ?n)"
            " WHERE { ?x :q ?y ; :r ?z } GROUP BY ?x }",
            "expected one pattern",
        ),
        (
            "CONSTRUCT { ?x :p ?n } WHERE { SELECT ?x (COUNT(DISTINCT ?y) AS ?n)"
            " WHERE { ?x :q ?y FILTER(?x != ?y) } GROUP BY ?x }",
            "expected one pattern",
        ),
        (
            "CONSTRUCT { ?x :p ?n } WHERE { SELECT ?x (COUNT(DISTINCT ?y) AS ?n) WHERE { ?x :q ?y } GROUP BY ?y }",
            "expected the first variable of SELECT",
        ),
        ("CONSTRUCT { ?x :p ?y } WHERE", "the end of the file is not understood"),
        ("CONSTRUCT { ?x :p ?y } WHERE { ?x ?q ?y }", "a predicate of the pattern must be an IRI"),
        ("CONSTRUCT { ?x :p ?y } WHERE { ?x :q*/:r ?y }", "a path may not begin with a step that may be absent"),
        ("CONSTRUCT { ?x :p ?z } WHERE { ?x :q ?y }", "?z is not bound"),
        ("CONSTRUCT { ?x :p ?y } WHERE { ?x :q ?y FILTER(?x != ?z) }", "?z is not bound"),
        ("CONSTRUCT { ?x :p 1 } WHERE { ?x :q ?y }", "'1 } WHERE { ?x :q ?y }' is not understood"),
        ("CONSTRUCT { ?x :p 'a' } WHERE { ?x :q ?y }", "is not understood"),
        ("CONSTRUCT { ?x nope:p ?y } WHERE { ?x :q ?y }", "'nope:p' is not understood: the prefix is not declared"),
        ("CONSTRUCT { ?x :p ?y } WHERE { ?x :q ?y } LIMIT 1", "is not understood"),
        ("CONSTRUCT { ?x :p ?y } WHERE { ?x :q ?y } WHERE", "nothing may follow the pattern"),
        ("CONSTRUCT { ?x :p ?y } WHERE { ?x :q ?y", "the end of the file is not understood"),
        ("CONSTRUCT { } WHERE { ?x :q ?y }", "constructs nothing"),
        ("CONSTRUCT { :a :p :b } WHERE { }", "constructs nothing, or from nothing"),
        ("CONSTRUCT { ?x :p ?y } WHERE { SERVICE <urn:x:> { ?x :q ?y } }", "'SERVICE' is not understood"),
        ("CONSTRUCT { ?x :p _:b } WHERE { ?x :q ?y }", "is not understood"),
        ("CONSTRUCT { ?x :p ?y } WHERE { ?x (:q|:r) ?y }", "is not understood"),
        ("CONSTRUCT { ?x :p ?y } WHERE { ?x ^:q ?y }", "is not understood"),
    ],
)
def test_what_is_no_rule_is_refused_at_its_line(text: str, told: str) -> None:
    with pytest.raises(InputError, match=re.escape(told)) as fault:
        rules.read("a-rule", f"PREFIX : <urn:x:> {text}")
    assert str(fault.value).startswith("ontology/rules/a-rule.rq:")
