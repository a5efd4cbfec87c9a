"""The graph as a page reads it, over small stores."""

from __future__ import annotations

import pytest

from coopkg import names
from coopkg.rdf import Literal, NamedNode, Quad
from coopkg.store import QuadStore
from coopkg.view import Text, View, folded, grouped, is_date

THING = f"{names.BASE}id/project/a"
LABEL, TITLE = f"{names.SKOS}prefLabel", f"{names.DCTERMS}title"
STATED, INFERRED = f"{names.GRAPH}a-page", names.INFERRED_GRAPH


def _said(predicate: str, value: NamedNode | Literal, graph: str = STATED, subject: str = THING) -> Quad:
    return Quad(NamedNode(subject), NamedNode(predicate), value, NamedNode(graph))


def _view(*quads: Quad, lang: str = "en") -> View:
    return View(QuadStore.in_memory(quads), lang)


FR, EN, DE, NONE = (
    Literal("un nom", language="fr"),
    Literal("a name", language="en"),
    Literal("ein Name", language="de"),
    Literal("nom"),
)


@pytest.mark.parametrize(
    ("labels", "lang", "chosen"),
    [
        ((FR, EN), "fr", Text("un nom", "fr")),
        ((FR, EN), "en", Text("a name", "en")),
        ((FR, DE), "en", Text("un nom", "fr", is_fallback=True)),
        ((EN, DE), "fr", Text("a name", "en", is_fallback=True)),
        ((DE,), "fr", Text("ein Name", "de", is_fallback=True)),
        ((FR, NONE), "en", Text("nom", "")),
    ],
)
def test_a_label_in_another_language_than_the_readers_says_so(
    labels: tuple[Literal, ...], lang: str, chosen: Text
) -> None:
    assert _view(*(_said(LABEL, label) for label in labels), lang=lang).label(THING) == chosen


def test_a_thing_without_a_label_is_called_by_its_title_and_else_by_its_iri() -> None:
    assert _view(_said(TITLE, EN)).label(THING) == Text("a name", "en")
    assert _view().label(THING) == Text(THING)
    assert _view().label(f"{names.COOP}Project") == Text("coop:Project")


def test_what_follows_from_others_is_told_from_what_a_graph_states() -> None:
    view = _view(
        _said(LABEL, FR),
        _said(f"{names.COOP}locatedIn", NamedNode(f"{names.BASE}id/territory/region/11"), INFERRED),
        _said(f"{names.COOP}theme", NamedNode(f"{names.BASE}scheme/theme/food")),
        _said(f"{names.COOP}theme", NamedNode(f"{names.BASE}scheme/theme/food"), f"{names.GRAPH}another-page"),
        _said(f"{names.COOP}theme", NamedNode(f"{names.BASE}scheme/theme/food"), INFERRED),
    )
    told = {one.predicate: (one.graphs, one.is_inferred) for one in view.statements(THING)}
    assert told == {
        LABEL: ((STATED,), False),
        f"{names.COOP}locatedIn": ((INFERRED,), True),
        f"{names.COOP}theme": ((STATED, f"{names.GRAPH}another-page"), False),
    }


def test_values_come_once_and_in_order_whatever_states_them() -> None:
    one, two = NamedNode(f"{names.BASE}id/a/1"), NamedNode(f"{names.BASE}id/a/2")
    predicate = f"{names.COOP}hasParticipant"
    view = _view(
        _said(predicate, two), _said(predicate, one, INFERRED), _said(predicate, one), _said(predicate, Literal("x"))
    )
    assert view.iris(THING, predicate) == [one.value, two.value]
    assert view.subjects(predicate, one.value) == [THING]
    assert view.value(THING, predicate) == "x"
    assert view.exists(THING)
    assert not view.exists(one.value)


def test_names_are_sorted_as_readers_expect() -> None:
    named = {"z": "œuvre", "y": "Ovale", "x": "Élan", "w": "eau", "v": "zèbre"}
    view = _view(*(_said(LABEL, Literal(name, language="fr"), subject=f"urn:{one}") for one, name in named.items()))
    assert [iri[-1] for iri in view.sorted_by_label(f"urn:{one}" for one in named)] == ["w", "x", "z", "y", "v"]
    assert folded("L’ÎLE Œ") == "l'ile oe"


def test_dates_are_told_from_other_literals() -> None:
    assert is_date(Literal("2019-07", datatype=NamedNode(f"{names.XSD}gYearMonth")))
    assert not is_date(Literal("2019-07"))
    assert not is_date(Literal("2019", datatype=NamedNode("urn:date")))


@pytest.mark.parametrize(
    ("number", "french", "english"),
    [
        (0, "0", "0"),
        (1234567, "1\u202f234\u202f567", "1,234,567"),
        ("1250.50", "1\u202f250,50", "1,250.50"),
        ("-1000", "-1\u202f000", "-1,000"),
        ("about ten", "about ten", "about ten"),
        ("", "", ""),
    ],
)
def test_a_number_is_written_as_its_reader_writes_it(number: object, french: str, english: str) -> None:
    assert (grouped(number, "fr"), grouped(number, "en")) == (french, english)
