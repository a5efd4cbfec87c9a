"""A client of the Reconciliation Service API that others wrote: `reconciler`, from tables of pandas."""

from __future__ import annotations

import time
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

from coopkg import upkeep
from coopkg.settings import Settings
from tests.builders import ID, a_small_content
from tests.web.conftest import Served, serving

pandas = pytest.importorskip("pandas", reason="the client makes tables of pandas")
main = pytest.importorskip("reconciler.main", reason="the client is not installed: pip install reconciler")
# The client drops a column in a way that pandas 3.1 announces the end of.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")
ORGANISATION = "http://www.w3.org/ns/org#Organization"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Give a server process over the small graph."""
    folder = tmp_path_factory.mktemp("reconciled")
    settings = Settings(content=a_small_content(folder / "content"), state=folder / "state")
    upkeep.build(settings, {})
    with serving(settings) as running:
        _await_index(running)
        yield running


def _await_index(server: Served) -> None:
    """Wait until the search index is whole: the client asks ten times at once, and gives up."""
    asking = HTTPConnection(server.host, server.port, timeout=10)
    status = 503
    while status == 503:
        asking.request("GET", "/reconcile?query=Une%20ville")
        answer = asking.getresponse()
        status = answer.status
        answer.read()
        time.sleep(0.1)
    asking.close()


def test_a_column_of_names_becomes_one_of_things(server: Served) -> None:
    names = pandas.Series(["UNE VILE", "ile de france"] * 12)
    found = main.reconcile(names, reconciliation_endpoint=f"{server.url}/reconcile")
    best = dict(zip(found["input_value"], found["id"], strict=True))
    assert best == {"UNE VILE": f"{ID}organisation/une-ville", "ile de france": f"{ID}territory/region/11"}
    assert list(found["match"]) == [True, True]


def test_a_type_and_a_property_are_sent_along(server: Served) -> None:
    names, kinds = pandas.Series(["Une ville"]), pandas.Series(["Une ville"])
    address = f"{server.url}/reconcile?lang=en"
    found = main.reconcile(names, ORGANISATION, property_mapping={"name": kinds}, reconciliation_endpoint=address)
    assert found["type"].tolist() == ["Organisation"]
    assert found["score"].tolist() == [100.0]
