"""GeoSPARQL: what the functions that we promise say of our outlines, judged by Shapely, which shares no code with the
engine; and what our documents say of the outlines."""

from __future__ import annotations

import gzip
import itertools
import math
from functools import cache

import pytest
import shapely
from shapely import wkt
from shapely.geometry.base import BaseGeometry

from coopkg import names, store
from coopkg.errors import QueryError
from coopkg.rdf import RdfFormat, parse_quads
from coopkg.store import QuadStore
from tests.conftest import REPOSITORY

_REFERENCE = REPOSITORY / "data" / "reference"
_CRS84 = "<http://www.opengis.net/def/crs/OGC/1.3/CRS84> "
#: Of Shapely, for each relation of GeoSPARQL.
_JUDGES = {
    "sfEquals": shapely.equals,
    "sfDisjoint": shapely.disjoint,
    "sfIntersects": shapely.intersects,
    "sfTouches": shapely.touches,
    "sfCrosses": shapely.crosses,
    "sfWithin": shapely.within,
    "sfContains": shapely.contains,
    "sfOverlaps": shapely.overlaps,
}
_MAKERS = {
    "intersection": shapely.intersection,
    "union": shapely.union,
    "difference": shapely.difference,
    "symDifference": shapely.symmetric_difference,
}
_SHAPERS = {
    "envelope": shapely.envelope,
    "centroid": shapely.centroid,
    "convexHull": shapely.convex_hull,
}
_SQUARE = "POLYGON ((0 0, 2 0, 2 2, 0 2, 0 0))"
#: In each relation with the square, and with each other.
_DRAWN = (
    _SQUARE,
    "POLYGON ((2 0, 4 0, 4 2, 2 2, 2 0))",
    "POLYGON ((1 1, 3 1, 3 3, 1 3, 1 1))",
    "POLYGON ((0.5 0.5, 1 0.5, 1 1, 0.5 0.5))",
    "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (1 1, 1 8, 8 8, 8 1, 1 1))",
    "MULTIPOLYGON (((5 5, 6 5, 6 6, 5 5)), ((7 7, 8 7, 8 8, 7 7)))",
    "LINESTRING (-1 1, 3 1)",
    "LINESTRING (0 0, 2 0)",
    "POINT (1 1)",
    "POINT (2 2)",
    "POINT (9 -9)",
)


@cache
def _reference() -> QuadStore:
    quads = []
    for name in ("geometries.nq.gz", "departements.nq", "regions.nq"):
        content = (_REFERENCE / name).read_bytes()
        content = gzip.decompress(content) if name.endswith(".gz") else content
        quads += parse_quads(content, RdfFormat.N_QUADS, name)
    return QuadStore.in_memory(quads)


def asked(query: str) -> list[tuple[str | None, ...]]:
    """Return the rows of a query over outlines, régions and départements."""
    return store.rows(_reference().query(query))


def said(expression: str) -> str | None:
    """Return the value of an expression; None where it has none."""
    ((value,),) = asked(f"SELECT ({expression} AS ?value) {{}}")
    return value


def literal(outline: str) -> str:
    return f'"{outline}"^^geo:wktLiteral'


def drawn(outline: str | None) -> BaseGeometry:
    assert outline is not None
    return wkt.loads(outline.removeprefix(_CRS84))


@cache
def _outlines() -> dict[str, BaseGeometry]:
    rows = asked("SELECT ?geometry ?outline { ?geometry geo:asWKT ?outline }")
    return {str(geometry): drawn(outline) for geometry, outline in rows}


def test_every_function_that_is_promised_is_judged_here() -> None:
    assert {*_JUDGES} == {*names.GEO_RELATIONS}
    assert {*_JUDGES, *_MAKERS, *_SHAPERS, "distance"} == {*names.GEO_FUNCTIONS}


@pytest.mark.parametrize("relation", _JUDGES)
def test_a_relation_between_a_region_and_any_outline_is_as_shapely_sees_it(relation: str) -> None:
    both = "?a geo:asWKT ?x . ?b geo:asWKT ?y FILTER(CONTAINS(STR(?a), '/region/'))"
    rows = asked(f"SELECT ?a ?b (geof:{relation}(?x, ?y) AS ?v) {{ {both} }}")
    assert len(rows) == 18 * len(_outlines()) == 18 * 119
    judge = _JUDGES[relation]
    other = [(a, b) for a, b, v in rows if (v == "true") != judge(_outlines()[str(a)], _outlines()[str(b)])]
    assert other == []


@pytest.mark.parametrize("relation", _JUDGES)
def test_a_relation_between_any_two_drawn_shapes_is_as_shapely_sees_it(relation: str) -> None:
    found = [False, False]
    for one, other in itertools.product(_DRAWN, _DRAWN):
        expected = bool(_JUDGES[relation](drawn(one), drawn(other)))
        assert said(f"geof:{relation}({literal(one)}, {literal(other)})") == str(expected).lower(), (one, other)
        found[expected] = True
    assert found == [True, True], "it is never so, or never not"


@pytest.mark.parametrize("function", _SHAPERS)
def test_what_is_made_of_an_outline_is_what_shapely_makes(function: str) -> None:
    rows = asked(f"SELECT ?a (geof:{function}(?x) AS ?v) {{ ?a geo:asWKT ?x }}")
    for geometry, made in rows:
        expected = _SHAPERS[function](_outlines()[str(geometry)])
        assert drawn(made).hausdorff_distance(expected) < 1e-9, geometry


@pytest.mark.parametrize("function", _MAKERS)
def test_what_is_made_of_two_outlines_covers_what_shapely_makes(function: str) -> None:
    near = "?a geo:asWKT ?x . ?b geo:asWKT ?y FILTER(STRENDS(STR(?a), 'region/84')) FILTER(geof:sfIntersects(?x, ?y))"
    rows = asked(f"SELECT ?a ?b (geof:{function}(?x, ?y) AS ?v) {{ {near} }}")
    assert len(rows) > 20
    for a, b, made in rows:
        expected = _MAKERS[function](_outlines()[str(a)], _outlines()[str(b)])
        assert drawn(made).symmetric_difference(expected).area < 1e-6, (a, b)


@pytest.mark.parametrize(
    ("one", "other", "km"),
    [
        ((2.3522, 48.8566), (4.8357, 45.7640), 391.5),  # Paris, Lyon
        ((2.3522, 48.8566), (5.3698, 43.2965), 660.5),  # Paris, Marseille
        ((2.3522, 48.8566), (55.4481, -20.8789), 9366),  # Paris, Saint-Denis de La Réunion
        ((0, 0), (0, 0), 0),
        ((179.5, 0), (-179.5, 0), 111.2),
    ],
)
def test_a_distance_is_that_on_a_sphere(one: tuple[float, float], other: tuple[float, float], km: float) -> None:
    points = ", ".join(literal(f"POINT ({x} {y})") for x, y in (one, other))
    found = said(f"geof:distance({points}, uom:kilometre)")
    assert found is not None
    assert float(found) == pytest.approx(_haversine_km(one, other), rel=1e-9, abs=1e-9)
    assert float(found) == pytest.approx(km, rel=1e-3)
    in_metres = said(f"geof:distance({points}, uom:metre)")
    assert in_metres is not None
    assert float(in_metres) == pytest.approx(1_000 * float(found))


def _haversine_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    (x0, y0), (x1, y1) = (tuple(map(math.radians, point)) for point in (one, other))
    chord = math.sin((y1 - y0) / 2) ** 2 + math.cos(y0) * math.cos(y1) * math.sin((x1 - x0) / 2) ** 2
    return 2 * 6_371.0088 * math.asin(math.sqrt(chord))


@pytest.mark.parametrize(
    "expression",
    [
        f"geof:distance({literal('POINT (0 0)')}, {literal(_SQUARE)}, uom:metre)",
        f"geof:distance({literal('POINT (0 0)')}, {literal('POINT (1 1)')})",
        f"geof:distance({literal('POINT (0 0)')}, {literal('POINT (1 1)')}, uom:degree)",
        f"geof:intersection({literal('POINT (0 0)')}, {literal(_SQUARE)})",
        f"geof:sfWithin({literal('POINT (0 0')}, {literal(_SQUARE)})",
        f"geof:sfWithin('POINT (1 1)', {literal(_SQUARE)})",
        f"geof:sfWithin({literal('<http://www.opengis.net/def/crs/EPSG/0/4326> POINT (1 1)')}, {literal(_SQUARE)})",
    ],
)
def test_what_the_document_says_to_have_no_value_has_none(expression: str) -> None:
    assert said(expression) is None


@pytest.mark.parametrize("function", ["boundary", "buffer", "metricDistance", "minX", "asGML", "aggUnion"])
def test_a_function_that_there_is_not_is_an_error_that_names_those_that_there_are(function: str) -> None:
    with pytest.raises(QueryError, match=f"there is no function geof:{function} here.* geof:sfWithin"):
        said(f"geof:{function}({literal(_SQUARE)})")


def test_outlines_have_the_longitude_first() -> None:
    _, south, _, north = shapely.total_bounds(_outlines()[f"{names.BASE}id/geometry/region/53"])
    assert (round(south), round(north)) == (47, 49)
    assert said(f"geof:sfWithin({literal('POINT (-1.68 48.11)')}, {literal(_wkt('departement/35'))})") == "true"


def _wkt(path: str) -> str:
    ((outline,),) = asked(f"SELECT ?outline {{ <{names.BASE}id/geometry/{path}> geo:asWKT ?outline }}")
    assert outline is not None
    return outline


def test_each_departement_lies_within_its_region_by_outline_as_by_statement() -> None:
    rows = asked(
        """SELECT ?departement (geof:sfWithin(?inner, ?outer) AS ?within) {
             ?departement a igeo:Departement ; coop:directlyWithin ?region ; geo:hasGeometry/geo:asWKT ?inner .
             ?region a igeo:Region ; geo:hasGeometry/geo:asWKT ?outer }"""
    )
    assert len(rows) == 101
    assert {within for _, within in rows} == {"true"}


def test_neighbours_touch_and_never_overlap() -> None:
    pairs = """?a a igeo:Departement ; geo:hasGeometry/geo:asWKT ?x .
        ?b a igeo:Departement ; geo:hasGeometry/geo:asWKT ?y FILTER(STR(?a) < STR(?b))"""
    assert asked(f"SELECT (COUNT(*) AS ?n) {{ {pairs} FILTER(geof:sfOverlaps(?x, ?y)) }}") == [("0",)]
    assert asked(f"SELECT (COUNT(*) AS ?n) {{ {pairs} FILTER(geof:sfTouches(?x, ?y)) }}") == [("240",)]
