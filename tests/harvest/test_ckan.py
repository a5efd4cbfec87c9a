"""CKAN: what ckanext-dcat makes of the catalogue, in each form and with each fault."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest

from tests.harvest import faults
from tests.harvest.between import Fault, between
from tests.harvest.catalogue import DATA_SETS, ENDINGS, MISREAD, WITH_PLACES
from tests.harvest.conftest import told_in
from tests.web.conftest import Served

Reading = Mapping[str, Any]

FAULTS: dict[str, tuple[Fault, str]] = {
    "no charset": (faults.without_charset, "misread"),
    "relative IRIs": (faults.with_relative_iris, "file:///"),
    "a circle of pages": (faults.in_a_circle(), "no last page"),
    "no identifier": (faults.without_identifiers, "no identifier"),
    "sizes of no known property": (faults.without_sizes, "no size"),
    "no label": (faults.without_labels, "no name of a licence"),
}
PARTS = ("identifier", "title", "notes", "tags", "url", "issued", "modified", "frequency", "theme")
CONTACTS = ("contact_uri", "contact_name", "publisher_uri", "publisher_name")


@pytest.fixture(scope="module")
def readings(portal: Served) -> Mapping[str, Reading]:
    """What CKAN makes of each form, and of the catalogue with each fault."""
    with ExitStack() as layers:
        addresses = {ending: f"{portal.url}/catalog.{ending}" for ending in ENDINGS}
        addresses["pages"] = f"{portal.url}/catalog.ttl?per-page=2"
        for name, (fault, _) in FAULTS.items():
            root = layers.enter_context(between(portal.host, portal.port, fault))
            addresses[name] = f"{root}/catalog.ttl"
        return dict(zip(addresses, told_in("ckan", "ckan_read.py", *addresses.values()), strict=True))


def complaints(reading: Reading) -> list[str]:
    """Return what is wrong with what CKAN would create."""
    return list(_of_all(reading))


def _of_all(reading: Reading) -> Iterator[str]:
    if "error" in reading:
        yield reading["error"]
        return
    if not reading["ended"]:
        yield f"no last page after {len(reading['pages'])}"
    if (found := tuple(sorted(one["uri"] for one in reading["datasets"]))) != DATA_SETS:
        yield f"other data sets: {found}"
    for one in reading["datasets"]:
        yield from (f"{one['uri']}: {fault}" for fault in _of_a_data_set(one))


def _of_a_data_set(one: Mapping[str, Any]) -> Iterator[str]:
    wanted = [*PARTS, *CONTACTS, *(["spatial_bbox"] if one["uri"] in WITH_PLACES else [])]
    yield from (f"no {part}" for part in wanted if not one.get(part))
    if any(sign in f"{one.get('title')} {one.get('notes')} {one.get('publisher_name')}" for sign in MISREAD):
        yield f"misread: {one['title']}"
    for resource in one["resources"]:
        yield from (f"{resource.get('uri')}: {fault}" for fault in _of_a_resource(resource))


def _of_a_resource(one: Mapping[str, Any]) -> Iterator[str]:
    if not one.get("url", "").startswith("http"):
        yield f"no address: {one.get('url')}"
    yield from (f"no {part}" for part in ("name", "mimetype", "format") if not one.get(part))
    if one.get("license", "http").startswith("http"):
        yield f"no name of a licence: {one.get('license')}"
    if "/dumps/" in one.get("download_url", "") and not one.get("size"):
        yield "no size"
    if one.get("hash") and one["hash_algorithm"] != "SHA-512":
        yield f"another checksum: {one['hash_algorithm']}"


@pytest.mark.harvest(2)
@pytest.mark.harvest(3)
@pytest.mark.harvest(4)
@pytest.mark.parametrize("form", [*ENDINGS, "pages"])
def test_ckan_takes_every_data_set(readings: Mapping[str, Reading], form: str) -> None:
    assert complaints(readings[form]) == []


@pytest.mark.harvest(5)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_catalogue_shows(readings: Mapping[str, Reading], fault: str) -> None:
    assert FAULTS[fault][1] in "\n".join(complaints(readings[fault]))
