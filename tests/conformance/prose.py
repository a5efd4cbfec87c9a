"""The tests of the Graph Store Protocol that are told in prose, read into requests and what their answers must be."""

from __future__ import annotations

import re
from dataclasses import replace

from tests.conformance.manifest import Exchange

_PARTS = re.compile(r"#### Request\s*\n(.*?)#### Response\s*\n(.*)", re.DOTALL)
_HEADER = re.compile(r"([A-Za-z-]+): *(.*)")
#: What the prose leaves open: where the graph store is, which host it has, and what a new graph is called.
STORE, HOST, NEW = "$GRAPHSTORE$", "$HOST$", "$NEWPATH$"


def exchange(text: str) -> Exchange:
    """Return the request of a test, and what its answer must be."""
    found = _PARTS.search(text)
    assert found, f"no request in {text!r}"
    (method, target), headers, body = _message(found[1])
    (status, *_), wanted, content = _message(found[2])
    if "multipart" in dict(headers).get("Content-Type", ""):
        body = body.replace("\n", "\r\n")
    return Exchange(
        method=method,
        target=target,
        headers=tuple((name, value) for name, value in headers if name != "Host"),
        body=body.encode(),
        statuses=frozenset((status,)),
        form="",
        boolean=None,
        media_type=dict(wanted).get("Content-Type", ""),
        content=content.encode(),
        location=dict(wanted).get("Location", ""),
    )


def after(exchanges: tuple[Exchange, ...], one: Exchange) -> tuple[Exchange, ...]:
    """Return a test's request behind those of the tests before it, of which nothing is expected."""
    return (*(replace(each, statuses=frozenset(), media_type="", content=b"") for each in exchanges), one)


def _message(text: str) -> tuple[list[str], list[tuple[str, str]], str]:
    """Return the first two words of a request or an answer, its headers and its body."""
    lines = [line.removeprefix("    ") for line in text.strip("\n").split("\n")]
    while not lines[0].strip():
        lines.pop(0)
    end = next((number for number, line in enumerate(lines) if not line.strip()), len(lines))
    headers = [header.groups() for line in lines[1:end] if (header := _HEADER.match(line))]
    body = "\n".join(lines[end + 1 :]).strip("\n")
    return lines[0].split()[:2], [(str(name), str(value)) for name, value in headers], f"{body}\n" if body else ""
