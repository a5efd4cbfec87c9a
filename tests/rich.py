"""A content folder with a thing of every kind, in texts as long as the real ones, and texts that wish harm.

For tests of pages: what can be shown is here once at least.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from pathlib import Path

from coopkg import names
from coopkg.content import Content
from coopkg.generations import Generations
from coopkg.rdf import Literal, NamedNode, Quad
from coopkg.settings import Settings
from tests.builders import ID, PREFIXES, REPOSITORY, SCHEME, a_small_content, a_source

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"
BREAKOUT = "\"'></title></textarea></svg><svg onload=alert(3)>"
#: A letter that turns what follows around, and none that turns it back.
TURNED = "\u202eemmargorp : 12"
LONG_WORD = "anticonstitutionnellement" * 40
ENDLESS = "Une phrase qui ne finit pas. " * 350
HOSTILE = "hostile"

_COMMUNES = ("75056", "91228", "93048", "97105")
_EPCI = ("200054781", "200057875", "200059228")


def a_rich_content(folder: Path) -> Path:
    """Make the small content with all régions, départements and goals, some communes, and a source with everything.

    Its reference tables count as judged: they are lines of the real ones.
    """
    a_small_content(folder)
    reference = folder / "data" / "reference"
    for table in ("departements.nq", "sdg.nq", "geometries.nq.gz"):
        (reference / table).write_bytes((REPOSITORY / "data" / "reference" / table).read_bytes())
    _pick(reference, "communes.nq.gz", [f"commune/{code}" for code in _COMMUNES])
    _pick(reference, "epci.nq.gz", [f"epci/{code}" for code in _EPCI])
    organisations = folder / "data" / "organisations.trig"
    small = organisations.read_text(encoding="utf-8")
    organisations.write_text(small.rstrip().removesuffix("}") + _MORE_ORGANISATIONS, encoding="utf-8")
    (folder / "data" / "sources" / "jardins.trig").write_text(_JARDINS, encoding="utf-8")
    (folder / "data" / "sources" / "hostile.trig").write_text(_HOSTILE, encoding="utf-8")
    (folder / "data" / "sources" / "many.trig").write_text(a_source("many", more=_MANY), encoding="utf-8")
    Content(folder).vouch()
    return folder


def inject(settings: Settings, quads: Iterable[Quad]) -> None:
    """Publish a generation that holds more than the gate let in, as if it had failed."""
    assert settings.state is not None
    generations = Generations(settings.state / "generations", keep=3)
    current = generations.current()
    assert current is not None
    with generations.candidate(current) as candidate:
        candidate.store.change((), list(quads))
        generations.advance(candidate, generations.manifest(current), generations.quality(current))


def what_the_gate_refuses() -> list[Quad]:
    """Return statements about the hostile things that no gate lets in: dangerous IRIs, turned and endless texts."""
    return [
        _quad("project", "skos:altLabel", Literal(TURNED, language="fr")),
        _quad("project", "dcterms:description", Literal(ENDLESS, language="en")),
        _quad("project", "rdfs:seeAlso", NamedNode("javascript:alert(4)")),
        _quad("project", "rdfs:seeAlso", NamedNode("data:text/html,%3Cscript%3Ealert(5)%3C/script%3E")),
        _quad("source", "foaf:page", NamedNode("javascript:alert(6)")),
        _quad("organisation", "foaf:homepage", NamedNode("JavaScript:alert(7)")),
        _quad("organisation", "skos:prefLabel", Literal(TURNED, language="en")),
        _quad("lesson", "skos:prefLabel", Literal(BREAKOUT, language="en")),
        _quad("lesson", "skos:editorialNote", Literal(ENDLESS, language="fr")),
    ]


def _quad(kind: str, term: str, value: NamedNode | Literal) -> Quad:
    prefix, _, name = term.partition(":")
    graph = NamedNode(f"{names.BASE}graph/{HOSTILE}")
    return Quad(NamedNode(f"{ID}{kind}/{HOSTILE}"), NamedNode(names.PREFIXES[prefix] + name), value, graph)


def _pick(reference: Path, table: str, territories: Iterable[str]) -> None:
    """Write those lines of a reference table that speak of some territories."""
    wanted = tuple(f"<{ID}territory/{one}> " for one in territories)
    with gzip.open(REPOSITORY / "data" / "reference" / table, "rt", encoding="utf-8") as lines:
        kept = "".join(line for line in lines if line.startswith(wanted))
    (reference / table).write_bytes(gzip.compress(kept.encode(), mtime=0))


_MORE_ORGANISATIONS = f"""
    <{ID}organisation/jardins-du-plateau>
        a org:Organization ;
        skos:prefLabel "Les Jardins du plateau, coopérative d’intérêt collectif"@fr,
            "The Gardens of the plateau, a community cooperative"@en ;
        skos:altLabel "Jardins du plateau"@fr ;
        coop:siren "123456782" ;
        foaf:homepage <https://example.org/jardins> ;
        org:classification <{SCHEME}stakeholder-kind/association>,
            <{SCHEME}stakeholder-kind/social-entrepreneur> .

    <{ID}organisation/{HOSTILE}>
        a org:Organization ;
        skos:prefLabel "{SCRIPT}"@fr ;
        org:classification <{SCHEME}stakeholder-kind/association> .
}}
"""

_SOURCE = f"""
        dcterms:language "fr"^^xsd:language ;
        dcterms:publisher <{ID}organisation/une-association> ;
        coop:pageKind <{SCHEME}page-kind/fact-sheet> ;
        coop:readExtent <{SCHEME}read-extent/whole> ;"""

_JARDINS = f"""{PREFIXES}
<https://w3id.org/coopkg/graph/jardins> {{
    <{ID}source/jardins>
        a coop:SourceDocument ;
        dcterms:title "Cultiver ensemble : les jardins partagés du plateau, dix ans après"@fr ;
        dcterms:issued "2021-03"^^xsd:gYearMonth ;{_SOURCE}
        dcterms:subject <{SCHEME}theme/food> ;
        skos:editorialNote "Date de publication prise de l’adresse de la page."@fr ;
        foaf:page <https://example.org/cultiver-ensemble-les-jardins-partages-du-plateau-dix-ans-apres> ;
        coop:narrator <{ID}organisation/jardins-du-plateau> ;
        coop:producedUnder <{ID}programme/cultiver-ensemble> ;
        coop:describes <{ID}project/jardins-partages> .

    <{ID}programme/cultiver-ensemble>
        a coop:Programme ;
        skos:prefLabel "Cultiver ensemble"@fr, "Growing together"@en ;
        dcterms:description "Un programme qui relie des jardins et ceux qui les cultivent."@fr ;
        dcterms:source <{ID}source/jardins> ;
        coop:theme <{SCHEME}theme/food> .

    <{ID}project/jardins-partages>
        a coop:Project ;
        skos:prefLabel "Jardins partagés du plateau : nourrir le quartier, apprendre à décider ensemble"@fr,
            "Shared gardens of the plateau: feeding the neighbourhood"@en ;
        skos:altLabel "Les jardins"@fr ;
        dcterms:description "Des habitants, une coopérative et une ville cultivent trois friches et partagent tout."@fr,
            "Residents, a cooperative and a city grow food on three plots and share the harvest."@en ;
        dcterms:source <{ID}source/jardins> ;
        skos:editorialNote "La fiche ne dit pas qui possède les friches."@fr ;
        coop:contributesToGoal <http://metadata.un.org/sdg/2> ;
        coop:coversTerritory <{ID}territory/commune/91228>, <{ID}territory/departement/91> ;
        coop:inProgramme <{ID}programme/cultiver-ensemble> ;
        coop:startDate "2019"^^xsd:gYear ;
        coop:earliestDate "2019-01-01"^^xsd:date ;
        coop:status <{SCHEME}status/in-progress> ;
        coop:sourceWording "cultiver ce que personne ne regardait"@fr ;
        coop:theme <{SCHEME}theme/food>, <{SCHEME}theme/cooperation> ;
        coop:hasOutcome <{ID}outcome/jardins-recoltes> ;
        coop:hasLesson <{ID}lesson/jardins-decider> ;
        coop:hasPerspective <{ID}perspective/jardins-essaimage> .

    <{ID}experiment/jardins-compost>
        a coop:Experiment ;
        skos:prefLabel "Un compost de quartier"@fr ;
        dcterms:description "Essayer un compost commun pendant un an."@fr ;
        dcterms:source <{ID}source/jardins> ;
        coop:partOfAction <{ID}project/jardins-partages> ;
        coop:theme <{SCHEME}theme/food> .

    <{ID}event/jardins-fete-2019-07>
        a coop:Event ;
        skos:prefLabel "Fête des récoltes, juillet 2019"@fr ;
        dcterms:source <{ID}source/jardins> ;
        coop:date "2019-07-14"^^xsd:date ;
        coop:earliestDate "2019-07-14"^^xsd:date ;
        coop:latestDate "2019-07-14"^^xsd:date ;
        coop:partOfAction <{ID}project/jardins-partages> ;
        coop:theme <{SCHEME}theme/food> .

    <{ID}action/jardins-formation>
        a coop:Action ;
        skos:prefLabel "Formation « Décider ensemble »"@fr ;
        dcterms:source <{ID}source/jardins> ;
        coop:continues <{ID}project/jardins-partages> ;
        coop:actionKind <{SCHEME}action-kind/training> ;
        coop:theme <{SCHEME}theme/cooperation> .

    <{ID}group/jardins-habitants>
        a coop:StakeholderGroup ;
        skos:prefLabel "Habitants des trois rues qui bordent les friches"@fr ;
        dcterms:source <{ID}source/jardins> ;
        coop:memberCount 60 ;
        coop:precision <{SCHEME}precision/about> ;
        org:classification <{SCHEME}stakeholder-kind/residents> .

    <{ID}participation/jardins--jardins-du-plateau>
        a coop:Participation ;
        dcterms:source <{ID}source/jardins> ;
        coop:inAction <{ID}project/jardins-partages> ;
        coop:participant <{ID}organisation/jardins-du-plateau> ;
        coop:role <{SCHEME}role/initiator>, <{SCHEME}role/lead> ;
        coop:listedAs <{SCHEME}stakeholder-kind/social-entrepreneur> ;
        coop:sourceWording "la coopérative a fait le premier pas"@fr .

    <{ID}participation/jardins--une-ville>
        a coop:Participation ;
        dcterms:source <{ID}source/jardins> ;
        coop:inAction <{ID}project/jardins-partages> ;
        coop:participant <{ID}organisation/une-ville> ;
        coop:role <{SCHEME}role/funder>, <{SCHEME}role/partner> .

    <{ID}participation/jardins--une-association>
        a coop:Participation ;
        dcterms:source <{ID}source/jardins> ;
        coop:inAction <{ID}project/jardins-partages> ;
        coop:participant <{ID}organisation/une-association> ;
        coop:role <{SCHEME}role/partner> .

    <{ID}participation/jardins--habitants>
        a coop:Participation ;
        dcterms:source <{ID}source/jardins> ;
        coop:inAction <{ID}project/jardins-partages> ;
        coop:participant <{ID}group/jardins-habitants> ;
        coop:role <{SCHEME}role/beneficiary> .

    <{ID}expected-participation/jardins--{HOSTILE}>
        a coop:ExpectedParticipation ;
        dcterms:source <{ID}source/jardins> ;
        coop:engagement <{SCHEME}engagement/solicited> ;
        coop:expectedIn <{ID}project/jardins-partages> ;
        coop:expectedParticipant <{ID}organisation/{HOSTILE}> ;
        coop:role <{SCHEME}role/funder> .

    <{ID}outcome/jardins-recoltes>
        a coop:Outcome ;
        skos:prefLabel "Deux tonnes de légumes partagées chaque année"@fr,
            "Two tonnes of vegetables shared each year"@en ;
        dcterms:source <{ID}source/jardins> ;
        coop:hasMeasure <{ID}measure/jardins-familles> ;
        coop:outcomeKind <{SCHEME}outcome-kind/effect-people> ;
        coop:status <{SCHEME}status/achieved> .

    <{ID}measure/jardins-familles>
        a coop:Measure ;
        skos:prefLabel "Une soixantaine de familles"@fr ;
        dcterms:source <{ID}source/jardins> ;
        coop:indicator <{SCHEME}indicator/member-families> ;
        coop:precision <{SCHEME}precision/about> ;
        coop:value 60.0 .

    <{ID}lesson/jardins-decider>
        a coop:Lesson ;
        skos:prefLabel "Décider à la majorité lasse les minorités : prendre le temps du consentement"@fr ;
        dcterms:source <{ID}source/jardins> ;
        coop:lessonKind <{SCHEME}lesson-kind/methodological>, <{SCHEME}lesson-kind/watch-point> ;
        coop:statedBy <{ID}organisation/jardins-du-plateau> ;
        coop:theme <{SCHEME}theme/cooperation> .

    <{ID}perspective/jardins-essaimage>
        a coop:Perspective ;
        skos:prefLabel "Ouvrir des jardins dans les communes voisines"@fr ;
        dcterms:source <{ID}source/jardins> ;
        coop:concernsAction <{ID}project/jardins-partages> ;
        coop:perspectiveKind <{SCHEME}perspective-kind/spreading> ;
        coop:status <{SCHEME}status/planned> ;
        coop:targetTerritory <{ID}territory/commune/93048> .
}}
"""

_HOSTILE = f"""{PREFIXES}
<https://w3id.org/coopkg/graph/{HOSTILE}> {{
    <{ID}source/{HOSTILE}>
        a coop:SourceDocument ;
        dcterms:title "{SCRIPT}"@fr ;{_SOURCE}
        coop:describes <{ID}project/{HOSTILE}> .

    <{ID}project/{HOSTILE}>
        a coop:Project ;
        skos:prefLabel "{SCRIPT}"@fr ;
        dcterms:description "{LONG_WORD}"@fr ;
        skos:editorialNote "{SCRIPT}"@fr ;
        coop:sourceWording "{SCRIPT}"@fr ;
        dcterms:source <{ID}source/{HOSTILE}> ;
        coop:coversTerritory <{ID}territory/region/11> ;
        coop:hasLesson <{ID}lesson/{HOSTILE}> ;
        coop:hasOutcome <{ID}outcome/{HOSTILE}> ;
        coop:theme <{SCHEME}theme/cooperation> .

    <{ID}lesson/{HOSTILE}>
        a coop:Lesson ;
        skos:prefLabel "{SCRIPT}"@fr ;
        dcterms:source <{ID}source/{HOSTILE}> ;
        coop:lessonKind <{SCHEME}lesson-kind/advice> .

    <{ID}outcome/{HOSTILE}>
        a coop:Outcome ;
        skos:prefLabel "{LONG_WORD[:195]}"@fr ;
        dcterms:source <{ID}source/{HOSTILE}> ;
        coop:outcomeKind <{SCHEME}outcome-kind/effect> .

    <{ID}participation/{HOSTILE}>
        a coop:Participation ;
        dcterms:source <{ID}source/{HOSTILE}> ;
        coop:inAction <{ID}project/{HOSTILE}> ;
        coop:participant <{ID}organisation/{HOSTILE}> ;
        coop:role <{SCHEME}role/lead> .

    <{ID}participation/{HOSTILE}--une-ville>
        a coop:Participation ;
        dcterms:source <{ID}source/{HOSTILE}> ;
        coop:inAction <{ID}project/{HOSTILE}> ;
        coop:participant <{ID}organisation/une-ville> ;
        coop:role <{SCHEME}role/partner> .
}}
"""

#: More projects than a page of a list holds.
_MANY = "".join(
    f"""
    <{ID}project/many-{number:03}>
        a coop:Project ;
        skos:prefLabel "Un projet parmi d’autres, le numéro {number}"@fr ;
        dcterms:source <{ID}source/many> ;
        coop:coversTerritory <{ID}territory/departement/{number % 95 + 1:02}> ;
        coop:theme <{SCHEME}theme/cooperation> .
"""
    for number in range(1, 121)
    if number % 95 + 1 != 20
)
