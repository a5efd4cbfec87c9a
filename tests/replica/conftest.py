"""A small graph that is published, and a replica that can follow it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from coopkg import names, upkeep
from coopkg.graph import Graph
from coopkg.rdf import Quad
from coopkg.replica import listing
from tests.build.running import Place
from tests.builders import a_tiny_content, a_tiny_source
from tests.replica.sites import Site, serving


@dataclass
class Replica:
    """A place whose state folder follows a site; `said` holds what was reported, `waits` for how long it rested."""

    place: Place
    site: Site
    said: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    def follow(self, url: str = "") -> listing.Place:
        """Bring it up in this process, and wait for nobody."""
        settings, address = self.place.settings, url or self.site.url
        return upkeep.follow(settings, {}, address, None, self.said.append, wait=self.waits.append)

    def statements(self) -> set[Quad]:
        """Return all that it publishes, the inferred graph included."""
        return statements(self.place)

    def is_equal(self) -> bool:
        """Whether it publishes what the original does, inferred statements included, and says the same digest."""
        return self.statements() == statements(self.site.place) and self.place.digest() == self.site.place.digest()


def statements(place: Place) -> set[Quad]:
    """Return all that a place publishes, the inferred graph included; what its own catalogue tells is left out."""
    store = Graph.open(place.settings, {}).current()[0]
    return {quad for name in store.graphs() if name != names.CATALOG_GRAPH for quad in store.quads(name)}


def change(place: Place, number: int = 1, slug: str = "a-page") -> None:
    """Publish another name of a project, as one revision more."""
    place.write(f"data/sources/{slug}.trig", a_tiny_source(slug, f"Nom {number}"))
    place.build()


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A place with three revisions; do not change it."""
    folder = tmp_path_factory.mktemp("original")
    place = Place(a_tiny_content(folder / "content"), folder / "state")
    place.build()
    return place


@pytest.fixture
def site(recorded: Place, tmp_path: Path) -> Iterator[Site]:
    """A site that publishes a copy of it."""
    with serving(Site(copied(recorded, tmp_path / "original"))) as running:
        yield running


@pytest.fixture
def replica(site: Site, tmp_path: Path) -> Replica:
    """A replica of it that was never brought up."""
    return Replica(Place(site.place.content, tmp_path / "replica"), site)


@pytest.fixture(scope="session")
def behind(recorded: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replica]:
    """A replica whose original is one revision ahead; only for what leaves it there."""
    folder = tmp_path_factory.mktemp("behind")
    with serving(Site(copied(recorded, folder / "original"))) as running:
        late = Replica(Place(running.place.content, folder / "replica"), running)
        late.follow()
        change(running.place)
        yield late


def copied(place: Place, folder: Path) -> Place:
    """Return a copy of a place, free to be changed."""
    shutil.copytree(place.content, folder / "content")
    shutil.copytree(place.state, folder / "state", symlinks=True)
    return Place(folder / "content", folder / "state")
