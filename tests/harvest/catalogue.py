"""What the catalogue of a portal must hold, whatever reads it (ADR 0022)."""

from __future__ import annotations

from coopkg import names

ENDINGS = ("ttl", "rdf", "jsonld")
DATA_SETS = tuple(
    f"{names.BASE}dataset/{name}"
    for name in ("changes", "graph", "ontology", "organisations", "projects", "territories")
)
#: Those that speak of places.
WITH_PLACES = frozenset(DATA_SETS) - {f"{names.BASE}dataset/changes", f"{names.BASE}dataset/ontology"}
WHOLE = f"{names.BASE}dataset/graph"
SERVICE = f"{names.BASE}service/sparql"
#: What UTF-8 looks like to a reader that was told of no charset, and took another.
MISREAD = ("Ã", "â€", "�")
