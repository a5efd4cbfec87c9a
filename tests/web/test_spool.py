"""What waits for a reader comes out as it went in, and lets go of memory and disk."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopkg.web import spool
from coopkg.web.crew import Crew
from coopkg.web.spool import Spool, SpoolFull


@given(st.lists(st.integers(0, 400_000), max_size=20))
def test_bytes_come_out_as_they_went_in(steps: list[int]) -> None:
    """An even step writes so many bytes, an odd one reads a piece."""
    waiting, written, got = Spool(1 << 30), bytearray(), bytearray()
    for number, step in enumerate(steps):
        if step % 2:
            got += waiting.read()
        else:
            piece = bytes([number]) * step
            waiting.write(piece)
            written += piece
    while piece := waiting.read():
        got += piece
    waiting.close()
    assert got == written


def test_what_does_not_fit_into_memory_goes_to_a_file_that_is_emptied_once_it_is_read() -> None:
    waiting = Spool(1 << 24)
    for _ in range(10):
        waiting.write(b"x" * 200_000)
    assert waiting._held <= spool._MEMORY_BYTES
    assert waiting._file is not None
    while waiting.read():
        pass
    assert waiting._file.seek(0, 2) == 0
    waiting.close()


def test_beyond_its_bound_or_once_closed_nothing_is_taken() -> None:
    waiting = Spool(10)
    waiting.write(b"x" * 10)
    with pytest.raises(SpoolFull):
        waiting.write(b"x")
    waiting.close()
    assert waiting.read() == b""
    with pytest.raises(SpoolFull):
        waiting.write(b"x")


def test_a_file_that_is_lent_is_read_behind_what_was_written_and_closed_in_the_end(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(range(256)) * 2_000)
    file = (tmp_path / "file").open("rb")
    waiting = Spool(10)  # the bound is of what waits here, and a file that is there waits nowhere
    waiting.write(b"head")
    waiting.lend(file, 100, 400_000)
    got = b""
    while piece := waiting.read():
        assert len(piece) <= spool._PIECE_BYTES
        got += piece
    assert got == b"head" + (bytes(range(256)) * 2_000)[100:400_000]
    waiting.close()
    assert file.closed


def test_a_file_for_a_reader_who_has_gone_is_closed_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    file = (tmp_path / "file").open("rb")
    waiting = Spool(10)
    waiting.close()
    with pytest.raises(SpoolFull):
        waiting.lend(file, 0, 1)
    assert file.closed


def test_a_file_that_became_shorter_is_told_and_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 10)
    waiting = Spool(10)
    waiting.lend((tmp_path / "file").open("rb"), 0, 20)
    assert waiting.read() == b"x" * 10
    with pytest.raises(OSError, match="shorter"):
        waiting.read()
    waiting.close()


def test_a_job_that_fails_costs_no_thread(caplog: pytest.LogCaptureFixture) -> None:
    crew, done = Crew("test", 1, 1), threading.Event()
    assert crew.take(lambda: [][0])
    while not crew.take(done.set):
        pass
    assert done.wait(5)
    assert "IndexError" in caplog.text
