"""What the pages of the catalogue say to search engines, in the words of schema.org.

It knows the catalogue and addresses alone. Source: the guidelines for data sets of Google Search.
"""

from __future__ import annotations

from typing import Any

from coopkg.addresses import Addresses
from coopkg.dumps.manifest import Dump
from coopkg.web.site.citation import citation
from coopkg.web.site.described import Catalog, DataSet, Form

#: The longest description that Google reads.
_DESCRIPTION_MAX = 5_000
_LANGUAGES = ["fr", "en"]


def catalog(found: Catalog, site: Addresses) -> dict[str, Any]:
    """Return a catalogue as a DataCatalog, with what each of its data sets is called."""
    return {
        "@context": "https://schema.org/",
        **_reference(found, site),
        "description": found.description.value,
        "inLanguage": _LANGUAGES,
        "isAccessibleForFree": True,
        "dataset": [_brief(one, site) for one in found.data_sets],
    }


def dataset(whole: Catalog, found: DataSet, site: Addresses, dump: Dump | None) -> dict[str, Any]:
    """Return a data set as a Dataset, with each form in which it can be had.

    Args:
        dump: the one whose files are among the forms: it knows their SHA-256.
    """
    sums = {file.name.rpartition("/")[2]: file.sha256 for file in (*dump.files, *dump.graphs)} if dump else {}
    first, last = found.period
    said = {
        "@context": "https://schema.org/",
        **_brief(found, site),
        "keywords": [word.value for word in found.keywords],
        "dateModified": found.modified,
        "version": found.version,
        "temporalCoverage": f"{first}/{last}" if first and last else "",
        "spatialCoverage": {"@type": "Place", "name": "France"} if found.is_of_france else "",
        "publisher": {"@type": "Organization", "name": found.publisher.value} if found.publisher.value else "",
        "inLanguage": _LANGUAGES,
        "isAccessibleForFree": True,
        "includedInDataCatalog": _reference(whole, site),
        "distribution": [_download(form, sums) for form in found.forms],
    }
    return _told(said)


def _brief(one: DataSet, site: Addresses) -> dict[str, Any]:
    return _told(
        {
            "@type": "Dataset",
            "@id": one.iri,
            "identifier": one.iri,
            "name": one.title.value,
            "description": one.description.value[:_DESCRIPTION_MAX],
            "url": site.of(one.iri),
            "license": one.licence,
            "creator": {"@type": "Organization", "name": citation().authors},
        }
    )


def _reference(found: Catalog, site: Addresses) -> dict[str, Any]:
    return {"@type": "DataCatalog", "@id": found.iri, "name": found.title.value, "url": site.of(found.iri)}


def _download(form: Form, sums: dict[str, str]) -> dict[str, Any]:
    return _told(
        {
            "@type": "DataDownload",
            "name": form.title.value,
            "contentUrl": form.address,
            "encodingFormat": form.media_type,
            "contentSize": f"{form.size} B" if form.size else "",
            "sha256": sums.get(form.address.rpartition("/")[2], "") if "/dumps/" in form.address else "",
            "license": form.licence,
        }
    )


def _told(said: dict[str, Any]) -> dict[str, Any]:
    """Return what is said, without what nobody knows."""
    return {name: value for name, value in said.items() if value not in ("", [])}
