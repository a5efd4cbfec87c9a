"""Builders: a small content folder that builds in seconds, and pieces to put into it."""

from __future__ import annotations

import shutil
from pathlib import Path

from coopkg.content import Content

REPOSITORY = Path(__file__).parent.parent
ID = "https://w3id.org/coopkg/id/"
SCHEME = "https://w3id.org/coopkg/scheme/"

PREFIXES = """@prefix coop: <https://w3id.org/coopkg/ns#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def a_small_content(folder: Path) -> Path:
    """Make a content folder with the real ontology and shapes, régions, two organisations and one source.

    Its reference tables count as judged: they are lines of the real ones.
    """
    for part in ("ontology", "shapes"):
        shutil.copytree(REPOSITORY / part, folder / part)
    (folder / "data" / "sources").mkdir(parents=True)
    (folder / "data" / "reference").mkdir()
    shutil.copy(REPOSITORY / "data" / "reference" / "regions.nq", folder / "data" / "reference" / "regions.nq")
    (folder / "data" / "organisations.trig").write_text(_ORGANISATIONS, encoding="utf-8")
    (folder / "data" / "sources" / "a-page.trig").write_text(a_source("a-page"), encoding="utf-8")
    Content(folder).vouch()
    return folder


def a_source(slug: str, *, region: str = "11", name: str = "Un projet", more: str = "") -> str:
    """Return the TriG of a source document about one project, led by an association and helped by a city."""
    project, source = f"<{ID}project/{slug}>", f"<{ID}source/{slug}>"
    return f"""{PREFIXES}
<https://w3id.org/coopkg/graph/{slug}> {{
    {source}
        a coop:SourceDocument ;
        dcterms:title "La page {slug}"@fr ;
        dcterms:language "fr"^^xsd:language ;
        dcterms:publisher <{ID}organisation/une-association> ;
        foaf:page <https://example.org/{slug}> ;
        coop:describes {project} ;
        coop:pageKind <{SCHEME}page-kind/fact-sheet> ;
        coop:readExtent <{SCHEME}read-extent/whole> .

    {project}
        a coop:Project ;
        skos:prefLabel "{name}"@fr ;
        dcterms:description "Un projet pour les essais."@fr ;
        dcterms:source {source} ;
        coop:coversTerritory <{ID}territory/region/{region}> ;
        coop:theme <{SCHEME}theme/cooperation> .

    <{ID}participation/{slug}--une-association>
        a coop:Participation ;
        dcterms:source {source} ;
        coop:inAction {project} ;
        coop:participant <{ID}organisation/une-association> ;
        coop:role <{SCHEME}role/lead> .

    <{ID}participation/{slug}--une-ville>
        a coop:Participation ;
        dcterms:source {source} ;
        coop:inAction {project} ;
        coop:participant <{ID}organisation/une-ville> ;
        coop:role <{SCHEME}role/partner> .
{more}}}
"""


_ORGANISATIONS = f"""{PREFIXES}
<https://w3id.org/coopkg/graph/editorial/organisations> {{
    <{ID}organisation/une-association>
        a org:Organization ;
        skos:prefLabel "Une association"@fr ;
        org:classification <{SCHEME}stakeholder-kind/association> .

    <{ID}organisation/une-ville>
        a org:Organization ;
        skos:prefLabel "Une ville"@fr ;
        org:classification <{SCHEME}stakeholder-kind/municipality> ;
        coop:hasJurisdictionOver <{ID}territory/region/11> .
}}
"""


def a_tiny_content(folder: Path) -> Path:
    """Make a content folder with a toy ontology, one shape and two sources: it builds in a tenth of a second.

    For what the steps of a build do to the state folder, whatever is judged.
    """
    rules = REPOSITORY / "ontology" / "rules" / "role-shortcuts.rq"
    for path, text in {
        "ontology/coop.ttl": _TINY_ONTOLOGY,
        "ontology/rules/role-shortcuts.rq": rules.read_text(encoding="utf-8"),
        "shapes/project.ttl": _TINY_SHAPE,
        "data/sources/a-page.trig": a_tiny_source("a-page", "Un projet"),
        "data/sources/b-page.trig": a_tiny_source("b-page", "Un autre projet"),
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def a_tiny_source(slug: str, name: str) -> str:
    """Return the canonical TriG of a graph that only names a project."""
    return f"""@prefix coop: <https://w3id.org/coopkg/ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

<https://w3id.org/coopkg/graph/{slug}> {{
    <{ID}project/{slug}>
        a coop:Project ;
        skos:prefLabel "{name}"@fr .
}}
"""


_TINY_ONTOLOGY = f"""{PREFIXES}@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
coop:Action a owl:Class .
coop:Project a owl:Class ; rdfs:subClassOf coop:Action .
coop:within a owl:ObjectProperty .
"""

_TINY_SHAPE = f"""{PREFIXES}@prefix coopsh: <https://w3id.org/coopkg/shapes#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
coopsh:Project a sh:NodeShape ; sh:targetClass coop:Project ; sh:property coopsh:Project-label .
coopsh:Project-label a sh:PropertyShape ; sh:path skos:prefLabel ; sh:minCount 1 ; sh:maxLength 40 ;
    sh:severity sh:Violation ; sh:message "Donnez un nom court."@fr , "Give a short name."@en .
"""


def segment(journal: Path, number: int = 1) -> Path:
    """Return a segment of the current edition of a journal."""
    return journal / "current" / f"{number:09d}"


def put_segments(journal: Path, *contents: bytes | bytearray) -> None:
    """Let a journal have some bytes as its segments, whatever they are."""
    if not journal.exists():
        (journal / "edition-1").mkdir(parents=True)
        (journal / "current").symlink_to("edition-1")
    for path in (journal / "current").glob("0*"):
        path.unlink()
    for number, content in enumerate(contents, start=1):
        segment(journal, number).write_bytes(content)
