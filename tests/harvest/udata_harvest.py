"""Harvest catalogues as data.gouv.fr does: `python udata_harvest.py ADDRESS...`, in the environment of udata.

The only file that imports udata. Its own backend, models and validation run; only its MongoDB is one in memory.
Written as JSON: for each address what became of the job and of each item, and what the portal then holds.
"""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import mongoengine.connection
import mongomock

mongoengine.connection.MongoClient = mongomock.MongoClient

from udata import settings  # noqa: E402  after its database has been replaced
from udata.app import create_app  # noqa: E402  the same
from udata.core.dataservices.models import Dataservice  # noqa: E402  the same
from udata.core.dataset.models import Dataset, License  # noqa: E402  the same
from udata.core.organization.models import Organization  # noqa: E402  the same
from udata.harvest.backends import get_backend  # noqa: E402  the same
from udata.harvest.models import HarvestSource  # noqa: E402  the same

#: The licences of data.gouv.fr that matter here, as its API names them: identifier, title, address.
LICENCES = (
    (
        "lov2",
        "Licence Ouverte / Open Licence version 2.0",
        "https://www.etalab.gouv.fr/wp-content/uploads/2017/04/ETALAB-Licence-Ouverte-v2.0.pdf",
    ),
    ("cc-by", "Creative Commons Attribution", "http://www.opendefinition.org/licenses/cc-by"),
    ("odc-odbl", "Open Data Commons Open Database License (ODbL)", "http://opendatacommons.org/licenses/odbl/summary/"),
    ("notspecified", "License Not Specified", "https://example.org/none"),
)


class Portal(settings.Testing):  # type: ignore[misc]  # udata ships no type information
    """A portal that may harvest this machine."""

    HARVESTER_BACKENDS = ("dcat",)
    URLS_ALLOW_PRIVATE = True
    MONGODB_HOST_TEST = "mongodb://localhost:27017/harvest"


def harvested(address: str) -> dict[str, Any]:
    """Return what the harvest of one catalogue leads to, in a portal that held nothing."""
    for kept in (Dataset, Dataservice, HarvestSource):
        kept.objects.delete()
    owner = Organization.objects.first() or Organization(name="Essai", description="Un essai").save()
    source = HarvestSource(name="coopkg", url=address, backend="dcat", organization=owner).save()
    job = get_backend("dcat")(source).harvest()
    return {
        "status": job.status,
        "errors": [error.message for error in job.errors],
        "items": [[item.remote_id, item.status, [error.message for error in item.errors]] for item in job.items],
        "said": sorted({log.message for item in job.items for log in item.logs if log.level != "DEBUG"}),
        "datasets": [_dataset(one) for one in Dataset.objects.order_by("harvest.remote_id")],
        "services": [_service(one) for one in Dataservice.objects],
    }


def _dataset(one: Dataset) -> dict[str, Any]:
    period = one.temporal_coverage
    return {
        **_described(one),
        "frequency": str(one.frequency.value) if one.frequency else None,
        "outline": one.spatial.geom["type"] if one.spatial else None,
        "period": [str(period.start), str(period.end)] if period else None,
        "page": one.harvest.remote_url,
        "uri": one.harvest.uri,
        "dates": [bool(one.harvest.issued_at), bool(one.harvest.modified_at)],
        "resources": [_resource(resource) for resource in one.resources],
    }


def _service(one: Dataservice) -> dict[str, Any]:
    return {
        **_described(one),
        "endpoint": one.base_api_url,
        "documentation": one.machine_documentation_url,
        "datasets": [dataset.harvest.remote_id for dataset in one.datasets],
    }


def _described(one: Dataset | Dataservice) -> dict[str, Any]:
    return {
        "id": one.harvest.remote_id,
        "title": one.title,
        "description": one.description,
        "licence": one.license.id if one.license else None,
        "tags": list(one.tags),
        "contacts": sorted([point.role, point.name, point.email] for point in one.contact_points),
    }


def _resource(one: Any) -> dict[str, Any]:
    return {
        "uri": one.harvest.uri,
        "title": one.title,
        "url": one.url,
        "type": one.type,
        "format": one.format,
        "mime": one.mime,
        "size": one.filesize,
        "checksum": [one.checksum.type, one.checksum.value] if one.checksum else None,
    }


def main() -> None:
    """Harvest each address, and write what came of it."""
    logging.disable(logging.CRITICAL)
    with create_app(settings.Defaults, override=Portal).app_context():
        for name, title, address in LICENCES:
            License(id=name, title=title, url=address).save()
        told = [harvested(address) for address in sys.argv[1:]]
    json.dump(told, sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()
