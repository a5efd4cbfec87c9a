"""Outlines as a map: what WKT says, where it lies, fewer points without gaps, colours by count, names on lines."""

from __future__ import annotations

import gzip
import itertools
import math
import re
from collections import Counter

import pytest

from coopkg.cartography.classes import shade_of, shades, steps
from coopkg.cartography.lettering import width_of, wrapped
from coopkg.cartography.outlines import polygons, rings, simplified
from coopkg.cartography.projection import equirectangular, lambert_93
from coopkg.cartography.sheet import HEIGHT, WIDTH, Area, Frame, Sheet, alone, sheet
from tests.conftest import REPOSITORY

SQUARE = "POLYGON ((2 46, 3 46, 3 47, 2 47, 2 46))"
HOLED = "POLYGON ((2 46, 3 46, 3 47, 2 47, 2 46), (2.4 46.4, 2.6 46.4, 2.6 46.6, 2.4 46.6, 2.4 46.4))"
ISLANDS = "MULTIPOLYGON (((55.2 -21.3, 55.8 -21.3, 55.8 -20.9, 55.2 -21.3)), ((56 -21, 56.1 -21, 56.1 -20.9, 56 -21)))"


@pytest.fixture(scope="module")
def outlines() -> dict[str, str]:
    """Return the outlines that are published, by "region/11" and the like."""
    with gzip.open(REPOSITORY / "data" / "reference" / "geometries.nq.gz", "rt", encoding="utf-8") as lines:
        found = (re.match(r'<\S+/geometry/(\S+)> <\S+#asWKT> "([^"]+)"', line) for line in lines)
        return {match[1]: match[2] for match in found if match}


def _of(outlines: dict[str, str], level: str) -> dict[str, str]:
    return {key: wkt for key, wkt in outlines.items() if key.startswith(f"{level}/")}


def _areas(drawn: Sheet) -> list[Area]:
    return [*drawn.areas, *(area for frame in drawn.frames for area in frame.areas)]


def _places(path: str) -> list[list[tuple[float, float]]]:
    """Return the absolute places of path data, ring by ring."""
    found = []
    for ring in path.removesuffix("z").split("z"):
        begin, _, moves = ring.removeprefix("M").partition("l")
        numbers = [float(number) for number in moves.split()]
        steps_taken = list(zip(numbers[::2], numbers[1::2], strict=True))
        x, y = map(float, begin.split())
        found.append([(x, y), *((x := x + dx, y := y + dy) for dx, dy in steps_taken)])
    return found


def test_the_origin_of_lambert_93_is_where_it_is_defined_to_be() -> None:
    assert lambert_93((3.0, 46.5)) == pytest.approx((700_000, 6_600_000), abs=1e-6)


@pytest.mark.parametrize("latitude", [41.5, 44.0, 46.5, 49.0, 51.0])
def test_lambert_93_follows_the_constants_that_ign_publishes(latitude: float) -> None:
    # IGN, note NTG_71: exponent 0.7256077650, constant 11,754,255.426 m, pole at (700,000, 12,655,612.050).
    e = 0.08181919104281579
    phi = math.radians(latitude)
    isometric = math.atanh(math.sin(phi)) - e * math.atanh(e * math.sin(phi))
    radius = 11_754_255.426 * math.exp(-0.7256077650 * isometric)
    for longitude in (-4.5, 3.0, 9.5):
        angle = 0.7256077650 * math.radians(longitude - 3)
        expected = 700_000 + radius * math.sin(angle), 12_655_612.050 - radius * math.cos(angle)
        assert lambert_93((longitude, latitude)) == pytest.approx(expected, abs=0.01)


def test_a_degree_of_longitude_narrows_towards_the_poles() -> None:
    assert equirectangular([(0, 50), (10, 70)])((10, 60)) == pytest.approx((5, 60))


def test_a_polygon_keeps_its_hole_and_a_multipolygon_its_parts() -> None:
    assert [[len(ring) for ring in polygon] for polygon in polygons(HOLED)] == [[5, 5]]
    assert [[len(ring) for ring in polygon] for polygon in polygons(ISLANDS)] == [[4], [4]]


@pytest.mark.parametrize(
    "wkt",
    [
        "",
        "POINT (2 46)",
        "POLYGON EMPTY",
        "POLYGON ((2 46, 3 46))",
        "POLYGON ((a b, c d, e f, a b))",
        "POLYGON ((2 460, 3 460, 3 461, 2 460))",
        "POLYGON ((1e999 46, 1e999 47, 1e999 48, 1e999 46))",
        "LINESTRING (0 0, 1 1, 2 2, 3 3)",
        "\x00<script>",
        "(" * 10_000,
    ],
)
def test_what_is_no_polygon_on_earth_is_not_drawn(wkt: str) -> None:
    assert polygons(wkt) == []
    assert sheet({"a": wkt}).areas == ()
    assert alone(wkt).areas == ()


def test_a_ring_that_is_not_closed_is_closed() -> None:
    (((first, *_, last),),) = polygons("POLYGON ((0 0, 1 0, 1 1, 0 1))")
    assert first == last


def test_every_region_and_every_departement_is_drawn(outlines: dict[str, str]) -> None:
    for level, count in (("region", 18), ("departement", 101)):
        drawn = sheet(_of(outlines, level))
        assert {area.key for area in _areas(drawn)} == set(_of(outlines, level))
        assert len(_areas(drawn)) == count
        assert [len(frame.areas) for frame in drawn.frames] == [1] * 5


def test_everything_lies_on_the_sheet_and_each_frame_holds_its_territory(outlines: dict[str, str]) -> None:
    drawn = sheet(_of(outlines, "departement"), closeup=["departement/75", "departement/93"])
    assert drawn.closeup is not None
    for area in drawn.areas:
        for x, y in itertools.chain.from_iterable(_places(area.path)):
            assert 160 <= x <= WIDTH + 0.1
            assert 0 <= y <= HEIGHT + 0.1
    for frame in (*drawn.frames, drawn.closeup):
        for x, y in itertools.chain.from_iterable(_places("".join(area.path for area in frame.areas))):
            assert frame.box.x < x < frame.box.x + frame.box.width
            assert frame.box.y < y < frame.box.y + frame.box.height


def test_no_frame_covers_another_or_metropolitan_france(outlines: dict[str, str]) -> None:
    drawn = sheet(_of(outlines, "departement"), closeup=["departement/75"])
    assert drawn.closeup is not None
    frames = [*drawn.frames, drawn.closeup]
    for one, other in itertools.combinations(frames, 2):
        assert not _within(one, other.box.x, other.box.y)
        assert not _within(other, one.box.x, one.box.y)
    places = [place for area in drawn.areas for ring in _places(area.path) for place in ring]
    assert not [place for place in places for frame in frames if _within(frame, *place)]


def _within(frame: Frame, x: float, y: float) -> bool:
    box = frame.box
    return box.x <= x <= box.x + box.width and box.y <= y <= box.y + box.height


def test_north_is_up_and_east_is_right(outlines: dict[str, str]) -> None:
    at = {area.key: area for area in sheet(_of(outlines, "departement")).areas}
    assert at["departement/59"].y < at["departement/66"].y
    assert at["departement/29"].x < at["departement/67"].x


def _is_inside(area: Area) -> bool:
    crossings = 0
    for ring in _places(area.path):
        for (x0, y0), (x1, y1) in itertools.pairwise([*ring, ring[0]]):
            if (y0 > area.y) != (y1 > area.y):
                crossings += area.x < x0 + (area.y - y0) * (x1 - x0) / (y1 - y0)
    return crossings % 2 == 1


def test_a_number_stands_inside_its_territory(outlines: dict[str, str]) -> None:
    assert [area.key for area in _areas(sheet(_of(outlines, "departement"))) if not _is_inside(area)] == []


def test_a_number_keeps_out_of_a_hole() -> None:
    (area,) = sheet({"a": HOLED}).areas
    assert area.path.count("M") == 2
    assert _is_inside(area)


def test_simplification_keeps_rings_closed_and_leaves_points_out(outlines: dict[str, str]) -> None:
    shapes = {key: polygons(wkt) for key, wkt in _of(outlines, "departement").items()}
    thinner = simplified(shapes, 0.01)
    assert set(thinner) == set(shapes)
    assert all(ring[0] == ring[-1] and len(ring) > 3 for shape in thinner.values() for part in shape for ring in part)
    assert _size(thinner) < _size(shapes) / 2


def _size(shapes: dict[str, list[list[list[tuple[float, float]]]]]) -> int:
    return sum(len(ring) for shape in shapes.values() for part in shape for ring in part)


def test_no_gap_opens_between_neighbours(outlines: dict[str, str]) -> None:
    inland = ("63", "42", "69", "43", "03")
    shapes = {code: polygons(outlines[f"departement/{code}"]) for code in inland}
    for found in (shapes, simplified(shapes, 0.02)):
        uses = Counter(frozenset(pair) for ring in rings(found.values()) for pair in itertools.pairwise(ring))
        assert set(uses.values()) == {1, 2}
        # What only one territory draws is the edge of all five; along a gap, lines would branch off it.
        edge = [point for pair, count in uses.items() if count == 1 for point in pair]
        assert set(Counter(edge).values()) == {2}


def test_an_enclave_is_simplified_the_same_way_from_inside_and_outside() -> None:
    circle = [(math.cos(math.tau * n / 60), math.sin(math.tau * n / 60)) for n in range(60)]
    ring = [*circle, circle[0]]
    around = [(-3.0, -3.0), (3.0, -3.0), (3.0, 3.0), (-3.0, 3.0), (-3.0, -3.0)]
    turned = [*circle[17:], *circle[:17], circle[17]][::-1]
    thinner = simplified({"outside": [[around, turned]], "inside": [[ring]]}, 0.05)
    assert set(thinner["outside"][0][1]) == set(thinner["inside"][0][0])
    assert 4 < len(thinner["inside"][0][0]) < 40


def test_an_island_smaller_than_the_tolerance_goes_but_not_the_last_one() -> None:
    large, small = polygons(SQUARE)[0], polygons("POLYGON ((5 46, 5.01 46, 5.01 46.01, 5 46))")[0]
    assert len(simplified({"a": [large, small]}, 0.1)["a"]) == 1
    assert len(simplified({"a": [small]}, 0.1)["a"]) == 1


def test_paths_are_numbers_with_one_decimal_at_most(outlines: dict[str, str]) -> None:
    for area in _areas(sheet(_of(outlines, "region"))):
        assert re.fullmatch(r"(M[-\d. ]+l[-\d. ]+z)+", area.path)
        assert not re.search(r"\.\d\d", area.path)


def test_an_outline_alone_fills_its_square(outlines: dict[str, str]) -> None:
    for key in ("region/53", "region/04"):
        drawn = alone(outlines[key], side=200)
        (area,) = drawn.areas
        points = list(itertools.chain.from_iterable(_places(area.path)))
        extents = [max(point[axis] for point in points) - min(point[axis] for point in points) for axis in (0, 1)]
        assert max(extents) == pytest.approx(200, abs=1)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([], []),
        ([0, 0], []),
        ([1], [1]),
        ([0, 1, 2, 3, 8], [1, 2, 5]),
        ([7, 30], [5, 10, 20]),
        ([1, 30], [1, 2, 5, 10, 20]),
        ([1, 3000], [1, 10, 100, 1000]),
    ],
)
def test_classes_begin_at_round_numbers(counts: list[int], expected: list[int]) -> None:
    assert steps(counts) == expected


def test_every_count_has_a_shade_and_more_is_never_paler() -> None:
    for most in (1, 2, 4, 9, 40, 99, 1_000, 123_456):
        begins = steps([1, most])
        assert len(begins) <= 5
        found = [shade_of(count, begins) for count in sorted({0, 1, most // 3, most // 2, most})]
        assert found == sorted(found)
        assert shade_of(0, begins) == 0 < shade_of(1, begins)
        assert shade_of(most, begins) == shades(begins)[-1]


def test_a_name_is_wrapped_at_blanks_and_hyphens_and_cut_with_an_ellipsis() -> None:
    assert wrapped("Provence-Alpes-Côte d’Azur", 120, 12, 3) == ["Provence-Alpes-", "Côte d’Azur"]
    assert wrapped("Un nom", 500, 12, 2) == ["Un nom"]
    assert wrapped("", 100, 12, 2) == [""]
    lines = wrapped("mot " * 2_500, 200, 15, 2)
    assert len(lines) == 2
    assert lines[1].endswith("…")


@pytest.mark.parametrize("text", ["W" * 10_000, "un deux trois " * 50, "a-b-c-" * 99, "東京" * 40, "\u202eabc " * 30])
def test_no_line_is_wider_than_it_may_be(text: str) -> None:
    assert all(width_of(line, 15) <= 225 for line in wrapped(text, 225, 15, 2))
