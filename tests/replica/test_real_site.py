"""A replica of a site that is served by this program, and a replica that is served by it in turn."""

from __future__ import annotations

import time
from pathlib import Path

from tests.build.running import Place, names_at, serving
from tests.builders import a_tiny_content
from tests.conftest import coopkg
from tests.replica.conftest import change, statements


def test_a_site_of_this_program_is_followed_and_its_replica_is_served(tmp_path: Path) -> None:
    origin = Place(a_tiny_content(tmp_path / "content"), tmp_path / "state")
    replica = Place(origin.content, tmp_path / "replica")
    origin.build()
    assert origin.run("dump").returncode == 0
    with serving(origin) as address:
        follow = ("--content", origin.content, "follow", address, "--once", "--state", replica.state)
        begun = coopkg(*follow)
        assert begun.returncode == 0, begun.stderr
        assert statements(replica) == statements(origin)
        with serving(replica) as other:
            change(origin, 7)
            followed = coopkg(*follow)
            assert (followed.returncode, followed.stdout) == (0, f"révision   4\nempreinte  {origin.digest()}\n")
            assert statements(replica) == statements(origin)
            until = time.monotonic() + 60  # a publication is followed within some tenths of a second
            while "Nom 7" not in names_at(other):
                assert time.monotonic() < until
