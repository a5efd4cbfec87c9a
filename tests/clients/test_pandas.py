"""pandas: a query's address is a CSV file to read."""

from __future__ import annotations

from urllib.error import HTTPError
from urllib.parse import urlencode

import pandas
import pytest

from tests.clients.answers import REGION_ROWS, REGIONS, WRONG
from tests.conftest import RunningServer


def address(server: RunningServer, query: str) -> str:
    return f"{server.url}/sparql?{urlencode({'query': query, 'format': 'csv'})}"


def test_a_table_is_read_from_the_address_of_a_query(server: RunningServer) -> None:
    table = pandas.read_csv(address(server, REGIONS), dtype={"code": str})
    assert list(table.columns) == ["code", "name"]
    assert list(table.itertuples(index=False, name=None)) == REGION_ROWS


def test_a_wrong_query_is_no_table(server: RunningServer) -> None:
    with pytest.raises(HTTPError) as told:
        pandas.read_csv(address(server, WRONG))
    with told.value as answer:
        assert answer.code == 400
