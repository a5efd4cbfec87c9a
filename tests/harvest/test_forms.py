"""Forms: rdflib reads each form of each open description, by ending and by Accept, and finds the same in all."""

from __future__ import annotations

import pytest
from rdflib import Graph, URIRef
from rdflib.compare import to_isomorphic

from tests.harvest.asking import asked
from tests.web.conftest import Served

#: By the ending of an address: what rdflib calls the form, and its media type.
FORMS = {
    "ttl": ("turtle", "text/turtle"),
    "nt": ("nt", "application/n-triples"),
    "rdf": ("xml", "application/rdf+xml"),
    "jsonld": ("json-ld", "application/ld+json"),
}
THINGS = ("/dataset/graph", "/doc/project/a-page", "/doc/territory/region/11", "/ns", "/scheme/role", "/shapes")
#: The catalogue names its own pages, whose addresses end as the form does.
DESCRIBED = ("/catalog", *THINGS)


def read(portal: Served, path: str, form: str, accept: str = "") -> Graph:
    """Return what rdflib reads at an address, which must be of a form."""
    answer = asked(portal.url + path, headers={"Accept": accept} if accept else None)
    name, media_type = FORMS[form]
    assert (answer.status, answer.headers["Content-Type"].partition(";")[0]) == (200, media_type)
    return Graph().parse(data=answer.body, format=name, publicID=portal.url + path)


@pytest.mark.harvest(1)
@pytest.mark.harvest(9)
@pytest.mark.parametrize("path", THINGS)
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")  # rdflib 7.6 makes one of JSON-LD
def test_every_form_says_the_same(portal: Served, path: str) -> None:
    whole = to_isomorphic(read(portal, f"{path}.ttl", "ttl"))
    assert len(whole) > 0
    for ending, (_, media_type) in FORMS.items():
        assert to_isomorphic(read(portal, f"{path}.{ending}", ending)) == whole
        assert to_isomorphic(read(portal, path, ending, f"{media_type}, text/html;q=0.9")) == whole


@pytest.mark.harvest(1)
@pytest.mark.parametrize("path", DESCRIBED)
def test_no_iri_is_relative(portal: Served, path: str) -> None:
    text = asked(f"{portal.url}{path}.nt").body.decode()
    graph = Graph().parse(data=text, format="nt")
    relative = [node for triple in graph for node in triple if isinstance(node, URIRef) and ":" not in node]
    assert relative == []


@pytest.mark.harvest(21)
def test_html_is_given_to_browsers(portal: Served) -> None:
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    for path in DESCRIBED:
        answer = asked(portal.url + path, headers={"Accept": accept})
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
