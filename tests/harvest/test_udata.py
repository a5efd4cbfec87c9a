"""udata, which data.gouv.fr runs: what its harvest of the catalogue leaves behind, in each form and with each fault."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest

from tests.harvest import faults
from tests.harvest.between import Fault, between
from tests.harvest.catalogue import DATA_SETS, ENDINGS, MISREAD, SERVICE, WHOLE, WITH_PLACES
from tests.harvest.conftest import told_in
from tests.web.conftest import Served

Harvest = Mapping[str, Any]

#: By the row of docs/harvesting.md that it breaks, and what is said of it.
FAULTS: dict[str, tuple[Fault, int, str]] = {
    "a redirect": (faults.moved, 1, "301"),
    "no charset": (faults.without_charset, 14, "misread"),
    "relative IRIs": (faults.with_relative_iris, 1, "file:///"),
    "a circle of pages": (faults.in_a_circle(), 2, "508"),
    "no identifier": (faults.without_identifiers, 3, "missing identifier"),
    "no label": (faults.without_labels, 5, "no licence"),
    "a SHA-256 as hexBinary": (faults.with_sha256, 6, "not done"),
    "a distribution at the service": (faults.with_access_service, 7, "no service"),
    "HTML without a wish": (faults.html_without_a_wish, 9, "text/html"),
}


@pytest.fixture(scope="module")
def harvests(portal: Served) -> Mapping[str, Harvest]:
    """What udata makes of each form, of the address without an ending, and of the catalogue with each fault."""
    with ExitStack() as layers:
        addresses = {ending: f"{portal.url}/catalog.{ending}" for ending in ENDINGS}
        addresses |= {"no ending": f"{portal.url}/catalog", "pages": f"{portal.url}/catalog.ttl?per-page=2"}
        for name, (fault, row, _) in FAULTS.items():
            root = layers.enter_context(between(portal.host, portal.port, fault))
            addresses[name] = f"{root}/catalog" if row == 9 else f"{root}/catalog.ttl"
        return dict(zip(addresses, told_in("udata", "udata_harvest.py", *addresses.values()), strict=True))


def complaints(harvest: Harvest) -> list[str]:
    """Return what is wrong with what a portal holds after a harvest."""
    return [*_of_the_job(harvest), *_of_data_sets(harvest), *_of_services(harvest)]


def _of_the_job(harvest: Harvest) -> Iterator[str]:
    if harvest["status"] != "done":
        yield f"the job is not done: {harvest['status']} {harvest['errors']}"
    yield from (
        f"{identifier} is not done: {errors}" for identifier, status, errors in harvest["items"] if status != "done"
    )
    yield from (f"udata says: {said}" for said in harvest["said"])


def _of_data_sets(harvest: Harvest) -> Iterator[str]:
    if (found := tuple(one["id"] for one in harvest["datasets"])) != DATA_SETS:
        yield f"other data sets: {found}"
    for one in harvest["datasets"]:
        yield from (f"{one['id']}: {fault}" for fault in _of_a_data_set(one))


def _of_a_data_set(one: Mapping[str, Any]) -> Iterator[str]:
    yield from _of_texts(one)
    if one["licence"] not in ("cc-by", "lov2"):
        yield f"no licence that is known: {one['licence']}"
    if one["uri"] != one["id"]:
        yield f"its identifier is not its IRI: {one['uri']}"
    missing = [part for part in ("frequency", "tags", "contacts", "page", "resources") if not one[part]]
    missing += ["outline"] if one["id"] in WITH_PLACES and not one["outline"] else []
    yield from (f"no {part}" for part in missing)
    if {"contact", "publisher"} - {role for role, _, _ in one["contacts"]}:
        yield f"not both a contact and a publisher: {one['contacts']}"
    if not all(one["dates"]):
        yield "not both dates"
    for resource in one["resources"]:
        yield from (f"{resource['uri']}: {fault}" for fault in _of_a_resource(resource))


def _of_texts(one: Mapping[str, Any]) -> Iterator[str]:
    for text in (one["title"], one["description"], *(name for _, name, _ in one["contacts"])):
        if not text or any(sign in text for sign in MISREAD):
            yield f"misread or missing: {text!r}"


def _of_a_resource(one: Mapping[str, Any]) -> Iterator[str]:
    if not str(one["url"]).startswith("http"):
        yield f"no address: {one['url']}"
    yield from (f"no {part}" for part in ("title", "format") if not one[part])
    if "/dumps/" in str(one["url"]) and not one["size"]:
        yield "no size"


def _of_services(harvest: Harvest) -> Iterator[str]:
    if [one["id"] for one in harvest["services"]] != [SERVICE]:
        yield f"no service, or others: {[one['id'] for one in harvest['services']]}"
    for one in harvest["services"]:
        if not (one["endpoint"] or "").endswith("/sparql") or not one["documentation"]:
            yield f"no endpoint or no description: {one['endpoint']} {one['documentation']}"
        if WHOLE not in one["datasets"]:
            yield f"it serves others: {one['datasets']}"


@pytest.mark.harvest(1)
@pytest.mark.harvest(2)
@pytest.mark.harvest(3)
@pytest.mark.harvest(4)
@pytest.mark.harvest(7)
@pytest.mark.parametrize("form", [*ENDINGS, "no ending", "pages"])
def test_data_gouv_takes_every_data_set_and_the_service(harvests: Mapping[str, Harvest], form: str) -> None:
    assert complaints(harvests[form]) == []


@pytest.mark.parametrize("form", ENDINGS)
def test_every_form_leads_to_the_same(harvests: Mapping[str, Harvest], form: str) -> None:
    assert harvests[form] == harvests["ttl"]


@pytest.mark.harvest(5)
@pytest.mark.harvest(6)
@pytest.mark.harvest(14)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_catalogue_shows(harvests: Mapping[str, Harvest], fault: str) -> None:
    assert FAULTS[fault][2] in "\n".join(complaints(harvests[fault]))
