"""Territories and goals as dataclasses, read from the package and from data/reference/tables.

A name that differs between the two, a code that leads nowhere or a value nobody has decided upon is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from coopkg.reference.rows import Row, json_rows, read_all, refuse, tsv_rows

_DEPARTEMENT = r"\d\d|2[AB]|97[12346]"
_COLLECTIVITE = r"97[578]|98[46789]"
_COMMUNE = r"(\d\d|2[AB])\d{3}"
_SIREN = r"\d{9}"
_WIKIDATA = r"Q\d+"
_ZONES = frozenset({"metro", "drom", "com"})
_COMMUNE_KINDS = frozenset({"commune-actuelle", "arrondissement-municipal", "commune-deleguee", "commune-associee"})
_EPCI_KINDS = frozenset({"CC", "CA", "CU", "METRO", "MET69", "EPT"})


@dataclass(frozen=True, slots=True)
class Region:
    """A région, or (`overseas_collectivity`) one of the codes of the overseas collectivities."""

    code: str
    name: str
    overseas_collectivity: bool


@dataclass(frozen=True, slots=True)
class Departement:
    """A département and the code of its région."""

    code: str
    name: str
    region: str


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune; `parent` is its département, or its overseas collectivity. Population: legal, or None."""

    code: str
    name: str
    parent: str
    population: int | None


@dataclass(frozen=True, slots=True)
class Arrondissement:
    """A municipal arrondissement of Paris, Lyon or Marseille, and the code of its commune."""

    code: str
    name: str
    commune: str
    population: int | None


@dataclass(frozen=True, slots=True)
class Epci:
    """An intercommunal body with its own taxes, or a public territorial body of Grand Paris (`kind` EPT)."""

    code: str
    name: str
    kind: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Links:
    """What others call a territory: Wikidata item, NUTS code, GeoNames number; "" when none is known."""

    name: str
    wikidata: str
    nuts: str = ""
    geonames: str = ""


@dataclass(frozen=True, slots=True)
class Goal:
    """A sustainable development goal: its IRI at the United Nations, short titles, and the French wording."""

    iri: str
    number: int
    short_en: str
    short_fr: str
    long_fr: str
    wikidata: str


@dataclass(frozen=True, slots=True)
class Tables:
    """What the reference graphs say, outlines apart. Links by code; English labels by level and code."""

    regions: Sequence[Region]
    departements: Sequence[Departement]
    communes: Sequence[Commune]
    arrondissements: Sequence[Arrondissement]
    epci: Sequence[Epci]
    region_links: Mapping[str, Links]
    departement_links: Mapping[str, Links]
    commune_links: Mapping[str, Links]
    english: Mapping[tuple[str, str], str]
    goals: Sequence[Goal]


class _Coded(Protocol):
    @property
    def code(self) -> str: ...


class Documents(Protocol):
    """Where JSON files come from: a package, or a test."""

    def json(self, member: str) -> object:
        """Return the JSON file at a path."""
        ...


def read_tables(package: Documents, folder: Path) -> Tables:
    """Return the tables, checked against each other.

    Args:
        package: holds `data/*.json` of @etalab/decoupage-administratif.
        folder: holds the TSV files.
    Raises:
        InputError: tells every fault of the first file that has any, or every broken link between files.
    """

    def rows(name: str) -> Iterator[Row]:
        return json_rows(package.json(f"data/{name}.json"), f"{name}.json")

    parts = read_all(rows("communes"), _commune_or_arrondissement)
    tables = Tables(
        regions=read_all(iter(rows("regions")), _region),
        departements=read_all(iter(rows("departements")), _departement),
        communes=[part for part in parts if isinstance(part, Commune)],
        arrondissements=[part for part in parts if isinstance(part, Arrondissement)],
        epci=[*read_all(iter(rows("epci")), _epci), *read_all(iter(rows("ept")), _epci)],
        region_links=dict(read_all(tsv_rows(folder / "regions.tsv"), _region_links)),
        departement_links=dict(read_all(tsv_rows(folder / "departements.tsv"), _departement_links)),
        commune_links=dict(read_all(tsv_rows(folder / "communes.tsv"), _commune_links)),
        english=dict(read_all(tsv_rows(folder / "english.tsv"), _english)),
        goals=read_all(tsv_rows(folder / "sdg.tsv"), _goal),
    )
    _check(tables)
    return tables


# One function a kind of row. Keys ignored on purpose are named here.


def _region(row: Row) -> Region:
    row.keys({"code", "nom", "zone"}, ignored=frozenset({"chefLieu", "typeLiaison"}))
    overseas = row.choice("zone", _ZONES) == "com"
    return Region(row.text("code", _COLLECTIVITE if overseas else r"\d\d"), row.text("nom"), overseas)


def _departement(row: Row) -> Departement | None:
    row.keys({"code", "nom", "region", "zone"}, ignored=frozenset({"chefLieu", "typeLiaison"}))
    if row.choice("zone", _ZONES) == "com":  # the same eight codes as in regions.json
        return None
    return Departement(row.text("code", _DEPARTEMENT), row.text("nom"), row.text("region", r"\d\d"))


_COMMUNE_IGNORED = frozenset(
    {
        "anciensCodes",
        "arrondissement",
        "chefLieu",
        "codesPostaux",
        "rangChefLieu",
        "region",
        "siren",
        "typeLiaison",
        "zone",
    }
)


def _commune_or_arrondissement(row: Row) -> Commune | Arrondissement | None:
    row.keys({"code", "nom", "type", "departement"}, frozenset({"population", "commune"}), _COMMUNE_IGNORED)
    kind = row.choice("type", _COMMUNE_KINDS)
    if kind in ("commune-deleguee", "commune-associee"):  # parts of communes: out of scope
        return None
    code, name = row.text("code", _COMMUNE), row.text("nom")
    population = row.count("population") if "population" in row.values else None
    if kind == "arrondissement-municipal":
        row.keys(set(row.values) | {"commune"})
        return Arrondissement(code, name, row.text("commune", _COMMUNE), population)
    return Commune(code, name, row.text("departement", f"{_DEPARTEMENT}|{_COLLECTIVITE}"), population)


def _epci(row: Row) -> Epci:
    row.keys(
        {"code", "nom", "type", "membres"},
        ignored=frozenset({"modeFinancement", "populationTotale", "populationMunicipale"}),
    )
    members = [_member(member) for member in json_rows(row.values["membres"], row.place)]
    return Epci(row.text("code", _SIREN), row.text("nom"), row.choice("type", _EPCI_KINDS), tuple(sorted(members)))


def _member(row: Row) -> str:
    row.keys({"code"}, ignored=frozenset({"siren", "nom", "populationTotale", "populationMunicipale"}))
    return row.text("code", _COMMUNE)


def _region_links(row: Row) -> tuple[str, Links]:
    row.keys(
        {"insee", "nom", "wikidata", "nuts", "geonames"},
        ignored=frozenset({"nuts2", "iso3166-2", "osm_relation"}),
    )
    links = Links(
        row.text("nom"),
        row.text("wikidata", _WIKIDATA),
        row.text("nuts", r"FR[0-9A-Z]+"),
        row.text("geonames", r"\d*"),
    )
    return row.text("insee", r"\d\d"), links


def _departement_links(row: Row) -> tuple[str, Links]:
    row.keys({"insee", "nom", "wikidata", "geonames", "nuts3"}, ignored=frozenset({"region"}))
    links = Links(
        row.text("nom"),
        row.text("wikidata", _WIKIDATA),
        row.text("nuts3", r"FR[0-9A-Z]{3}"),
        row.text("geonames", r"\d+"),
    )
    return row.text("insee", _DEPARTEMENT), links


def _commune_links(row: Row) -> tuple[str, Links]:
    row.keys({"insee", "nom", "wikidata"})
    return row.text("insee", _COMMUNE), Links(row.text("nom"), row.text("wikidata", _WIKIDATA))


def _english(row: Row) -> tuple[tuple[str, str], str]:
    row.keys({"level", "code", "label"})
    level = row.choice("level", frozenset({"country", "region", "collectivite"}))
    return (level, row.text("code")), row.text("label")


def _goal(row: Row) -> Goal:
    row.keys({"iri", "short_en", "short_fr", "wikidata", "long_fr"})
    iri = row.text("iri", r"http://metadata\.un\.org/sdg/\d+")
    texts = (row.text("short_en"), row.text("short_fr"), row.text("long_fr"))
    return Goal(iri, int(iri.rpartition("/")[2]), *texts, row.text("wikidata", _WIKIDATA))


# Links between tables.


def _check(tables: Tables) -> None:
    faults = [*_broken_links(tables), *_repeated(tables), *_english_faults(tables)]
    regions = [region for region in tables.regions if not region.overseas_collectivity]
    communes = [commune for commune in tables.communes if commune.code in tables.commune_links]
    faults += _name_faults("regions.tsv", tables.region_links, regions)
    faults += _name_faults("departements.tsv", tables.departement_links, tables.departements)
    faults += _name_faults("communes.tsv", tables.commune_links, communes)
    if [goal.number for goal in tables.goals] != list(range(1, 18)):
        faults.append("sdg.tsv: the goals 1 to 17 were expected, in order")
    refuse(faults)


def _broken_links(tables: Tables) -> Iterator[str]:
    regions = {region.code for region in tables.regions}
    overseas = {region.code for region in tables.regions if region.overseas_collectivity}
    parents = {departement.code for departement in tables.departements} | overseas
    communes = {commune.code for commune in tables.communes}
    for departement in tables.departements:
        if departement.region not in regions:
            yield f"departements.json: {departement.code}: unknown région {departement.region}"
    for commune in tables.communes:
        if commune.parent not in parents:
            yield f"communes.json: {commune.code}: unknown département {commune.parent}"
    for part in tables.arrondissements:
        if part.commune not in communes:
            yield f"communes.json: {part.code}: unknown commune {part.commune}"
    for body in tables.epci:
        for code in sorted(set(body.members) - communes):
            yield f"{'ept' if body.kind == 'EPT' else 'epci'}.json: {body.code}: unknown commune {code}"


def _repeated(tables: Tables) -> list[str]:
    groups: tuple[tuple[str, Sequence[_Coded]], ...] = (
        ("regions.json", tables.regions),
        ("departements.json", tables.departements),
        ("communes.json", [*tables.communes, *tables.arrondissements]),
        ("epci.json and ept.json", tables.epci),
    )
    return [
        f"{shown}: code {code} is there {count} times"
        for shown, rows in groups
        for code, count in Counter(row.code for row in rows).items()
        if count > 1
    ]


def _name_faults(shown: str, links: Mapping[str, Links], rows: Sequence[Region | Departement | Commune]) -> list[str]:
    known = {row.code: row.name for row in rows}
    faults = [f"{shown}: {code}: in one source only" for code in sorted(known.keys() ^ links.keys())]
    for code in sorted(known.keys() & links.keys()):
        if known[code] != links[code].name:
            faults.append(f"{shown}: {code}: named {links[code].name!r} here, {known[code]!r} in the package")
    return faults


def _english_faults(tables: Tables) -> list[str]:
    levels = {("collectivite" if r.overseas_collectivity else "region", r.code) for r in tables.regions}
    unknown = sorted(tables.english.keys() - levels - {("country", "FR")})
    return [f"english.tsv: {level} {code}: no such territory" for level, code in unknown]
