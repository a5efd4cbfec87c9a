"""Inference: what the ontology entails, and what it must leave alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import rdflib
from rdflib import XSD

from coopkg import inference, names
from coopkg.content import Content
from coopkg.rdf import NamedNode, Quad, Triple

CONTENT = Content(Path(__file__).parent.parent.parent)
FILES = {file.path: file for file in CONTENT.files}


def quads(*paths: str) -> list[Quad]:
    return [quad for path in paths for quad in CONTENT.read(FILES[path])]


def rules() -> dict[str, str]:
    return {name: text for name, text in CONTENT.rules().items() if name != "within"}


def test_leaving_out_labels_and_metadata_changes_nothing_that_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    data, ontology = quads("data/sources/fonda-vrac.trig", "ontology/schemes/role.ttl"), quads("ontology/coop.ttl")
    quick = inference.closure(data, ontology, rules())
    monkeypatch.setattr(inference, "_relevant", lambda data, _: data)
    monkeypatch.setattr(inference, "_axioms", lambda terms: terms)
    assert quick == inference.closure(data, ontology, rules())
    assert any(triple.predicate.value == f"{names.COOP}hasParticipant" for triple in quick)


def test_owlrl_leaves_no_datatype_behind_in_rdflib() -> None:
    assert rdflib.Literal("abc", datatype=XSD.gYear).ill_typed is None
    inference.closure(quads("data/sources/fonda-vrac.trig"), quads("ontology/coop.ttl"), {})
    assert rdflib.Literal("abc", datatype=XSD.gYear).ill_typed is None


def test_what_is_asserted_is_not_given_again() -> None:
    data = quads("data/sources/fonda-vrac.trig", "ontology/schemes/role.ttl")
    asserted = {Triple(quad.subject, quad.predicate, quad.object) for quad in data}
    assert not inference.closure(data, quads("ontology/coop.ttl"), rules()) & asserted


def test_nothing_follows_about_the_ontologys_own_terms() -> None:
    ontology = quads("ontology/coop.ttl")
    own = {quad.subject for quad in ontology}
    entailed = inference.closure(quads("data/sources/fonda-vrac.trig"), ontology, {})
    assert entailed
    assert all(isinstance(triple.subject, NamedNode) and triple.subject not in own for triple in entailed)
