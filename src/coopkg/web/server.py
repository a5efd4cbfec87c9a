"""The server: the application behind the HTTP front, with the limits of the settings."""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import re
import resource
import socket
import sys
from collections.abc import Callable
from contextlib import nullcontext
from urllib.parse import unquote_to_bytes

from coopkg.budget import networks_of
from coopkg.errors import SettingsError
from coopkg.feed import Feed
from coopkg.graph import Graph
from coopkg.index import Index
from coopkg.service import QueryService
from coopkg.settings import Settings
from coopkg.tokens import Tokens
from coopkg.web import log, validation, warming
from coopkg.web.app import body_max_bytes, create_app, document_max_bytes
from coopkg.web.crew import Crew
from coopkg.web.door import Door
from coopkg.web.dumping import dumper
from coopkg.web.entrance import Entrance
from coopkg.web.following import Follower
from coopkg.web.front import Front, Limits
from coopkg.web.imprint import refuse_unsigned
from coopkg.web.known import Known
from coopkg.web.peers import Peers
from coopkg.web.reading import Request, origin_form
from coopkg.web.warming import Warming
from coopkg.web.writes import WAITING_MAX
from coopkg.writing import Writer

#: All together; each is an open file, and so is what waits for a slow reader.
_CONNECTIONS = 1_000
_WAITING_A_THREAD = 8
#: Whoever runs the server asks these, and must hear when all other threads are busy.
_OPERATIONS = frozenset((b"/health", b"/ready", b"/metrics"))
#: What workers answer: a thread that asks them waits, and needs no processor.
_ASKING = re.compile(rb"/(?:sparql|graph-store|validate|query|q)(?:/|$)")
_FILE = re.compile(rb"/[a-z]+\.(?:excel\.)?[a-z]+|/feed(?:[./].*)?|/changes/.+|/dumps/.*", re.DOTALL)
#: Pages are made by threads of this process, of which one has the processor at a time: more would slow all others
#: down, and answer no page sooner. Files, which are long, are apart from pages.
_PAGE_THREADS, _FILE_THREADS = 3, 2
#: After this a thread that computes gives way. A lookup waits for it some ten times; of 5 ms, which Python takes
#: where nothing is said, that is felt.
_TURN_S = 0.001
#: One writes, others wait their turn, and one is left to refuse the rest.
_WRITE_THREADS = 1 + WAITING_MAX + 1


class Server:
    """A server that listens, and answers once `run` is called.

    Args:
        writer: who takes requests to write; without one the server is read only.
        tokens: who may write; without them nobody may.
    """

    def __init__(
        self,
        graph: Graph,
        service: QueryService,
        settings: Settings,
        writer: Writer | None = None,
        tokens: Tokens | None = None,
    ) -> None:
        refuse_unsigned(settings)
        self._index, self._follower = Index(), Follower(graph)
        self._dumper = dumper(graph, settings, os.environ)
        self._feed = Feed(settings.state_folder(os.environ) / "journal")
        known = Known(settings.known_answers_mb << 20, graph.generation, names_host=not settings.public_url)
        app = create_app(graph, service, settings, writer, tokens, self._index, self._feed, known)
        entrance = Entrance(tokens, document_max_bytes(settings)) if writer and tokens else None
        try:
            sockets = _bound(settings.host, settings.port)
        except OSError as fault:
            other = "port with --port" if fault.errno in (errno.EADDRINUSE, errno.EACCES) else "address with --host"
            raise SettingsError(
                f"{settings.host}:{settings.port} cannot be listened on ({fault}); choose another {other}"
            ) from fault
        self._front = Front(
            Door(app),
            sockets,
            Peers(settings.connections_per_client, _connections(), networks_of(settings.trusted_proxies)),
            _crews(settings.threads, entrance),
            Limits(
                body_max_bytes=body_max_bytes(settings),
                longer_bodies=validation.LONGER_BODIES,
                waiting_max_bytes=2 * (settings.answer_max_mb << 20),  # the pool bounds it; chunks and codings add
                drain_s=settings.deadline_max_s + settings.queue_s,
            ),
            entrance.longer if entrance else lambda _: 0,
            known,
            functools.partial(log.note, networks_of(settings.trusted_proxies)) if settings.access_log == "on" else None,
        )
        host, port = f"[{settings.host}]" if ":" in settings.host else settings.host, sockets[0].getsockname()[1]
        self.url = f"http://{host}:{port}"
        asked_at, over_tls = f"{host}:{port}", settings.public_url.startswith("https:")
        self._warming = Warming(
            app,
            known,
            (settings.host, port),
            warming.questions(asked_at, over_tls=over_tls) if settings.warm_up == "on" else [],
            lambda: service.is_ready() and self._index.is_of(graph.location()[1]),
        )

    def run(self) -> None:
        """Answer requests until told to stop; those under way are finished."""
        sys.setswitchinterval(_TURN_S)
        following = self._follower.following(self._index, self._feed)
        dumping = self._dumper.dumping() if self._dumper else nullcontext()
        with following, dumping, self._warming.warming():
            self._front.run()

    def close(self) -> None:
        """Stop, from any thread."""
        self._front.stop()


def _crews(threads: int, entrance: Entrance | None) -> Callable[[Request], Crew]:
    """Return which threads answer a request: no crowd of queries, of pages or of writes keeps the others out."""
    queries = Crew("query", threads, threads * _WAITING_A_THREAD)
    pages = Crew("page", _PAGE_THREADS, threads * _WAITING_A_THREAD)
    files = Crew("file", _FILE_THREADS, threads * _WAITING_A_THREAD)
    operations = Crew("operation", 2, 2 * _WAITING_A_THREAD)
    writes = Crew("write", _WRITE_THREADS, _WRITE_THREADS) if entrance else queries

    def crew_of(request: Request) -> Crew:
        if request.target.partition(b"?")[0] in _OPERATIONS:
            return operations
        if entrance and entrance.is_open(request):
            return writes
        path = unquote_to_bytes(origin_form(request.target).partition(b"?")[0])
        if _ASKING.match(path):
            return queries
        return files if _FILE.fullmatch(path) else pages

    return crew_of


def _connections() -> int:
    """Return how many connections there may be at once: fewer where the system allows few open files."""
    wanted = 4 * _CONNECTIONS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return _CONNECTIONS if soft == resource.RLIM_INFINITY else min(_CONNECTIONS, soft // 2)


def _bound(host: str, port: int) -> list[socket.socket]:
    """Return sockets that listen: a name such as localhost may stand for several addresses, all at one port."""
    with contextlib.ExitStack() as keeping:
        sockets: list[socket.socket] = []
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in dict.fromkeys(found):
            one = keeping.enter_context(socket.socket(family, kind, protocol))
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            free = sockets[0].getsockname()[1] if sockets else port
            one.bind((address[0], free, *address[2:]))
            one.listen(1024)
            one.setblocking(False)
            sockets.append(one)
        keeping.pop_all()
        return sockets
