"""A graph with lists worth filtering: what the tests of the lists and of their files read."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from flask import Flask

from coopkg.generations import Manifest
from coopkg.graph import Graph
from coopkg.index import Index
from coopkg.rdf import RdfFormat, parse_quads
from coopkg.settings import Settings
from coopkg.store import QuadStore
from coopkg.web.app import create_app
from tests.builders import ID, SCHEME
from tests.in_process import InProcess
from tests.web.conftest import unbounded

REVISION = 7

HARMFUL = "<script>alert(1)</script>"
FORMULA = '=HYPERLINK("https://evil.example";"clic")'
BIDI = "a\u202eb"
LONG = "x" * 10_000
_PREFIXES = f"""@prefix coop: <https://w3id.org/coopkg/ns#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix id: <{ID}> .
@prefix scheme: <{SCHEME}> .
"""


def a_store(count: int = 45) -> QuadStore:
    """Return a store with actions of every type, and all that lists can be filtered by."""
    turtle = _PREFIXES + _CONCEPTS + _PLACES + _AGENTS + "".join(_action(number) for number in range(count)) + _ODD
    return QuadStore.in_memory(parse_quads(turtle.encode(), RdfFormat.TRIG, "the lists of the tests"))


class _Published:
    """A graph of one revision that is held in memory."""

    def __init__(self, store: QuadStore) -> None:
        self._store = store

    def generation(self) -> str:
        return ""

    def published_at(self) -> float:
        return 0.0

    def current(self) -> tuple[QuadStore, Manifest]:
        manifest = Manifest.__new__(Manifest)
        object.__setattr__(manifest, "revision", REVISION)
        return self._store, manifest

    def location(self) -> tuple[Path, int]:
        return Path("nowhere"), REVISION


def an_app(store: QuadStore, state: Path) -> Flask:
    """Return the application over a store, with its index."""
    index = Index()
    index.build(store, REVISION)
    service = unbounded(InProcess(lambda: (store, REVISION)))
    return create_app(cast(Graph, _Published(store)), service, Settings(state=state), index=index)


def _action(number: int) -> str:
    """Return an action whose values follow from its number, so that all combinations occur."""
    cls = ("Project", "Experiment", "Event", "Programme", "Action")[number % 5]
    classes = "coop:Experiment , coop:Project" if cls == "Experiment" else f"coop:{cls}"
    theme = ("food", "climate", "ecology")[number % 3]
    # The commune lies in 75, which lies in 11; the region 53 has no more than its outline.
    within = (("commune/75056", "departement/75", "region/11"), ("departement/29", "region/53"), ("region/53",))
    places = within[number % 3]
    role, other = (("lead", "funder"), ("partner", "lead"), ("funder", "partner"))[number % 3]
    located = " , ".join(f"<{ID}territory/{place}>" for place in places)
    return f"""
id:action-{number:02} a coop:Action , {classes} ; skos:prefLabel "Action {number:02}"@fr , "Deed {99 - number}"@en ;
    dcterms:description "Une action pour les essais."@fr ; dcterms:source id:source-{number % 4} ;
    coop:coversTerritory <{ID}territory/{places[0]}> ; coop:locatedIn {located} ;
    coop:theme <{SCHEME}theme/{theme}> ; coop:status <{SCHEME}status/{("planned", "achieved")[number % 2]}> ;
    coop:startDate "{2000 + number % 7}"^^xsd:gYear ; coop:earliestDate "{2000 + number % 7}-01-01"^^xsd:date ;
    coop:latestDate "{2000 + number % 7 + 2 * (number % 2)}-12-31"^^xsd:date ;
    coop:hasOutcome id:outcome-{number} ; coop:hasLesson id:lesson-{number} ;
    {f"coop:inProgramme <{ID}programme/p> ;" if number % 4 == 0 else ""}
    {"coop:contributesToGoal <http://metadata.un.org/sdg/17> ;" if number % 6 == 0 else ""}
    {f"coop:ledBy <{ID}organisation/a> ;" if "lead" in (role, other) else ""}
    coop:hasParticipant <{ID}organisation/a> , <{ID}organisation/b> .
id:outcome-{number} a coop:Outcome ; skos:prefLabel "Résultat {number}"@fr ;
    coop:hasMeasure id:measure-{number} ;
    coop:outcomeKind <{SCHEME}outcome-kind/{("network", "tool")[number % 2]}> ;
    coop:status <{SCHEME}status/{("planned", "achieved")[number % 2]}> .
id:measure-{number} a coop:Measure ; coop:value 4 .
id:lesson-{number} a coop:Lesson ; skos:prefLabel "Leçon {number}"@fr ;
    coop:lessonKind <{SCHEME}lesson-kind/{("obstacle", "lever")[number % 2]}> ;
    {f"coop:theme <{SCHEME}theme/unused> ;" if number % 5 == 0 else ""} .
id:one-{number} a coop:Participation ; coop:inAction id:action-{number:02} ; coop:role <{SCHEME}role/{role}> ;
    coop:participant <{ID}organisation/a> .
id:two-{number} a coop:Participation ; coop:inAction id:action-{number:02} ; coop:role <{SCHEME}role/{other}> ;
    coop:participant <{ID}organisation/b> .
"""


def _concepts(scheme: str, *slugs: str) -> str:
    return "".join(
        f"<{SCHEME}{scheme}/{slug}> a skos:Concept ; skos:inScheme <{SCHEME}{scheme}> ; "
        f'skos:prefLabel "{slug.title()}"@en , "{slug.title()} (fr)"@fr .\n'
        for slug in slugs
    )


_CONCEPTS = (
    _concepts("theme", "ecology", "climate", "food", "unused")
    + f"<{SCHEME}theme/climate> skos:broader <{SCHEME}theme/ecology> .\n"
    + _concepts("role", "lead", "partner", "funder")
    + _concepts("status", "planned", "achieved")
    + _concepts("outcome-kind", "network", "tool")
    + _concepts("lesson-kind", "obstacle", "lever")
    + _concepts("stakeholder-kind", "association", "municipality")
    + _concepts("page-kind", "fact-sheet", "interview")
    + _concepts("territory-level", "region", "departement", "commune")
    + "coop:Experiment rdfs:subClassOf coop:Project . coop:Project rdfs:subClassOf coop:Action .\n"
)
_SQUARE = "POLYGON ((2 48, 2 49, 3 49, 3 48, 2 48))"


def _territory(path: str, name: str, *within: str) -> str:
    level = path.partition("/")[0]
    around = "".join(f" ; coop:within <{ID}territory/{one}>" for one in within)
    direct = f" ; coop:directlyWithin <{ID}territory/{within[0]}>" if within else ""
    outline = "" if level == "commune" else f" ; geo:hasGeometry <{ID}geometry/{path}>"
    return (
        f'<{ID}territory/{path}> a coop:Territory ; skos:prefLabel "{name}"@fr ; '
        f"coop:territoryLevel <{SCHEME}territory-level/{level}>{around}{direct}{outline} .\n"
        + (f'<{ID}geometry/{path}> geo:asWKT "{_SQUARE}"^^geo:wktLiteral .\n' if outline else "")
    )


_PLACES = (
    _territory("region/11", "Île-de-France")
    + _territory("region/53", "Bretagne")
    + _territory("region/94", "Corse")
    + _territory("departement/75", "Paris", "region/11")
    + _territory("departement/29", "Finistère", "region/53")
    + _territory("commune/75056", "Paris", "departement/75", "region/11")
)
_AGENTS = f"""
<{ID}organisation/a> a org:Organization ; skos:prefLabel "L’association"@fr ; coop:siren "123456789" ;
    org:classification <{SCHEME}stakeholder-kind/association> .
<{ID}organisation/b> a org:Organization ; skos:prefLabel "La ville"@fr ;
    org:classification <{SCHEME}stakeholder-kind/municipality> .
<{ID}programme/p> a coop:Programme , coop:Action ; skos:prefLabel "Le programme"@fr .
<http://metadata.un.org/sdg/17> skos:prefLabel "Partenariats"@fr .
""" + "".join(
    f"""id:source-{number} a coop:SourceDocument ; dcterms:title "La page {number}"@fr ;
    dcterms:publisher <{ID}organisation/{"ab"[number % 2]}> ; dcterms:issued "{2010 + number}"^^xsd:gYear ;
    dcterms:subject <{SCHEME}theme/{("food", "climate")[number % 2]}> ;
    coop:pageKind <{SCHEME}page-kind/{("fact-sheet", "interview")[number % 2]}> ;
    coop:describes id:action-0{number} ; foaf:page <https://example.org/{number}> .
"""
    for number in range(4)
)
_ODD = f"""
id:harmful a coop:Action , coop:Project ; skos:prefLabel {HARMFUL!r}@fr ; dcterms:description "{BIDI} | c"@fr ;
    dcterms:source <javascript:alert(1)> ; coop:startDate "2019-07"^^xsd:gYearMonth ;
    coop:earliestDate "2019-07-01"^^xsd:date ; coop:latestDate "2019-07-31"^^xsd:date .
id:formula a coop:Action , coop:Project ; skos:prefLabel '{FORMULA}'@fr ; dcterms:description " -1+1;\\n=2"@fr .
id:long a coop:Action , coop:Project ; skos:prefLabel "{LONG}"@fr .
id:nameless a coop:Action , coop:Project .
"""
