"""Made-up graphs pass the gate's judgement: no violation, and no more warnings than the real data has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest

from coopkg.content import Content
from coopkg.findings import Finding, Tier
from coopkg.judge import Judge, Rulebook
from coopkg.rdf import NamedNode, Quad, RdfFormat, parse_quads
from coopkg.store import QuadStore
from coopkg.synth import forms
from coopkg.synth.country import Country
from coopkg.synth.places import Places
from coopkg.synth.tables import Tables
from tests.made_up import reference

#: Of a hundred real actions, so many have no participation yet: what they are warned of.
WARNED_PERCENT = 22


@pytest.fixture(scope="module")
def ontology(content: Content) -> list[Quad]:
    return [quad for file in content.files if file.path.startswith("ontology/") for quad in content.read(file)]


def graph(places: Places, tables: Tables, size: int) -> list[Quad]:
    """A made-up graph with the territories and goals that it names."""
    text = "".join(forms.quads(document) for document in Country(places, seed=7).documents(size))
    made = parse_quads(text.encode(), RdfFormat.N_QUADS, "made up")
    return [*made, *tables.around(quad.object for quad in made if isinstance(quad.object, NamedNode))]


def found(content: Content, quads: Sequence[Quad], engine: str = "compiled") -> Counter[tuple[Tier, str]]:
    findings: Sequence[Finding] = Judge(Rulebook.of(content), engine=engine).judge(QuadStore.apart(quads)).findings
    return Counter((finding.tier, finding.shape) for finding in findings)


@pytest.mark.parametrize("size", [5_000, 100_000])
def test_the_compiled_shapes_find_no_violation(content: Content, ontology: list[Quad], size: int) -> None:
    places, tables = reference()
    made = graph(places, tables, size)
    tiers = Counter[Tier]()
    for (tier, _), number in found(content, [*ontology, *made]).items():
        tiers[tier] += number
    documents = sum(quad.predicate.value.endswith("#describes") for quad in made)
    assert not tiers[Tier.VIOLATION]
    assert 0 < tiers[Tier.WARNING] <= documents * WARNED_PERCENT // 100


def test_pyshacl_finds_the_same(content: Content, ontology: list[Quad]) -> None:
    made = [*ontology, *graph(*reference(), 5_000)]
    assert found(content, made, "pyshacl") == found(content, made)


def test_a_broken_one_is_found(content: Content, ontology: list[Quad]) -> None:
    made = [quad for quad in graph(*reference(), 5_000) if not quad.predicate.value.endswith("#inAction")]
    assert any(tier is Tier.VIOLATION for tier, _ in found(content, [*ontology, *made]))
