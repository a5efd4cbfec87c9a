"""What the tests of the build share: content folders in use, a server beside them, and what is published."""

from __future__ import annotations

import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from coopkg import names, upkeep
from coopkg.curation import Export
from coopkg.errors import NothingPublished
from coopkg.generations import Manifest
from coopkg.graph import Graph
from coopkg.journal import Journal
from coopkg.rdf import dataset_digest, graph_digests
from coopkg.settings import Settings
from coopkg.upkeep import Build
from tests.builders import segment
from tests.conftest import PROGRAM, clean_environ, coopkg

NAMES = "SELECT ?name WHERE { ?project a coop:Project ; skos:prefLabel ?name } ORDER BY ?name"


@dataclass(frozen=True)
class Place:
    """A content folder and the state folder that it is built into."""

    content: Path
    state: Path

    @property
    def settings(self) -> Settings:
        return Settings(content=self.content, state=self.state)

    def run(self, *arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        """Run the program on this place, as a user would."""
        return coopkg("--content", self.content, "--state", self.state, *arguments, **more)

    def build(self, *, keeping: int = 3) -> Build:
        """Build in this process, which is faster."""
        return upkeep.build(replace(self.settings, keep_generations=keeping), {})

    def export(self) -> Export:
        """Export in this process."""
        return upkeep.export(self.settings, {})

    def manifest(self) -> Manifest:
        """Return the manifest of what is published, after checking its checksums."""
        return Graph.open(self.settings, {}).current()[1]

    def digest(self) -> str | None:
        """Return the digest of the statements that are published, computed again; None when nothing is."""
        try:
            store, manifest = Graph.open(self.settings, {}).current()
        except NothingPublished:
            return None
        asserted = (quad for name in store.graphs() if not names.is_derived(name) for quad in store.quads(name))
        assert dataset_digest(graph_digests(asserted)) == manifest.digest
        return manifest.digest

    def journal(self) -> Journal:
        """Return the journal, every body of it read and checked."""
        journal = Journal(self.state / "journal")
        for revision in journal.revisions:
            journal.change(revision)
        return journal

    @property
    def segment(self) -> Path:
        """The first segment of the journal, which is the only one of a small place."""
        return segment(self.state / "journal")

    def write(self, path: str, text: str) -> Path:
        """Write a file of the content folder."""
        (self.content / path).parent.mkdir(parents=True, exist_ok=True)
        (self.content / path).write_text(text, encoding="utf-8")
        return self.content / path

    def swap(self, path: str, old: str, new: str) -> None:
        """Replace a text that must be in a file of the content folder."""
        text = (self.content / path).read_text(encoding="utf-8")
        assert old in text, (path, old)
        self.write(path, text.replace(old, new))


@contextmanager
def serving(place: Place) -> Iterator[str]:
    """Run `coopkg serve --no-build` on what is published; give its address; end it by its own id."""
    process = start_server(place, "--no-build")
    try:
        yield ready_address(process)
    finally:
        process.terminate()
        process.wait(timeout=10)
        assert process.stdout is not None
        process.stdout.close()


def start_server(place: Place, *arguments: str) -> subprocess.Popen[str]:
    """Start a server on a free port."""
    return subprocess.Popen(
        [*PROGRAM, "--content", str(place.content), "--state", str(place.state), "serve", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=clean_environ(COOPKG_DUMP_EVERY_H="0", COOPKG_WARM_UP="off"),
    )


def ready_address(process: subprocess.Popen[str]) -> str:
    """Wait until a server says that it is ready; return its address."""
    assert process.stdout is not None
    line = next((line for line in process.stdout if line.startswith("coopkg is ready: ")), None)
    assert line is not None, "the server ended without being ready"
    return line.split()[3].rstrip("/")


def names_at(address: str) -> list[str]:
    """Return the names of the projects that a server tells."""
    query = urllib.parse.urlencode({"query": NAMES})
    asked = urllib.request.Request(f"{address}/sparql?{query}", headers={"Accept": "text/csv"})  # noqa: S310 # local
    with urllib.request.urlopen(asked, timeout=20) as answer:  # noqa: S310 # a local server
        return str(answer.read().decode()).split("\r\n")[1:-1]
