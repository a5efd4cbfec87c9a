"""`/catalog` and `/dataset/...` for people: which data sets there are, what each holds, and how it is had and cited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask import Response, abort, g

from coopkg.rdf import Quad
from coopkg.store import QuadStore
from coopkg.view import View
from coopkg.web import public
from coopkg.web.site import described, downloads, layout, schemaorg
from coopkg.web.site.citation import citation
from coopkg.web.site.described import Catalog

#: What a reader may ask of each data set, to begin with: the query, and what it gives in French and in English.
QUERIES: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "graph": (
        (
            "Combien de choses de chaque classe",
            "How many things of each class",
            "SELECT ?class (COUNT(DISTINCT ?thing) AS ?things) WHERE {\n  ?thing a ?class .\n"
            "  FILTER(STRSTARTS(STR(?class), STR(coop:)))\n}\nGROUP BY ?class\nORDER BY DESC(?things)",
        ),
    ),
    "projects": (
        (
            "Les projets et leurs thèmes",
            "Projects and their themes",
            "SELECT ?project ?name ?theme WHERE {\n"
            "  ?project a coop:Project ; skos:prefLabel ?name ; coop:theme ?theme .\n}\nLIMIT 100",
        ),
        (
            "Qui a pris part à quoi, et dans quel rôle",
            "Who took part in what, and in which role",
            "SELECT ?action ?participant ?role WHERE {\n  ?participation coop:inAction ?action ;\n"
            "    coop:participant ?participant ; coop:role ?role .\n}\nLIMIT 100",
        ),
    ),
    "organisations": (
        (
            "Les organisations et leur catégorie",
            "Organisations and their kind",
            "SELECT ?organisation ?name ?kind WHERE {\n  ?organisation a org:Organization ; skos:prefLabel ?name ;\n"
            "    org:classification ?kind .\n}\nLIMIT 100",
        ),
    ),
    "territories": (
        (
            "Les régions, leur nom et leur code",
            "Régions, their names and codes",
            "SELECT ?region ?name ?code WHERE {\n"
            "  ?region coop:territoryLevel <https://w3id.org/coopkg/scheme/territory-level/region> ;\n"
            "    skos:prefLabel ?name ; igeo:codeINSEE ?code .\n}\nLIMIT 100",
        ),
    ),
    "ontology": (
        (
            "Les classes et leur définition",
            "Classes and their definitions",
            "SELECT ?class ?definition WHERE {\n  ?class a owl:Class ; skos:definition ?definition .\n}\nLIMIT 100",
        ),
    ),
}
#: Where it is said what the words of a data set mean: a page of ours, or a file of a dump.
_DICTIONARIES: Mapping[str, tuple[str, ...]] = {
    "graph": ("/ns", "/docs/model.md"),
    "projects": ("/dumps/latest/tables.json", "/docs/model.md"),
    "organisations": ("/dumps/latest/tables.json", "/docs/model.md"),
    "territories": ("/docs/model.md",),
    "ontology": ("/ns", "/shapes"),
    "changes": ("/docs/endpoint.md",),
}


def read(statements: Iterable[Quad], lang: str) -> Catalog:
    """Return what the pages tell of, in a reader's language; whoever asks for many pages keeps it.

    Args:
        statements: what the whole catalogue says at the present address.
    """
    return described.catalog(View(QuadStore.in_memory(statements), lang))


def catalog_page(found: Catalog) -> Response:
    """Show which data sets there are."""
    layout.opened()
    return layout.page(
        "catalog.html",
        catalog=found,
        dump=downloads.last(),
        revision=g.manifest.revision,
        structured=schemaorg.catalog(found, public.addresses()),
    )


def dataset_page(name: str, whole: Catalog) -> Response:
    """Show a data set: what it holds, its forms, its terms, how to cite and to follow it; 404 when there is none."""
    layout.opened()
    found = next((one for one in whole.data_sets if one.name == name), None)
    if found is None:
        abort(404)
    lang, site, dump = layout.reader_lang(), public.addresses(), downloads.last()
    return layout.page(
        "dataset.html",
        dataset=found,
        dump=dump,
        revision=g.manifest.revision,
        queries=[(english if lang == "en" else french, query) for french, english, query in QUERIES.get(name, ())],
        dictionaries=[path for path in _DICTIONARIES.get(name, ()) if dump or not path.startswith("/dumps/")],
        cited=citation().text(lang, g.manifest.revision, site.of(found.iri)),
        structured=schemaorg.dataset(whole, found, site, dump),
    )
