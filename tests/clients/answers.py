"""What each client asks, and the answers it must show: read off the repository's content, not off the endpoint."""

from __future__ import annotations

PREFIXES = """
PREFIX coop: <https://w3id.org/coopkg/ns#>
PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX igeo: <http://rdf.insee.fr/def/geo#>
PREFIX project: <https://w3id.org/coopkg/id/project/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""

REGIONS = f"""{PREFIXES}
SELECT ?code ?name WHERE {{
  ?region a igeo:Region ; igeo:codeINSEE ?code ; skos:prefLabel ?name .
  FILTER(LANG(?name) = "fr")
}} ORDER BY ?code"""

#: The régions of the official geographic code; several have accents, some codes begin with a zero.
REGION_ROWS = [
    ("01", "Guadeloupe"),
    ("02", "Martinique"),
    ("03", "Guyane"),
    ("04", "La Réunion"),
    ("06", "Mayotte"),
    ("11", "Île-de-France"),
    ("24", "Centre-Val de Loire"),
    ("27", "Bourgogne-Franche-Comté"),
    ("28", "Normandie"),
    ("32", "Hauts-de-France"),
    ("44", "Grand Est"),
    ("52", "Pays de la Loire"),
    ("53", "Bretagne"),
    ("75", "Nouvelle-Aquitaine"),
    ("76", "Occitanie"),
    ("84", "Auvergne-Rhône-Alpes"),
    ("93", "Provence-Alpes-Côte d'Azur"),
    ("94", "Corse"),
]

OUTLINES = f"""{PREFIXES}
SELECT ?code ?name ?wkt WHERE {{
  ?region a igeo:Region ; igeo:codeINSEE ?code ; skos:prefLabel ?name ; geo:hasGeometry/geo:asWKT ?wkt .
  FILTER(LANG(?name) = "fr")
}} ORDER BY ?code"""

#: The area of the creathon and the départements in it; a code only above 91.
AREA = f"""{PREFIXES}
SELECT ?name ?code WHERE {{
  project:creathon-du-vivre-ensemble coop:coversTerritory ?region .
  {{ ?region skos:prefLabel ?name }}
  UNION
  {{
    ?place coop:directlyWithin ?region ; a igeo:Departement ; skos:prefLabel ?name .
    OPTIONAL {{ ?place igeo:codeINSEE ?code . FILTER(STR(?code) > "91") }}
  }}
  FILTER(LANG(?name) = "fr")
}} ORDER BY ?name"""

AREA_ROWS = [
    ("Essonne", None),
    ("Hauts-de-Seine", "92"),
    ("Paris", None),
    ("Seine-Saint-Denis", "93"),
    ("Seine-et-Marne", None),
    ("Val-d'Oise", "95"),
    ("Val-de-Marne", "94"),
    ("Yvelines", None),
    ("Île-de-France", None),
]

CREATHON = "https://w3id.org/coopkg/id/project/creathon-du-vivre-ensemble"
CREATHON_PAGE = "https://w3id.org/coopkg/graph/fonda-creathon-du-vivre-ensemble"
PREF_LABEL = "http://www.w3.org/2004/02/skos/core#prefLabel"
#: (text, language)
CREATHON_NAMES = {("Créathon du vivre ensemble", "fr"), ("“Living together” creathon", "en")}

NAMES = f"{PREFIXES} CONSTRUCT WHERE {{ project:creathon-du-vivre-ensemble skos:prefLabel ?name }}"
ASK_TRUE = f"{PREFIXES} ASK {{ project:creathon-du-vivre-ensemble a coop:Project }}"
ASK_FALSE = f"{PREFIXES} ASK {{ project:creathon-du-vivre-ensemble a igeo:Region }}"

#: A query that is wrong, and how our sentence about it begins.
WRONG = "SELECT ?x WHERE { ?x nulle:part ?y }"
WRONG_SENTENCE = "line 1, column 22: the prefix 'nulle:' is not declared; begin with PREFIX nulle: <...>"
