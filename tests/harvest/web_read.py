"""Read a site as search engines and judges of HTTP do: `python web_read.py TASK ADDRESS...`, in the environment `web`.

The only file that imports extruct, protego, httplint and the parser of sitemaps. Written as JSON; the tasks are below.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import extruct
import requests
from httplint import HttpRequestLinter, HttpResponseLinter, levels
from protego import Protego
from usp.tree import sitemap_tree_for_homepage


def structured(*addresses: str) -> list[list[Any]]:
    """Return the JSON-LD of each page."""
    return [extruct.extract(_got(one).text, one, syntaxes=["json-ld"])["json-ld"] for one in addresses]


def sitemap(root: str) -> dict[str, Any]:
    """Return the pages that the sitemaps of a site lead to, found by its robots.txt alone."""
    tree = sitemap_tree_for_homepage(root, use_known_paths=False)
    pages = [[page.url, str(page.last_modified or "")] for page in tree.all_pages()]
    return {"sitemaps": [one.url for one in tree.all_sitemaps()], "pages": pages}


def robots(root: str, *paths: str) -> dict[str, Any]:
    """Return which paths a robot may ask for, and which sitemaps it is told of."""
    rules = Protego.parse(_got(f"{root}/robots.txt").text)
    allowed = {path: rules.can_fetch(f"{root}{path}", "Googlebot") for path in paths}
    return {"allowed": allowed, "sitemaps": list(rules.sitemaps)}


def judged(*addresses: str) -> list[list[str]]:
    """Return what httplint has to say against each answer."""
    return [_faults(one) for one in addresses]


def _faults(address: str) -> list[str]:
    with requests.get(address, headers={"Accept-Encoding": "identity"}, stream=True, timeout=30) as answer:
        fields = [(name.encode(), value.encode()) for name, value in answer.raw.headers.items()]
        body = answer.raw.read()
    asking = HttpRequestLinter()
    asking.process_request_topline(b"GET", (urlsplit(address).path or "/").encode(), b"HTTP/1.1")
    asking.process_headers([(b"Host", urlsplit(address).netloc.encode())])
    asking.finish_content(True)
    judge = HttpResponseLinter()
    judge.request = asking
    judge.process_response_topline(b"HTTP/1.1", str(answer.status_code).encode(), b"")
    judge.process_headers(fields)
    judge.feed_content(body)
    judge.finish_content(True)
    against = (levels.WARN, levels.BAD)
    return [f"{note.subject}: {note.summary}" for note in judge.notes if note.level in against]


def _got(address: str) -> requests.Response:
    answer = requests.get(address, timeout=30)
    answer.raise_for_status()
    return answer


TASKS: dict[str, Callable[..., Any]] = {
    "structured": structured,
    "sitemap": sitemap,
    "robots": robots,
    "judged": judged,
}


def main() -> None:
    """Do a task, and write what came of it."""
    logging.disable(logging.CRITICAL)
    task, *arguments = sys.argv[1:]
    json.dump(TASKS[task](*arguments), sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()
