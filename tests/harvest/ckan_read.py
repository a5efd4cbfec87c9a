"""Read catalogues as CKAN does: `python ckan_read.py ADDRESS...`, in the environment of CKAN.

The only file that imports ckanext-dcat: its reader, its profile of DCAT-AP 3 and its way through pages, without a
database. Written as JSON: for each address the datasets as CKAN would create them, or what was said.
"""

from __future__ import annotations

import json
import sys
import warnings
from typing import Any
from urllib.parse import urlsplit

import requests
from ckanext.dcat.exceptions import RDFParserException
from ckanext.dcat.processors import RDFParser

#: More than any catalogue of ours has; CKAN itself ends when a page brings nothing new.
MOST_PAGES = 50


def read(address: str) -> dict[str, Any]:
    """Return what CKAN makes of a catalogue, page by page."""
    datasets: dict[str, Any] = {}
    following: str | None = address
    ending = urlsplit(address).path.rpartition(".")[2]
    pages: list[str] = []
    try:
        while following and len(pages) < MOST_PAGES and following not in pages:
            pages.append(following)
            parser = RDFParser()
            parser.parse(_content(following), ending)
            found = {dict(one)["uri"]: one for one in map(_flat, parser.datasets())}
            datasets |= found
            following = parser.next_page()
    except (RDFParserException, requests.RequestException) as fault:
        return {"error": str(fault), "pages": pages}
    return {"pages": pages, "ended": following is None, "datasets": list(datasets.values())}


def _content(address: str) -> str:
    answer = requests.get(address, timeout=30)
    answer.raise_for_status()
    return answer.text


def _flat(dataset: dict[str, Any]) -> dict[str, Any]:
    """Return a dataset with what its profile calls extras as members."""
    return {**dataset, **{extra["key"]: extra["value"] for extra in dataset.get("extras", [])}}


def main() -> None:
    """Read each catalogue, and write what CKAN makes of it."""
    warnings.simplefilter("ignore")
    json.dump([read(address) for address in sys.argv[1:]], sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()
