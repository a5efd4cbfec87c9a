"""The HTTP server: waitress, which stands half-open connections and refuses cut bodies (ADR 0006)."""

from __future__ import annotations

from typing import Any

import waitress
from waitress.channel import HTTPChannel
from waitress.task import ErrorTask

from coopkg.errors import SettingsError
from coopkg.graph import Graph
from coopkg.settings import Settings
from coopkg.web.app import body_max_bytes, create_app


class Server:
    """A server that listens, and answers once `run` is called."""

    def __init__(self, graph: Graph, settings: Settings) -> None:
        app = create_app(graph, settings)
        listening: dict[int, Any] = {}
        try:
            self._server = waitress.create_server(
                app,
                map=listening,
                host=settings.host,
                port=settings.port,
                threads=settings.threads,
                ident=None,
                # The application refuses what is too long with a sentence; this only keeps the disk from filling.
                max_request_body_size=2 * body_max_bytes(settings),
            )
        except (OSError, ValueError) as fault:
            raise SettingsError(
                f"{settings.host}:{settings.port} cannot be listened on ({fault}); choose another port with --port"
            ) from fault
        for dispatcher in listening.values():
            dispatcher.channel_class = _Channel
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        self.url = f"http://{host}:{_port(self._server)}"

    def run(self) -> None:
        """Answer requests until the process is told to stop."""
        self._server.run()

    def close(self) -> None:
        """Stop listening."""
        self._server.close()


class _OpenErrorTask(ErrorTask):  # type: ignore[misc]  # waitress ships no type information
    """What waitress refuses by itself (a malformed or too long request), readable from other origins too."""

    def execute(self) -> None:
        self.response_headers += [
            ("Access-Control-Allow-Origin", "*"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        super().execute()


class _Channel(HTTPChannel):  # type: ignore[misc]  # waitress ships no type information
    error_task_class = _OpenErrorTask


def _port(server: Any) -> int:
    """Return the port; a name such as localhost may stand for several addresses, each with a listener."""
    listeners = getattr(server, "effective_listen", None)
    return int(listeners[0][1] if listeners else server.effective_port)
