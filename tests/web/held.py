"""A published graph that a test holds in memory, and the application over it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from flask.testing import FlaskClient

from coopkg.generations import Generations, Manifest
from coopkg.graph import Graph
from coopkg.quality import Place
from coopkg.rdf import Quad
from coopkg.settings import Settings
from coopkg.store import QuadStore
from coopkg.web.app import create_app
from tests.conftest import REPOSITORY
from tests.web.conftest import in_process, unbounded

#: What a browser sends.
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
#: A site that says who publishes it.
SIGNED = Settings(
    publisher_name="Une association",
    publisher_address="1 rue de l’Essai, 75000 Paris",
    publisher_phone="+33 1 00 00 00 00",
    publication_director="La présidence",
    contact_url="mailto:bonjour@example.org",
    hosting_name="Un hébergeur",
    hosting_address="2 rue de l’Essai, 59000 Lille",
    hosting_phone="+33 3 00 00 00 00",
)


class Held(Graph):
    """A published graph in memory.

    Args:
        counts: what was found in it.
    """

    def __init__(self, quads: Iterable[Quad], counts: Mapping[Place, int]) -> None:
        super().__init__(Generations(Path("/nowhere"), 1))
        self.held = QuadStore.in_memory(quads)
        self.counts = dict(counts)
        self.manifest = Manifest(7, "h", "sha256-of-all", "r", 0, 0, 0, 0, {}, {})

    def current(self) -> tuple[QuadStore, Manifest]:
        return self.held, self.manifest

    def generation(self) -> str:
        return ""

    def published_at(self) -> float:
        return 0.0

    def quality(self) -> dict[Place, int]:
        return self.counts


def browsing(client: FlaskClient) -> FlaskClient:
    """Return a client that asks as a browser does."""
    client.environ_base["HTTP_ACCEPT"] = BROWSER["Accept"]
    return client


def client_of(
    quads: Iterable[Quad] = (), counts: Mapping[Place, int] | None = None, settings: Settings | None = None
) -> FlaskClient:
    """Return a client of an application over some quads."""
    held = Held(quads, counts or {})
    chosen = replace(settings or Settings(), content=REPOSITORY)
    return create_app(held, unbounded(in_process(held)), chosen).test_client()
