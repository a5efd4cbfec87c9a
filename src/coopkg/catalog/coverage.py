"""Of which places and of which time a data set tells: France and its parts, and a period of days."""

from __future__ import annotations

from coopkg import names
from coopkg.catalog.contents import DataSet
from coopkg.catalog.facts import Facts
from coopkg.catalog.sheet import Sheet, typed
from coopkg.catalog.wording import Wording
from coopkg.rdf import BlankNode, Literal, NamedNode

_WKT = NamedNode("http://www.opengis.net/ont/geosparql#wktLiteral")
_FRANCE = "http://publications.europa.eu/resource/authority/country/FRA"
#: Of its European part, as maps are centred that are opened there.
_CENTRE = "POINT(2.2 46.2)"
#: Boxes around its parts, in degrees, outward to a tenth: west, south, east, north.
_PARTS = (
    (-5.2, 41.3, 9.6, 51.1),  # in Europe
    (-61.9, 15.8, -60.9, 16.6),  # Guadeloupe
    (-63.2, 17.8, -62.7, 18.2),  # Saint-Martin, Saint-Barthélemy
    (-61.3, 14.3, -60.7, 15.0),  # Martinique
    (-54.7, 2.1, -51.6, 5.8),  # Guyane
    (55.2, -21.4, 55.9, -20.8),  # La Réunion
    (44.9, -13.1, 45.4, -12.5),  # Mayotte
    (-56.5, 46.7, -56.1, 47.2),  # Saint-Pierre-et-Miquelon
    (-178.3, -14.4, -176.1, -13.1),  # Wallis-et-Futuna
    (-154.8, -28.0, -134.4, -7.8),  # Polynésie française
    (163.5, -22.9, 168.2, -19.5),  # Nouvelle-Calédonie
)


def france(sheet: Sheet) -> str:
    """Say where France is, and return its IRI.

    One box around all of it would be a belt around the earth: there is one around each part that is lived in, in one
    literal, since the shapes allow no second one.
    """
    label = Wording("France", "France")
    boxes = ", ".join(f"({_ring(part)})" for part in _PARTS)
    sheet.say(
        _FRANCE,
        a="dcterms_Location",
        rdfs_label=label,
        skos_prefLabel=label,
        dcat_bbox=Literal(f"MULTIPOLYGON({boxes})", datatype=_WKT),
        dcat_centroid=Literal(_CENTRE, datatype=_WKT),
    )
    return _FRANCE


def _ring(box: tuple[float, float, float, float]) -> str:
    west, south, east, north = box
    corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
    return f"({', '.join(f'{x:g} {y:g}' for x, y in corners)})"


def period(sheet: Sheet, one: DataSet, facts: Facts) -> BlankNode | None:
    """Say of which time a data set tells, and return the node of that: blank, since udata fetches any other one."""
    if one.name == "changes":
        first, last = facts.issued[:10], facts.modified[""][:10]
    elif one.has_years and facts.years:
        first, last = f"{facts.years[0]:04}-01-01", f"{facts.years[1]:04}-12-31"
    else:
        return None
    node = BlankNode(f"period-{one.name}")
    sheet.say(node, a="dcterms_PeriodOfTime", dcat_startDate=typed(first, "date"), dcat_endDate=typed(last, "date"))
    return node


def skolem(name: str) -> str:
    """Return the IRI that a blank node of a document has in the store."""
    return f"{names.GENID}catalog/{name}"
