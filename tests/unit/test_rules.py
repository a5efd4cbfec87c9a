"""The rule files, read: they give what the store's engine gives, and what is no rule is refused at its line."""

from __future__ import annotations

import random
import re

import pytest

from coopkg import referee, rules
from coopkg.axioms import TYPE
from coopkg.errors import InputError
from coopkg.rdf import NamedNode, Quad, Triple
from coopkg.reasoner import Reasoner
from coopkg.store import QuadStore

NODES = [NamedNode(f"urn:x:{letter}") for letter in "abcdef"]
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
]


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


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("SELECT * { ?x :p ?y }", ":1: 'SELECT' is not understood: expected CONSTRUCT"),
        ("CONSTRUCT { ?x :p ?y }\nWHERE { OPTIONAL { ?x :q ?y } }", ":2: 'OPTIONAL' is not understood"),
        ("CONSTRUCT { ?x :p ?y }\nWHERE { ?x :q ?y\nFILTER(?x < ?y) }", ":3: '< ?y) }' is not understood"),
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
