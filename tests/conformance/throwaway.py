"""A server for conformance tests: the product's own HTTP, endpoint and store, over content that a test replaces.

The only module of these tests that knows how the product is put together. Nothing of it is in the product: the
content is replaced by an object in the same process, which no request reaches. What is written goes through the
product's own HTTP, with a token, to a writer of the tests.
"""

from __future__ import annotations

import contextlib
import http.client
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from pyoxigraph import Quad

from coopkg.budget import Budgets
from coopkg.evaluation import evaluated
from coopkg.generations import Generations, Manifest
from coopkg.graph import Graph
from coopkg.quarantine import Quarantine
from coopkg.service import QueryService
from coopkg.settings import Settings
from coopkg.store import QuadStore
from coopkg.tokens import Tokens
from coopkg.update import Update
from coopkg.web.server import Server
from tests.conformance.writing import ThrowawayWriter
from tests.datasets import UpdatableStore
from tests.in_process import InProcess

_UNBOUNDED = 1e9
_REVISION = 1


class Replaceable(Graph):
    """A graph whose whole content is replaced at will, instead of following the generations of a state folder.

    Args:
        kind: how the content is kept.
    """

    def __init__(self, kind: type[QuadStore] = QuadStore) -> None:
        super().__init__(Generations(Path("nowhere"), 1))
        self._kind = kind
        self._content = kind.in_memory()
        self._described = Manifest(_REVISION, "", "", "", 0, 0, 0, 0, {}, {})

    def replace(self, quads: Iterable[Quad]) -> None:
        """Make these quads the content."""
        self._content = self._kind.in_memory(quads)

    def generation(self) -> str:
        return ""

    def published_at(self) -> float:
        return 0.0

    def current(self) -> tuple[QuadStore, Manifest]:
        """Return the content."""
        return self._content, self._described

    def location(self, wanted: int | None = None) -> tuple[Path, int]:
        """Return the revision; there is no folder."""
        return Path("nowhere"), _REVISION


class Updatable(Replaceable):
    """The same as an RDF dataset, with a default graph of its own, and open to updates."""

    def __init__(self) -> None:
        super().__init__(UpdatableStore)

    def update(self, update: Update) -> None:
        """Carry out an update on the content."""
        evaluated(self.dataset(), update)

    def dataset(self) -> UpdatableStore:
        """Return the content as it is now."""
        assert isinstance(self._content, UpdatableStore)
        return self._content

    def writer(self) -> ThrowawayWriter:
        """Return what takes requests to write the content."""
        return ThrowawayWriter(self.dataset, lambda update: self.update(update), _REVISION)  # tests replace `update`


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answered."""

    status: int
    content_type: str
    body: bytes
    location: str = ""

    @property
    def media_type(self) -> str:
        """Return the media type without its parameters."""
        return self.content_type.partition(";")[0].strip()


class Throwaway:
    """A running server: `content` is what it holds, `url` its endpoint."""

    def __init__(self, content: Replaceable, url: str, token: str = "") -> None:
        self.content = content
        self._authorization = {"Authorization": f"Bearer {token}"} if token else {}
        self.url = f"{url}/sparql"
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None = None) -> Reply:
        """Send a request exactly as it is given, over one connection that is kept.

        Args:
            target: what follows the address of the endpoint: "" or "?name=value".
        """
        return self.request(method, f"/sparql{target}", headers, body)

    def request(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None = None) -> Reply:
        """Send a request to any address of the server, with the token if there is one."""
        try:
            self._connection.request(method, target, body, {**headers, **self._authorization})
            response = self._connection.getresponse()
            told = (response.getheader(name, "") for name in ("Content-Type", "Location"))
            return Reply(response.status, next(told), response.read(), next(told))
        except (http.client.HTTPException, OSError):
            self._connection.close()  # the next request opens it again
            raise

    def ask(self, query: bytes, accept: str, dataset: Iterable[tuple[str, str]] = ()) -> Reply:
        """Send a query as the body of a POST.

        Args:
            dataset: pairs of `default-graph-uri` or `named-graph-uri` and an IRI.
        """
        parameters = urlencode(list(dataset))
        headers = {"Content-Type": "application/sparql-query", "Accept": accept}
        return self.send("POST", f"?{parameters}" if parameters else "", headers, query)

    def update(self, text: bytes) -> Reply:
        """Send an update as the body of a POST; 204 says that it is done."""
        headers = {"Content-Type": "application/sparql-update", "Prefer": "return=minimal"}
        return self.send("POST", "", headers, text)

    def close(self) -> None:
        """Let the connection go."""
        self._connection.close()


@contextlib.contextmanager
def running(*, takes_updates: bool = False) -> Iterator[Throwaway]:
    """Run a server on a free loopback port, without budgets or deadlines.

    Args:
        takes_updates: over a dataset that updates change; else over a graph as the product publishes it, read only.
    """
    updatable = Updatable() if takes_updates else None
    content = updatable or Replaceable()
    settings = Settings(port=0, threads=2)
    asker = InProcess(lambda: (content.current()[0], _REVISION))
    service = QueryService(asker, Budgets(_UNBOUNDED, 1), Quarantine(0.0), _UNBOUNDED, _UNBOUNDED)
    with tempfile.TemporaryDirectory() as state:
        tokens = Tokens(Path(state))
        token = tokens.add("conformance", ["*"])[1] if updatable else ""
        server = Server(content, service, settings, updatable.writer() if updatable else None, tokens)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        throwaway = Throwaway(content, server.url, token)
        try:
            yield throwaway
        finally:
            throwaway.close()
            server.close()
            thread.join(timeout=10)
