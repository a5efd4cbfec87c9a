"""Dumps: the list of them, the files of each, the newest under an address that stays, named graphs by their digest.

A compressed file is given as what it is, without Content-Encoding: who saves it has the bytes whose sum the manifest
tells, and who reads the catalogue knows what is in it. Which files there are is read from manifests alone: no path is
made from what is asked for.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from flask import Blueprint, Response, current_app

from coopkg.dumps import dictionary
from coopkg.dumps.manifest import MANIFEST, PUBLIC_KEY, SIGNATURE, Dump, File
from coopkg.dumps.reading import Dumps
from coopkg.dumps.rows import CSV
from coopkg.web import representation
from coopkg.web.lending import Loan, answer
from coopkg.web.public import addresses
from coopkg.web.site import refusals

blueprint = Blueprint("dumps", __name__)

_COMPRESSED = {"gzip": "application/gzip", "zstd": "application/zstd"}  # RFC 6713, RFC 8878
_TYPES = {CSV: f"{CSV}; charset=utf-8; header=present"}


@blueprint.get("/dumps/index.json")
def index() -> Response:
    """List the dumps that are kept, the newest first, each with its files."""
    dumps = _dumps()
    kept = dumps.all()
    key = addresses().at(f"dumps/{PUBLIC_KEY}") if (dumps.folder / PUBLIC_KEY).is_file() else None
    said = {"latest": kept[0].name if kept else None, "key": key, "dumps": [_told(dumps, dump) for dump in kept]}
    body = json.dumps(said, indent=1, ensure_ascii=False).encode()
    return representation.of_bytes(body, "application/json")


@blueprint.get(f"/dumps/{PUBLIC_KEY}")
def key() -> Response:
    """Give the public key of who signs the dumps."""
    path = _dumps().folder / PUBLIC_KEY
    if not path.is_file():
        return _unknown("the dumps of this site are not signed: there is no key")
    content = path.read_bytes()
    kind = "text/plain; charset=utf-8"
    return answer(Loan(path, kind, len(content), hashlib.sha256(content).hexdigest(), path.stat().st_mtime, False))


@blueprint.get("/dumps/latest/<name>")
def latest(name: str) -> Response:
    """Give a file of the newest dump: at once, without a redirect."""
    dump = _dumps().latest()
    if dump is None:
        return _unknown("no dump has been made yet; ask again later, or query /sparql")
    return _file(dump, name, is_latest=True)


@blueprint.get("/dumps/<dump>/<name>")
def file(dump: str, name: str) -> Response:
    """Give a file of a dump."""
    found = _dumps().named(dump)
    if found is None:
        kept = ", ".join(one.name for one in _dumps().all()) or "none"
        return _unknown(
            f"no dump of this name is kept (kept: {kept}); /dumps/latest/manifest.json is that of the newest one"
        )
    return _file(found, name, is_latest=False)


@blueprint.get("/dumps/graphs/<digest>.nq.gz")
def graph(digest: str) -> Response:
    """Give a named graph as canonical N-Quads, by its digest."""
    dumps = _dumps()
    found = dumps.graph(digest)
    if found is None:
        return _unknown("no graph of this digest is in a dump that is kept; the manifest of a dump has their digests")
    return _lent(dumps, found, found.name, is_for_ever=True)


def _file(dump: Dump, name: str, *, is_latest: bool) -> Response:
    dumps = _dumps()
    found = dumps.file(dump, name)
    if found is None:
        there = ", ".join(one.name for one in (*dump.files, *dumps.signed(dump)))
        return _unknown(f"no such file is in dump {dump.name}; there are {there}")
    folder = f"dumps/{dump.name}"
    links = [representation.link(addresses().at(f"{folder}/{MANIFEST}"), "describedby", type="application/json")]
    if found.media_type == CSV:
        words = addresses().at(f"{folder}/{dictionary.DICTIONARY}")
        links.append(representation.link(words, "describedby", type=dictionary.MEDIA_TYPE))
    location = addresses().at(f"{folder}/{name}") if is_latest else ""
    # After an erasure the same revision is dumped again, under another journal: then these two alone are others.
    is_for_ever = not is_latest and name not in (MANIFEST, SIGNATURE)
    return _lent(dumps, found, f"{dump.name}/{found.name}", is_for_ever, links, location)


def _lent(
    dumps: Dumps, file: File, path: str, is_for_ever: bool, links: list[str] | None = None, location: str = ""
) -> Response:
    try:
        modified = (dumps.folder / path).stat().st_mtime
        kind = _COMPRESSED.get(file.compression) or _TYPES.get(file.media_type, file.media_type)
        loan = Loan(dumps.folder / path, kind, file.size, file.sha256, modified, is_for_ever, links or (), location)
        return answer(loan)
    except FileNotFoundError:
        return _unknown("this dump has just been removed; /dumps/latest/manifest.json is that of the newest one")


def _told(dumps: Dumps, dump: Dump) -> dict[str, Any]:
    """Return what the list says of a dump."""
    at = addresses().at
    files = (*dump.files, *dumps.signed(dump))
    return {
        "name": dump.name,
        "revision": dump.revision,
        "time": dump.time,
        "made": dump.made,
        "digest": dump.digest,
        "canonical_sha256": dump.canonical_sha256,
        "statements": dump.statements,
        "graphs": len(dump.graphs),
        "manifest": at(f"dumps/{dump.name}/{MANIFEST}"),
        "files": [
            {
                "name": file.name,
                "address": at(f"dumps/{dump.name}/{file.name}"),
                "media_type": file.media_type,
                "compression": file.compression,
                "size": file.size,
                "rows": file.rows,
                "sha256": file.sha256,
                "sha512": file.sha512,
            }
            for file in files
        ],
    }


def _unknown(sentence: str) -> Response:
    return refusals.absent(f"{sentence}.")


def _dumps() -> Dumps:
    found: Dumps = current_app.config["DUMPS"]
    return found
