"""Builders: what a catalogue is made of, without a graph behind it."""

from __future__ import annotations

import hashlib
from typing import Any

from coopkg import names
from coopkg.addresses import Addresses
from coopkg.catalog.contents import DATA_SETS
from coopkg.catalog.facts import Facts, Publisher, Terms
from coopkg.catalog.wording import Wording
from coopkg.dumps.manifest import Dump, File
from coopkg.dumps.statistics import Links, Statistics, Uses

SITE = Addresses("https://coop.example/")
CC_BY = "https://creativecommons.org/licenses/by/4.0/"
OPEN_LICENCE = "https://www.etalab.gouv.fr/licence-ouverte-open-licence"
GRAPHS = {
    f"{names.GRAPH}a-page": 40,
    names.ORGANISATIONS_GRAPH: 30,
    names.LICENCES_GRAPH: 5,
    names.ONTOLOGY_GRAPH: 900,
    f"{names.SCHEMES_GRAPHS}role": 60,
    f"{names.REFERENCE_GRAPHS}regions": 700,
    names.GEOMETRIES_GRAPH: 100,
    f"{names.REFERENCE_GRAPHS}sdg": 80,
    names.TERRITORIES_GRAPH: 20,
}
_FIRST, _LAST = "2026-01-05T08:00:00.000+00:00", "2026-11-20T10:30:00.000+00:00"
_FILES = (
    ("coopkg.nq.gz", "application/n-quads", "gzip"),
    ("coopkg.nq.zst", "application/n-quads", "zstd"),
    ("coopkg.ttl.gz", "text/turtle", "gzip"),
    ("coopkg.jsonld.gz", "application/ld+json", "gzip"),
    ("projects.csv", "text/csv", ""),
    ("organisations.csv", "text/csv", ""),
    ("participations.csv", "text/csv", ""),
    ("outcomes.csv", "text/csv", ""),
    ("tables.json", "application/json", ""),
    ("statistics.json", "application/json", ""),
)


def a_file(name: str, media_type: str = "text/csv", compression: str = "", graph: str = "") -> File:
    """Return what a manifest says of a file; its checksums are those of its name."""
    sha256, sha512 = (kind(name.encode()).hexdigest() for kind in (hashlib.sha256, hashlib.sha512))
    return File(name, media_type, compression, 1_000 + len(name), sha256, sha512, graph=graph)


def a_dump(revision: int = 7, **changes: Any) -> Dump:
    """Return what the manifest of a dump of the graphs says."""
    said: dict[str, Any] = {
        "revision": revision,
        "head": "h" * 64,
        "time": _LAST,
        "digest": "d" * 64,
        "canonical_sha256": "c" * 64,
        "statements": sum(GRAPHS.values()),
        "made": "2026-11-20T11:00:00+00:00",
        "files": tuple(a_file(*file) for file in _FILES),
        "graphs": tuple(
            a_file(f"graphs/{number:064x}.nq.gz", "application/n-quads", "gzip", graph)
            for number, graph in enumerate(GRAPHS)
        ),
        "graph_digests": {graph: f"{number:064x}" for number, graph in enumerate(GRAPHS)},
    }
    return Dump(**{**said, **changes})


def some_statistics() -> Statistics:
    """Return the statistics of a graph of projects."""
    return Statistics(
        triples=1_900,
        subjects=400,
        entities=300,
        classes={f"{names.COOP}Project": 12},
        properties={f"{names.COOP}theme": Uses(30, 12)},
        links=(Links("https://schema.org/sameAs", "http://www.wikidata.org/entity/", 115),),
    )


def some_facts(**changes: Any) -> Facts:
    """Return the facts of a site that says who publishes it, with a dump and its statistics."""
    in_full = Wording("Creative Commons attribution 4.0 international (CC BY 4.0)", "Creative Commons (CC BY 4.0)")
    of_state = Wording("Licence Ouverte 2.0 (Etalab)", "Open Licence 2.0 (Etalab)")
    insee = Wording("Source : Insee.", "Source: Insee.")
    said: dict[str, Any] = {
        "revision": 7,
        "issued": _FIRST,
        "modified": {"": _LAST, **{one.name: _LAST for one in DATA_SETS}},
        "graphs": GRAPHS,
        "inferred": 2_000,
        "whole": Terms(CC_BY, in_full, Wording("Ensemble à licences mêlées.", "A whole of mixed licences.")),
        "publisher": Publisher("Association Exemple", "https://exemple.example/contact", "association"),
        "limits": "query 65536 bytes; deadline 10 s",
        "terms": {
            f"{names.REFERENCE_GRAPHS}regions": Terms(OPEN_LICENCE, of_state, insee, Wording("Régions", "Régions")),
            f"{names.REFERENCE_GRAPHS}sdg": Terms("", None, Wording("Nations unies.", "United Nations.")),
        },
        "years": (1998, 2025),
        "dump": a_dump(),
        "statistics": some_statistics(),
    }
    return Facts(**{**said, **changes})
