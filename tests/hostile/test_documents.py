"""Twenty clients post documents that are bombs; an ordinary lookup beside them must not notice."""

from __future__ import annotations

import http.client
import threading
from pathlib import Path

from tests.hostile.conftest import serving
from tests.hostile.test_hostile import Lookups
from tests.pool.test_submissions import BOMBS

CLIENTS, ROUNDS = 20, 2
#: Read or refused, over a bound, spent, stopped or busy; never a fault of the server.
DECENT = {200, 400, 413, 429, 503, 504}


def _post(port: int, source: str, content: bytes, media_type: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60, source_address=(source, 0))
    try:
        connection.request("POST", "/validate", content, {"Content-Type": media_type})
        return connection.getresponse().status
    finally:
        connection.close()


def test_bombs_from_many_clients_leave_lookups_unharmed(state: Path) -> None:
    limits = {"COOPKG_DEADLINE_S": "2", "COOPKG_WORKER_MEMORY_MB": "256", "COOPKG_ACCESS_LOG": "off"}
    with serving(state, **limits) as target:
        over, lookups = threading.Event(), Lookups(target.port)
        reader = threading.Thread(target=lookups.run, args=(over,))
        reader.start()
        statuses: list[int] = []

        def attack(number: int) -> None:
            for content, media_type in list(BOMBS.values()) * ROUNDS:
                statuses.append(_post(target.port, f"127.0.3.{number + 1}", content, media_type))

        threads = [threading.Thread(target=attack, args=(number,)) for number in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        over.set()
        reader.join()
        assert len(statuses) == CLIENTS * ROUNDS * len(BOMBS)
        assert set(statuses) <= DECENT
        assert not lookups.lost
