"""GDAL, by pyogrio: a query's address is a layer with geometries, as QGIS and ogr2ogr read it."""

from __future__ import annotations

from urllib.parse import urlencode

import pyogrio
import pyogrio.raw
import pytest
from pyogrio.errors import DataSourceError

from tests.clients.answers import OUTLINES, REGION_ROWS, WRONG
from tests.conftest import RunningServer

AS_LAYER = {"GEOM_POSSIBLE_NAMES": "wkt", "KEEP_GEOM_COLUMNS": "NO"}
POLYGONS = (b"\x01\x03\x00\x00\x00", b"\x01\x06\x00\x00\x00")  # how a Polygon and a MultiPolygon begin in WKB


def layer(server: RunningServer, query: str, reader: str) -> str:
    return f"CSV:/{reader}/{server.url}/sparql?{urlencode({'query': query, 'format': 'csv'})}"


@pytest.mark.parametrize("reader", ["vsicurl", "vsicurl_streaming"])
def test_outlines_of_regions_are_read_as_geometries(reader: str, server: RunningServer) -> None:
    said, _, shapes, columns = pyogrio.raw.read(layer(server, OUTLINES, reader), **AS_LAYER)
    assert list(said["fields"]) == ["code", "name"]
    assert list(zip(*columns, strict=True)) == REGION_ROWS
    assert {shape[:5] for shape in shapes} == set(POLYGONS)


def test_the_outlines_lie_where_the_regions_are(server: RunningServer) -> None:
    path = layer(server, OUTLINES, "vsicurl")
    _, _, shapes, (codes, _) = pyogrio.raw.read(path, bbox=(2.2, 48.8, 2.5, 48.9), **AS_LAYER)
    assert (list(codes), len(shapes)) == (["11"], 1), "around Paris lies Île-de-France alone"


def test_a_wrong_query_is_no_layer(server: RunningServer) -> None:
    with pytest.raises(DataSourceError):
        pyogrio.raw.read(layer(server, WRONG, "vsicurl"))
