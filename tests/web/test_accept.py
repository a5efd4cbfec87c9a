"""What each open address answers to the Accept headers that real clients send: a form that they asked for, or 406.

A new route needs a sample here: an address of it, and what it has on offer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient

TURTLE, NT, JSON_LD, RDF_XML, HTML = (
    *("text/turtle", "application/n-triples", "application/ld+json", "application/rdf+xml", "text/html"),
)
#: Accept as clients send it, with the form of a document that they get; "" is a 406.
CLIENTS: dict[str, tuple[str | None, str]] = {
    "none at all": (None, TURTLE),
    "empty": ("", TURTLE),
    "curl, wget, python-requests (udata, ckanext-dcat), Java 18": ("*/*", TURTLE),
    "Firefox": ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HTML),
    "Chrome": (
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
        "application/signed-exchange;v=b3;q=0.7",
        HTML,
    ),
    "Googlebot": (
        "text/html,application/xhtml+xml,application/signed-exchange;v=b3,application/xml;q=0.9,*/*;q=0.8",
        HTML,
    ),
    "Internet Explorer": ("text/html, application/xhtml+xml, */*", HTML),
    "Lynx": ("text/html, text/plain, text/sgml, text/css, application/xhtml+xml, */*;q=0.01", HTML),
    "Java HttpURLConnection, OpenRefine": ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", HTML),
    "fetch of a browser": ("*/*", TURTLE),
    "axios": ("application/json, text/plain, */*", NT),
    "R httr": ("application/json, text/xml, application/xml, */*", JSON_LD),
    "pandas": ("text/csv", ""),
    "rdflib, anything": (
        "text/turtle, application/rdf+xml, text/n3, application/n-triples;q=0.9, application/ld+json;q=0.1, */*;q=0.1",
        TURTLE,
    ),
    "rdflib, a context": ("application/ld+json, application/json;p=0.9, */*;q=0.1", JSON_LD),
    "rdflib, format=xml": ("application/rdf+xml, */*;q=0.1", RDF_XML),
    "rdflib, format=n3": ("text/n3, */*;q=0.1", TURTLE),
    "Jena": (
        "text/turtle,application/n-triples;q=0.9,application/ld+json;q=0.8,application/rdf+xml;q=0.7,*/*;q=0.3",
        TURTLE,
    ),
    "Jena, datasets": (
        "application/trig,application/n-quads;q=0.9,text/turtle;q=0.8,application/ld+json;q=0.7,*/*;q=0.3",
        TURTLE,
    ),
    "RDF4J": (
        "application/x-binary-rdf, application/rdf+xml;q=0.8, text/turtle;q=0.8, application/ld+json;q=0.8",
        TURTLE,
    ),
    "LinkedDataHub": ("application/n-triples, text/turtle;q=0.9, application/rdf+xml;q=0.8", NT),
    "Comunica": (
        "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,application/n-triples;q=0.8,"
        "text/turtle;q=0.6,application/rdf+xml;q=0.5,text/html;q=0.2,application/xml;q=0.18,*/*;q=0.1",
        JSON_LD,
    ),
    "ldes-client": ("text/turtle, application/trig;q=0.9, application/ld+json;q=0.8", TURTLE),
    "raptor": (
        "application/n-triples, text/plain;q=0.1, text/turtle, application/x-turtle, application/turtle, "
        "application/rdf+xml, text/rdf;q=0.6, */*;q=0.1",
        TURTLE,
    ),
    "Protégé (OWL API)": (
        "application/rdf+xml, application/xml; q=0.7, text/xml; q=0.6, text/plain; q=0.1, */*; q=0.09",
        RDF_XML,
    ),
    "Virtuoso sponger": (
        "application/rdf+xml; q=1.0, text/turtle; q=0.9, text/rdf+n3; q=0.9, application/ld+json; q=0.8, "
        "text/html; q=0.5, */*; q=0.1",
        RDF_XML,
    ),
    "Ruby RDF.rb": (
        "application/n-triples, text/plain;q=0.2, application/ld+json, application/xhtml+xml;q=0.7, text/html;q=0.5, "
        "application/rdf+xml, text/turtle, */*;q=0.1",
        TURTLE,
    ),
    "EasyRdf, Skosmos": (
        "application/json,text/json,application/n-triples,text/turtle,application/rdf+xml,text/html;q=0.5,*/*;q=0.1",
        TURTLE,
    ),
    "extruct": ("text/html, application/xhtml+xml;q=0.9", HTML),
    "Mastodon": (
        'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
        JSON_LD,
    ),
    "JSON-LD with a profile": ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', JSON_LD),
    "JSON-LD or HTML": ("application/ld+json;q=0.9, text/html", HTML),
    "RDF or HTML alike": ("text/html, text/turtle", TURTLE),
    "RDF rather than HTML": ("text/html;q=0.4, application/rdf+xml;q=0.5", RDF_XML),
    "Turtle with a charset": ("text/turtle; charset=UTF-8; q=0.4, application/rdf+xml;q=0.3", TURTLE),
    "SPARQLWrapper": ("application/turtle,text/turtle", TURTLE),
    "XML of old": ("text/xml", RDF_XML),
    "any text": ("text/*", TURTLE),
    "any application": ("application/*", NT),
    "anything but Turtle": ("*/*, text/turtle;q=0", NT),
    "upper case": ("Application/LD+JSON;Q=0.5", JSON_LD),
    "a citation": ("application/vnd.citationstyles.csl+json", ""),
    "a reader of feeds": ("application/rss+xml, application/rdf+xml;q=0.8, application/atom+xml;q=0.6", RDF_XML),
    "an image": ("image/avif,image/webp", ""),
    "nothing at all": ("*/*;q=0", ""),
    "rubbish": ("turtle; ;;, q=1, /", ""),
}


@dataclass(frozen=True)
class Sample:
    """An address, and what is on offer there.

    Args:
        form: one of `CHOSEN`, or the media type that is given whatever is asked.
    """

    address: str
    form: str = HTML
    status: int = 200


SAMPLES = {
    "/.well-known/security.txt": Sample("/.well-known/security.txt", "refused", 404),
    "/.well-known/void": Sample("/.well-known/void", "triples"),
    "/": Sample("/"),
    "/about": Sample("/about"),
    "/accessibility": Sample("/accessibility"),
    "/api": Sample("/api"),
    "/catalog": Sample("/catalog", "document"),
    "/catalog.<>": Sample("/catalog.jsonld", JSON_LD),
    "/changes": Sample("/changes", "listed"),
    "/changes/<>": Sample("/changes/1", "patch"),
    "/context.jsonld": Sample("/context.jsonld", JSON_LD),
    "/dataset/<>": Sample("/dataset/graph", "document"),
    "/distribution/<>": Sample("/distribution/projects/csv", "text/plain", 303),
    "/doc/<>": Sample("/doc/project/a-page", "document"),
    "/docs/": Sample("/docs/"),
    "/docs/<>": Sample("/docs/endpoint.md", "readable"),
    "/dumps/": Sample("/dumps/", "listed"),
    "/dumps/<>/<>": Sample("/dumps/2026-01-01-r1/coopkg.nq.gz", "refused", 404),
    "/dumps/graphs/<>.nq.gz": Sample("/dumps/graphs/00.nq.gz", "refused", 404),
    "/dumps/index.json": Sample("/dumps/index.json", "application/json"),
    "/dumps/key.pem": Sample("/dumps/key.pem", "refused", 404),
    "/dumps/latest/<>": Sample("/dumps/latest/manifest.json", "refused", 404),
    "/examples": Sample("/examples"),
    "/examples.ttl": Sample("/examples.ttl", TURTLE),
    "/feed": Sample("/feed", "feed"),
    "/feed.<>": Sample("/feed.nq", "application/n-quads"),
    "/feed/<>": Sample("/feed/999999999", "refused", 404),
    "/feed/version/<>": Sample("/feed/version/1-000000000000/id/project/a-page", "refused", 404),
    "/graph-store": Sample("/graph-store?default", "triples"),
    "/health": Sample("/health", "text/plain"),
    "/id/<>": Sample("/id/project/a-page", "text/plain", 303),
    "/legal": Sample("/legal"),
    "/lessons": Sample("/lessons"),
    "/lessons.<>": Sample("/lessons.csv", "text/csv"),
    "/map": Sample("/map"),
    "/metrics": Sample("/metrics", "text/plain"),
    "/network/<>": Sample("/network/organisation/une-association"),
    "/ns": Sample("/ns", "document"),
    "/ns.<>": Sample("/ns.rdf", RDF_XML),
    "/ns/<>": Sample("/ns/0.1.0", "document"),
    "/openapi.json": Sample("/openapi.json", "application/json"),
    "/openapi.yaml": Sample("/openapi.yaml", "application/yaml"),
    "/organisations": Sample("/organisations"),
    "/organisations.<>": Sample("/organisations.json", "application/json"),
    "/outcomes": Sample("/outcomes"),
    "/outcomes.<>": Sample("/outcomes.csv", "text/csv"),
    "/privacy": Sample("/privacy"),
    "/projects": Sample("/projects"),
    "/projects.<>": Sample("/projects.geojson", "application/geo+json"),
    "/q/<>": Sample("/q/aaaaaaaaaaaa", status=404),
    "/quality": Sample("/quality"),
    "/quality.csv": Sample("/quality.csv", "text/csv"),
    "/quality.json": Sample("/quality.json", "application/json"),
    "/query": Sample("/query"),
    "/query/vocabulary.json": Sample("/query/vocabulary.json", "application/json"),
    "/ready": Sample("/ready", "text/plain"),
    "/reconcile": Sample("/reconcile", "listed"),
    "/reconcile/flyout": Sample("/reconcile/flyout?id=x", "refused", 400),
    "/reconcile/preview": Sample("/reconcile/preview?id=x", "refused", 404),
    "/reconcile/properties": Sample("/reconcile/properties", "application/json"),
    "/reconcile/suggest/entity": Sample("/reconcile/suggest/entity?prefix=a", "application/json"),
    "/reconcile/suggest/property": Sample("/reconcile/suggest/property?prefix=a", "application/json"),
    "/reconcile/suggest/type": Sample("/reconcile/suggest/type?prefix=a", "application/json"),
    "/reconcile/view": Sample("/reconcile/view?id=x", "refused", 404),
    "/robots.txt": Sample("/robots.txt", "text/plain"),
    "/scheme": Sample("/scheme", "document"),
    "/scheme.<>": Sample("/scheme.nt", NT),
    "/scheme/<>": Sample("/scheme/role/lead", "document"),
    "/search": Sample("/search?q=projet"),
    "/service/sparql": Sample("/service/sparql", "text/plain", 303),
    "/service/sparql.<>": Sample("/service/sparql.ttl", "text/plain", 303),
    "/shapes": Sample("/shapes", "document"),
    "/shapes.<>": Sample("/shapes.html", HTML),
    "/sitemap-<>.xml": Sample("/sitemap-pages-1.xml", "application/xml"),
    "/sitemap.xml": Sample("/sitemap.xml", "application/xml"),
    "/sources": Sample("/sources"),
    "/sources.<>": Sample("/sources.ttl", TURTLE),
    "/sparql": Sample("/sparql?query=ASK{}", "rows"),
    "/static/<>": Sample("/static/coopkg.css", "text/css"),
    "/suggestions": Sample("/suggestions?q=pro", "suggestions"),
    "/territories": Sample("/territories"),
    "/territories.<>": Sample("/territories.csv", "text/csv"),
    "/themes": Sample("/themes"),
    "/themes.<>": Sample("/themes.csv", "text/csv"),
    "/validate": Sample("/validate"),
    "/why": Sample("/why", status=400),
}
ROWS = {"application/sparql-results+json", "application/sparql-results+xml", "text/csv", "text/tab-separated-values"}
TRIPLES = {TURTLE, NT, JSON_LD, RDF_XML}
#: What may come where the Accept header has its part in it, besides a refusal.
CHOSEN = {
    "document": {*TRIPLES, HTML},
    "triples": TRIPLES,
    "rows": ROWS,
    "readable": {HTML, "text/plain", "text/markdown"},
    "suggestions": {HTML, "application/json"},
    "listed": {HTML, "application/json"},
    "refused": {HTML, "text/plain", "application/problem+json"},
    "patch": {"application/rdf-patch"},
    "feed": {TURTLE, NT, JSON_LD, "application/trig", "application/n-quads", HTML},
}
#: What is not given to whoever asks for something else.
REFUSING = ("rows", "triples", "listed", "patch", "feed", "refused")
#: JSON is UTF-8 by its specification, and a strict reader refuses the parameter.
WITHOUT_CHARSET = re.compile(r"application/([a-z.-]+\+)?json|application/yaml")


def test_each_open_address_has_a_sample(app: Flask) -> None:
    rules = {rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert {re.sub(r"<[^>]+>", "<>", rule) for rule in rules} == set(SAMPLES)


def test_there_are_forty_clients() -> None:
    assert len(CLIENTS) >= 40


@pytest.mark.harvest(9)
@pytest.mark.harvest(11)
@pytest.mark.harvest(14)
@pytest.mark.harvest(21)
@pytest.mark.parametrize("name", CLIENTS)
def test_each_client_gets_a_form_that_it_asked_for(client: FlaskClient, name: str) -> None:
    accept, document = CLIENTS[name]
    headers = {"Origin": "https://elsewhere.example", **({} if accept is None else {"Accept": accept})}
    client.environ_base.pop("HTTP_USER_AGENT", None)
    for sample in SAMPLES.values():
        answer = client.get(sample.address, headers=headers, buffered=True)
        shown = f"{sample.address} for {name}: {answer.status} {answer.content_type}"
        assert answer.headers["Access-Control-Allow-Origin"] == "*", shown
        assert WITHOUT_CHARSET.fullmatch(answer.mimetype or "") or "charset=utf-8" in answer.content_type, shown
        if sample.form in CHOSEN:
            assert "Accept" in answer.vary, shown
        if sample.form == "document":
            assert (answer.status_code, answer.mimetype) == ((200, document) if document else (406, "text/plain")), (
                shown
            )
        elif answer.status_code == 406:
            assert sample.form in REFUSING, shown
            assert "on offer: " in answer.text, shown
        else:
            assert answer.status_code == sample.status, shown
            assert answer.mimetype in CHOSEN.get(sample.form, {sample.form}), shown


@pytest.mark.harvest(9)
@pytest.mark.parametrize("sample", [one for one in SAMPLES.values() if one.form == "document"], ids=lambda s: s.address)
def test_who_asks_for_what_is_not_there_is_told_what_is(client: FlaskClient, sample: Sample) -> None:
    answer = client.get(sample.address, headers={"Accept": "image/png"})
    assert answer.status_code == 406
    for form in CHOSEN["document"]:
        assert form in answer.text


@pytest.mark.harvest(11)
@pytest.mark.parametrize("sample", SAMPLES.values(), ids=lambda sample: sample.address)
def test_each_address_answers_who_asks_whether_it_may(client: FlaskClient, sample: Sample) -> None:
    plain = client.options(sample.address)
    assert plain.status_code == 200
    assert "GET" in plain.headers["Allow"]
    asking = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "GET"}
    assert client.options(sample.address, headers=asking).status_code == 204
    for answer in (plain, client.options(sample.address, headers=asking)):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "If-None-Match" in answer.headers["Access-Control-Allow-Headers"]
