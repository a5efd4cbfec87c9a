"""Negotiation: the wish of the URL, then Accept by weight, then by precision, then in the order of the offers."""

from __future__ import annotations

import re

import pytest

from coopkg.errors import NotAcceptable
from coopkg.negotiation import SHORT_NAMES, choose

JSON, XML, CSV, TSV = ROWS = (
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
)
TURTLE, NT, JSON_LD, RDF_XML = TRIPLES = (
    "text/turtle",
    "application/n-triples",
    "application/ld+json",
    "application/rdf+xml",
)

#: Accept headers that clients send, with what they get for rows and for triples ("" is a 406).
CLIENTS = {
    "absent": ("", JSON, TURTLE),
    "blank": ("  ", JSON, TURTLE),
    "empty list": (", ,", JSON, TURTLE),
    "curl, python-requests": ("*/*", JSON, TURTLE),
    "java.net": ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", JSON, TURTLE),
    "firefox": ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", XML, RDF_XML),
    "chrome": (
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
        "application/signed-exchange;v=b3;q=0.7",
        XML,
        RDF_XML,
    ),
    "sparqlwrapper json": (
        "application/sparql-results+json,application/json,text/javascript,application/javascript",
        JSON,
        JSON_LD,
    ),
    "sparqlwrapper turtle": ("application/turtle,text/turtle", "", TURTLE),
    "sparqlwrapper xml": ("application/sparql-results+xml", XML, ""),
    "sparqlwrapper rdf": ("application/rdf+xml", "", RDF_XML),
    "sparqlwrapper n3": ("text/rdf+n3,application/n-triples,application/turtle,application/n3,text/n3", "", NT),
    "sparqlwrapper all": (
        "application/sparql-results+xml,application/sparql-results+json,text/javascript,application/json,*/*",
        JSON,
        JSON_LD,
    ),
    "rdflib sparqlstore": ("application/sparql-results+xml,application/rdf+xml", XML, RDF_XML),
    "rdflib parse": (
        "text/turtle, application/rdf+xml, text/n3, application/n-triples;q=0.9, application/ld+json;q=0.1, */*;q=0.1",
        JSON,
        TURTLE,
    ),
    "jena rows": (
        "application/sparql-results+json, application/sparql-results+xml;q=0.9, text/tab-separated-values;q=0.7, "
        "text/csv;q=0.5, application/json;q=0.2, application/xml;q=0.2, */*;q=0.1",
        JSON,
        JSON_LD,
    ),
    "jena triples": (
        "text/turtle,application/n-triples;q=0.9,application/ld+json;q=0.8,application/rdf+xml;q=0.7,*/*;q=0.3",
        JSON,
        TURTLE,
    ),
    "rdf4j rows": (
        "application/sparql-results+xml;q=0.8, application/xml;q=0.8, application/x-binary-rdf-results-table, "
        "application/sparql-results+json;q=0.8, application/json;q=0.8, text/csv;q=0.8, "
        "text/tab-separated-values;q=0.8",
        JSON,
        JSON_LD,
    ),
    "rdf4j triples": (
        "application/x-binary-rdf, application/rdf+xml;q=0.8, text/turtle;q=0.8, application/ld+json;q=0.8",
        "",
        TURTLE,
    ),
    "comunica rows": (
        "application/sparql-results+json;q=1.0,application/sparql-results+xml;q=0.7,*/*;q=0.1",
        JSON,
        TURTLE,
    ),
    "comunica triples": (
        "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,application/n-triples;q=0.8,*/*;q=0.1",
        JSON,
        JSON_LD,
    ),
    "yasgui": ("application/sparql-results+json,*/*;q=0.9", JSON, TURTLE),
    "yasgui construct": ("text/turtle,*/*;q=0.9", JSON, TURTLE),
    "r sparql": ("application/sparql-results+xml, text/csv;q=0.5", XML, ""),
    "pandas": ("text/csv", CSV, ""),
    "excel power query": ("text/csv, text/tab-separated-values;q=0.9", CSV, ""),
    "gdal": ("application/json, */*;q=0.5", JSON, JSON_LD),
    "axios": ("application/json, text/plain, */*", JSON, NT),
    "fetch of d3": ("text/csv;charset=utf-8", CSV, ""),
    "turtle with charset": ("text/turtle;charset=utf-8", "", TURTLE),
    "turtle with charset and weight": ("text/turtle; charset=UTF-8; q=0.4, application/rdf+xml;q=0.3", "", TURTLE),
    "json-ld with profile": (
        'application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"',
        "",
        JSON_LD,
    ),
    "json-ld with two profiles": ('application/ld+json; profile="http://a, http://b"; q=0.9', "", JSON_LD),
    "upper case": ("TEXT/TURTLE;Q=0.5, Application/SPARQL-Results+JSON", JSON, TURTLE),
    "application range": ("application/*", JSON, NT),
    "text range": ("text/*", CSV, TURTLE),
    "text range but csv": ("text/*, text/csv;q=0", TSV, TURTLE),
    "anything but json": ("*/*, application/sparql-results+json;q=0, text/turtle;q=0.0", XML, NT),
    "old turtle": ("application/x-turtle", "", TURTLE),
    "text/xml": ("text/xml", XML, RDF_XML),
    "weights with three digits": ("text/csv;q=0.001, text/tab-separated-values;q=0.002", TSV, ""),
    "a weight above one": ("text/csv;q=5, text/tab-separated-values", CSV, ""),
    "weights that are none": ("text/csv;q=nan, text/tab-separated-values;q=0.1, text/turtle;q=", TSV, ""),
    "weights that are words": ("text/csv;q=high, text/tab-separated-values;q=0.1, text/turtle;q=0,9", TSV, ""),
    "weights in other notations": ("text/csv;q=1e0, text/tab-separated-values;q=0.1, text/turtle;q=-1", TSV, ""),
    "refuses everything": ("*/*;q=0", "", ""),
    "an image": ("image/png", "", ""),
    "rubbish": ("turtle; ;;, q=1, /", "", ""),
}


@pytest.mark.parametrize("client", CLIENTS)
def test_each_client_gets_what_it_asks_for_before_what_it_tolerates(client: str) -> None:
    accept, *expected = CLIENTS[client]
    for offers, wanted in zip((ROWS, TRIPLES), expected, strict=True):
        if wanted:
            assert choose(accept, [], offers) == wanted
        else:
            with pytest.raises(NotAcceptable):
                choose(accept, [], offers)


def test_a_refusal_lists_what_is_on_offer() -> None:
    with pytest.raises(NotAcceptable, match=re.escape(f"on offer: {TURTLE}, {NT}, {JSON_LD}, {RDF_XML}")):
        choose("image/png", [], TRIPLES)


@pytest.mark.parametrize(
    ("wishes", "rows", "triples"),
    [
        (["json"], JSON, JSON_LD),
        (["xml"], XML, RDF_XML),
        (["CSV"], CSV, RDF_XML),
        (["tsv"], TSV, RDF_XML),
        (["ttl"], XML, TURTLE),
        (["nt"], XML, NT),
        (["json-ld"], XML, JSON_LD),
        (["rdf+xml"], XML, RDF_XML),
        (["rdf xml"], XML, RDF_XML),
        (["application/sparql-results+json"], JSON, RDF_XML),
        (["application/sparql-results json"], JSON, RDF_XML),
        (["text/csv; charset=utf-8"], CSV, RDF_XML),
        (["application/json"], JSON, JSON_LD),
        (["text/plain"], XML, NT),
        (["auto", "geojson", "csv", "json"], CSV, JSON_LD),
        (["", "*/*", "none"], XML, RDF_XML),
        ([], XML, RDF_XML),
    ],
)
def test_the_first_wish_that_is_known_and_on_offer_wins_over_accept(wishes: list[str], rows: str, triples: str) -> None:
    accept = "application/sparql-results+xml, application/rdf+xml"
    assert choose(accept, wishes, ROWS) == rows
    assert choose(accept, wishes, TRIPLES) == triples


def test_a_wish_is_answered_even_when_accept_refuses_everything() -> None:
    assert choose("image/png", ["csv"], ROWS) == CSV


def test_every_short_name_is_good_for_something_on_offer() -> None:
    for name, types in SHORT_NAMES.items():
        assert set(types) <= {*ROWS, *TRIPLES}, name
        assert any(choose("", [name], offers) == types[0] for offers in (ROWS, TRIPLES)), name
