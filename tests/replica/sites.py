"""A site that a replica can follow: it serves what a state folder holds, and misbehaves where it is told to."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import zstandard

from coopkg import chronicle, names
from coopkg.dumps.manifest import Dump, File
from coopkg.graph import Graph
from coopkg.history import History
from coopkg.journal import Journal
from coopkg.rdf import canonical_lines
from tests.build.running import Place

PACKED = "coopkg.nq.zst"


@dataclass(frozen=True)
class Answer:
    """What the site sends: cut after some bytes where `cut` says so."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None


Wrong = Callable[[Answer], Answer]


class Site:
    """The site of a place.

    `wrong` holds what becomes of the answer at a path, `asked` each request with its Range.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        self.url = ""
        self.wrong: dict[str, Wrong] = {}
        self.asked: list[tuple[str, str]] = []
        self.files: dict[str, bytes] = {}
        self.page_items = 2
        self._journal = Journal(place.state / "journal")
        self.dump()

    def dump(self) -> Dump:
        """Take a dump of what is published, which is the last one from now on."""
        store, manifest = Graph.open(self.place.settings, {}).current()
        graphs = [name for name in store.graphs() if not names.is_derived(name)]
        lines = canonical_lines(quad for name in graphs for quad in store.quads(name))
        content = "".join(f"{line}\n" for line in lines).encode()
        packed = zstandard.compress(content)
        file = File(PACKED, "application/n-quads", "zstd", len(packed), _sha256(packed), "", len(lines))
        made = Dump(
            revision=manifest.revision,
            head=manifest.head,
            time=self._past().revision(manifest.revision).time,
            digest=manifest.digest,
            canonical_sha256=_sha256(content),
            statements=len(lines),
            made="2026-01-01T00:00:00+00:00",
            files=(file,),
            graphs=(),
            graph_digests={name: held.digest for name, held in manifest.graphs.items()},
        )
        self.files["/dumps/latest/manifest.json"] = made.to_json().encode()
        self.files[f"/dumps/{made.name}/{PACKED}"] = packed
        return made

    def put(self, path: str, **members: Any) -> None:
        """Let the JSON document at a path have other members."""
        self.files[path] = json.dumps({**json.loads(self.files[path]), **members}).encode()

    def answer(self, target: str) -> Answer:
        """Return the answer to a request, before anything goes wrong."""
        path = urlsplit(target).path
        if path in self.files:
            return Answer(self.files[path])
        if path == "/changes":
            return Answer(json.dumps(self._changes(int(parse_qs(urlsplit(target).query)["since"][0]))).encode())
        if path.startswith("/changes/"):
            return self._change(int(path.rpartition("/")[2]))
        return Answer(b"<!doctype html>", 404)

    def _past(self) -> History:
        self._journal = self._journal.follow()
        return History(self._journal)

    def _changes(self, since: int) -> dict[str, Any]:
        manifest = Graph.open(self.place.settings, {}).current()[1]
        past = self._past()
        numbers = range(since + 1, min(since + self.page_items, manifest.revision) + 1)
        items = [
            {
                "revision": one.number,
                "time": one.time,
                "message": one.message,
                "hash": one.hash,
                "previous": past.hash_before(one),
                "removed": one.removed,
                "added": one.added,
                "redacted": one.redacted or None,
                "batch": [one.batch_index, one.batch_size],
                "patch": f"https://coop.example/changes/{one.number}",
            }
            for one in map(past.revision, numbers)
        ]
        published = {"revision": manifest.revision, "digest": manifest.digest, "head": manifest.head}
        following = f"https://coop.example/changes?since={numbers[-1]}" if numbers else None
        return {"published": published, "items": items, "next": following}

    def _change(self, number: int) -> Answer:
        past = self._past()
        revision = past.revision(number)
        if revision.redacted:
            return Answer(b"redacted", 410)
        return Answer(chronicle.patch(past.change(number), revision, past.hash_before(revision)).encode())


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    """Serve a site on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            wish = self.headers.get("Range", "")
            site.asked.append((self.path, wish))
            answer = site.answer(self.path)
            if mend := site.wrong.get(urlsplit(self.path).path):
                answer = mend(answer)
            begin = int(wish[len("bytes=") : -1]) if wish and answer.status == 200 else 0
            self.send_response(206 if begin else answer.status)
            if begin:
                self.send_header("Content-Range", f"bytes {begin}-{len(answer.body) - 1}/{len(answer.body)}")
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body) - begin))
            self.end_headers()
            self.wfile.write(answer.body[begin : answer.cut])
            self.close_connection = answer.cut is not None

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
