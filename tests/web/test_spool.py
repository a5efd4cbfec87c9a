"""What waits for a reader comes out as it went in, and lets go of memory and disk."""

from __future__ import annotations

import threading

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


def test_a_job_that_fails_costs_no_thread(caplog: pytest.LogCaptureFixture) -> None:
    crew, done = Crew("test", 1, 1), threading.Event()
    assert crew.take(lambda: [][0])
    while not crew.take(done.set):
        pass
    assert done.wait(5)
    assert "IndexError" in caplog.text
