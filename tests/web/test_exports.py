"""The files of lists: all rows of what is filtered, read back by what reads such files."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coopkg.index import Wanted
from coopkg.rdf import NamedNode, RdfFormat, Triple, parse_quads
from coopkg.store import QuadStore
from coopkg.web.site.cells import calm
from coopkg.web.site.lists import exports, writing
from coopkg.web.site.lists.catalogue import LISTS
from coopkg.web.site.lists.columns import COLUMNS, Thing
from tests.builders import ID
from tests.conftest import REPOSITORY
from tests.web import listed

NAMES = list(LISTS)
FILES = [(name, ending) for name in NAMES for ending in exports.forms(LISTS[name])]


@pytest.fixture(scope="module")
def store() -> QuadStore:
    return listed.a_store(230)  # more than are read at once


@pytest.fixture(scope="module")
def app(store: QuadStore, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return listed.an_app(store, tmp_path_factory.mktemp("exports"))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def table(client: FlaskClient, address: str) -> list[dict[str, str]]:
    """Return the rows of a CSV."""
    answer = client.get(address)
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8"), newline="")))


def sheet(client: FlaskClient, address: str) -> list[list[str]]:
    """Return the rows of a CSV for a French spreadsheet, its titles first."""
    body = client.get(address).data
    assert body.startswith("\ufeff".encode())
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=";"))


def features(client: FlaskClient, address: str) -> list[dict[str, Any]]:
    """Return the features of a GeoJSON file."""
    found: list[dict[str, Any]] = json.loads(client.get(address).data)["features"]
    return found


@pytest.mark.parametrize(("name", "ending"), FILES)
def test_each_file_says_what_it_is(client: FlaskClient, name: str, ending: str) -> None:
    answer = client.get(f"/{name}.{ending}?lang=en")
    assert answer.status_code == 200
    assert answer.content_type == exports.FORMS[ending].media_type
    headers = answer.headers
    assert headers["Content-Disposition"] == f'attachment; filename="coopkg-{name}-revision-7.{ending}"'
    assert headers["Link"] == '<https://creativecommons.org/licenses/by/4.0/>; rel="license"'
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Coopkg-Revision"] == "7"
    assert headers["Content-Language"] == "en"


@pytest.mark.parametrize("name", NAMES)
def test_a_file_has_a_row_for_each_thing_of_its_list(client: FlaskClient, app: Flask, name: str) -> None:
    index = app.config["INDEX"]
    kind = LISTS[name].kind
    wanted = set(index.iris(Wanted(kind)))
    found = [row["iri"] for row in table(client, f"/{name}.csv")]
    assert len(found) == len(wanted) > 0
    assert set(found) == wanted
    assert len(sheet(client, f"/{name}.excel.csv")) == 1 + len(wanted)
    items = json.loads(client.get(f"/{name}.json").data)
    assert [item["iri"] for item in items["items"]] == found
    assert items["total"] == len(found)


def test_a_file_holds_what_is_filtered_and_nothing_else(client: FlaskClient) -> None:
    found = table(client, "/projects.csv?theme=food&status=planned")
    assert found
    assert {row["theme_iri"].rpartition("/")[2] for row in found} == {"food"}
    assert {row["status"] for row in found} == {"Planned (fr)"}
    assert len(found) < len(table(client, "/projects.csv?theme=food"))


def test_a_file_comes_in_the_order_that_is_chosen(client: FlaskClient) -> None:
    found = [row["name"] for row in table(client, "/projects.csv?theme=food&sort=-name")]
    assert found == sorted(found, reverse=True)


def test_labels_stand_beside_iris_value_by_value(client: FlaskClient) -> None:
    row = next(row for row in table(client, "/projects.csv?lang=en") if row["iri"] == f"{ID}action-00")
    assert row["name"] == "Deed 99"
    assert row["region"] == "Île-de-France"
    assert row["region_iri"] == f"{ID}territory/region/11"
    assert row["page"] == "https://example.org/0"
    first = next(row for row in table(client, "/projects.csv") if row["iri"] == f"{ID}action-01")
    assert first["type"] == "coop:Experiment"  # it is a project, too; the more special class says so


def test_a_bar_in_a_label_is_told_from_a_bar_between_labels(store: QuadStore) -> None:
    assert writing._joined(["a | b", "c"]) == "a \\| b | c"


def test_every_cell_survives_the_way_through_csv(client: FlaskClient) -> None:
    rows = {row["iri"]: row for row in table(client, "/projects.csv")}
    assert rows[f"{ID}harmful"]["name"] == listed.HARMFUL
    assert rows[f"{ID}harmful"]["description"] == f"{listed.BIDI} | c"
    assert rows[f"{ID}formula"]["name"] == listed.FORMULA
    assert rows[f"{ID}formula"]["description"] == " -1+1;\n=2"
    assert rows[f"{ID}long"]["name"] == listed.LONG
    assert rows[f"{ID}nameless"]["name"]


def test_no_cell_of_a_spreadsheet_calculates(client: FlaskClient) -> None:
    cells = [cell for row in sheet(client, "/projects.excel.csv") for cell in row]
    assert f"'{listed.FORMULA}" in cells
    assert "' -1+1;\n=2" in cells
    assert [cell for cell in cells if cell.lstrip()[:1] in ("=", "+", "-", "@")] == []


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@a", "\ta", "\ra", " =1", "\n=1", "\uff1d1", "\u00a0=1"])
def test_whatever_could_calculate_becomes_text(cell: str) -> None:
    assert calm(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "a=1", "2019-07", "01", "L’eau", "“-"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert calm(cell) == cell


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\uff1d"])
def test_what_a_spreadsheet_of_another_language_takes_for_a_cell_does_not_calculate(separator: str, sign: str) -> None:
    assert calm(f"a{separator}{sign}1{separator}b") == f"a{separator}'{sign}1{separator}b"


def test_a_spreadsheet_has_titles_for_people_and_lines_as_it_likes_them(client: FlaskClient) -> None:
    french, english = sheet(client, "/projects.excel.csv")[0], sheet(client, "/projects.excel.csv?lang=en")[0]
    assert french[:3] == ["Adresse", "Nom", "Type"]
    assert english[:3] == ["Address", "Name", "Type"]
    assert len(french) == len(set(french)) == len(english)
    body = client.get("/organisations.excel.csv").data
    assert body.count(b"\r\n") == body.count(b"\n")


def test_the_plain_csv_has_no_mark_before_it(client: FlaskClient) -> None:
    assert client.get("/projects.csv").data.startswith(b"iri,name,type,type_iri,")


def test_json_has_one_value_or_a_list_as_its_column_says(client: FlaskClient) -> None:
    items = json.loads(client.get("/projects.json").data)
    assert {key: items[key] for key in ("list", "lang", "revision")} == {
        "list": "projects",
        "lang": "fr",
        "revision": 7,
    }
    for item in items["items"]:
        for column in COLUMNS["action"]:
            assert isinstance(item[column.name], list) is not column.is_one
    one = next(item for item in items["items"] if item["iri"] == f"{ID}action-00")
    assert one["lead"] == [{"iri": f"{ID}organisation/a", "label": "L’association"}]
    assert one["end"] is None


def test_an_empty_list_gives_files_that_can_be_read(client: FlaskClient) -> None:
    nothing = "region=94"
    assert table(client, f"/projects.csv?{nothing}") == []
    assert json.loads(client.get(f"/projects.json?{nothing}").data)["items"] == []
    assert features(client, f"/projects.geojson?{nothing}") == []
    assert parse_quads(client.get(f"/projects.ttl?{nothing}").data, RdfFormat.TURTLE, "nothing") == []


# ---- GeoJSON -------------------------------------------------------------------------------------------------


def _positions(coordinates: Any) -> Iterator[list[float]]:
    if coordinates and isinstance(coordinates[0], int | float):
        yield coordinates
    else:
        for part in coordinates:
            yield from _positions(part)


@pytest.mark.parametrize("name", ["projects", "territories"])
def test_geojson_is_what_its_standard_asks(client: FlaskClient, name: str) -> None:
    collection = json.loads(client.get(f"/{name}.geojson").data)
    assert collection["type"] == "FeatureCollection"
    kinds = set()
    for feature in collection["features"]:
        assert feature["type"] == "Feature"
        assert isinstance(feature["id"], str)
        assert isinstance(feature["properties"], dict)
        geometry = feature["geometry"]
        kinds.add(geometry and geometry["type"])
        for longitude, latitude in _positions(geometry["coordinates"]) if geometry else ():
            assert -180 <= longitude <= 180
            assert -90 <= latitude <= 90
    assert kinds == {None, "MultiPoint" if name == "projects" else "MultiPolygon"}


def test_outlines_go_against_the_clock_and_are_closed(client: FlaskClient) -> None:
    outlines = [feature["geometry"] for feature in features(client, "/territories.geojson") if feature["geometry"]]
    for outline in outlines:
        for polygon in outline["coordinates"]:
            ring = polygon[0]
            assert ring[0] == ring[-1]
            assert sum(x * v - u * y for (x, y), (u, v) in itertools.pairwise(ring)) > 0
    assert outlines


def test_an_action_of_a_commune_stands_in_its_departement_and_says_so(client: FlaskClient) -> None:
    found = {feature["id"]: feature for feature in features(client, "/projects.geojson")}
    of_commune, of_departement = found[f"{ID}action-00"], found[f"{ID}action-01"]
    assert of_commune["geometry"] == {"type": "MultiPoint", "coordinates": [[2.5, 48.5]]}
    assert of_commune["properties"]["point_of"] == f"{ID}territory/departement/75"
    assert of_commune["properties"]["is_exact"] is False
    assert of_departement["properties"]["point_of"] == f"{ID}territory/departement/29"
    assert of_departement["properties"]["is_exact"] is True
    nowhere = found[f"{ID}harmful"]
    assert nowhere["geometry"] is None
    assert nowhere["properties"]["is_exact"] is False


@pytest.mark.parametrize("address", ["/lessons.geojson", "/projects.xml", "/themes.geojson"])
def test_a_form_that_there_is_not_is_refused_with_those_that_there_are(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert f"{address.rpartition('.')[0]}.csv" in answer.text


# ---- Turtle --------------------------------------------------------------------------------------------------


def _triples(client: FlaskClient, address: str) -> set[Triple]:
    return {quad.triple for quad in parse_quads(client.get(address).data, RdfFormat.TURTLE, address)}


@pytest.mark.parametrize("name", NAMES)
def test_every_statement_of_a_turtle_file_stands_in_the_graph(client: FlaskClient, store: QuadStore, name: str) -> None:
    found = _triples(client, f"/{name}.ttl")
    assert found
    assert found <= set(store.triples(None, None, None))


def test_a_turtle_file_tells_all_of_a_thing_and_of_what_belongs_to_it(client: FlaskClient, store: QuadStore) -> None:
    found = _triples(client, "/projects.ttl?theme=food")
    subjects = {getattr(triple.subject, "value", "") for triple in found}
    own = {f"{ID}{part}" for part in ("action-00", "one-0", "two-0", "outcome-0", "measure-0", "lesson-0")}
    assert own <= subjects
    assert f"{ID}action-01" not in subjects
    for iri in own:
        told = {triple for triple in found if getattr(triple.subject, "value", "") == iri}
        assert told == set(store.triples(NamedNode(iri), None, None))


# ---- what a file costs, and what is refused ------------------------------------------------------------------


def test_a_file_is_not_sent_again_while_it_is_the_same(client: FlaskClient) -> None:
    tag = client.get("/projects.csv?theme=food").headers["ETag"]
    same = client.get("/projects.csv?theme=food", headers={"If-None-Match": tag})
    assert (same.status_code, same.data) == (304, b"")
    others = ("/projects.csv?theme=climate", "/projects.json?theme=food", "/projects.csv?theme=food&lang=en")
    assert tag not in {client.get(other).headers["ETag"] for other in others}


def test_all_that_is_wrong_in_an_address_is_told_in_one_sentence(client: FlaskClient) -> None:
    answer = client.get("/projects.csv?region=bretagne&theem=food&page=2")
    assert answer.status_code == 400
    for told in ("53 (Bretagne)", "theem=", "page="):
        assert told in answer.text


def test_a_list_too_long_for_a_file_is_refused_and_not_cut(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "ROWS_MAX", 100)
    answer = client.get("/projects.csv")
    assert answer.status_code == 413
    assert "choose filters" in answer.text
    assert client.get("/projects.csv?theme=food&status=planned").status_code == 200


def test_rows_are_read_as_they_are_sent(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def chunks(*given: Any) -> Iterator[list[Thing]]:
        for chunk in whole(*given):
            read.append(len(chunk))
            yield chunk

    whole = exports._chunks
    monkeypatch.setattr(exports, "_chunks", chunks)
    pieces = client.get("/projects.csv", buffered=False).iter_encoded()
    assert re.match(b"iri,name", next(pieces))
    assert read == []
    next(pieces)
    assert read == [100]
    list(pieces)
    assert sum(read) > 200


def test_what_a_file_costs_is_charged_as_it_is_sent(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    charged: list[float] = []
    monkeypatch.setattr(app.config["SERVICE"], "charge", lambda _, seconds: charged.append(seconds))
    began = time.thread_time()
    answer = app.test_client().get("/projects.json")
    assert len(answer.data) > 1000
    assert len(charged) > 3
    assert time.thread_time() - began >= sum(charged) > 0


@pytest.mark.parametrize("kind", list(COLUMNS))
def test_every_column_is_described(kind: str) -> None:
    text = (REPOSITORY / "docs" / "lists.md").read_text(encoding="utf-8")
    name = next(of.name for of in LISTS.values() if of.kind == kind)
    section = text.partition(f"\n### `{name}`\n")[2].partition("\n##")[0]
    described = re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \| ([^|]*) \|$", section, re.MULTILINE)
    assert described == [
        (
            column.name,
            column.fr,
            column.en,
            ", ".join(
                word for word, holds in (("with IRIs", column.has_iris), ("at most one", column.is_one)) if holds
            ),
        )
        for column in COLUMNS[kind]
    ]
