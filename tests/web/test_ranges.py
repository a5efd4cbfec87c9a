"""Which bytes a request asks for: one range, or none that can be given."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from coopkg.web import ranges
from coopkg.web.ranges import Span

DATE = datetime(2026, 11, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "span"),
    [
        ("bytes=0-0", Span(0, 1)),
        ("bytes=2-4", Span(2, 5)),
        ("bytes=5-", Span(5, 10)),
        ("bytes=9-", Span(9, 10)),
        ("bytes=0-9999999999999999", Span(0, 10)),
        ("bytes=-1", Span(9, 10)),
        ("bytes=-99", Span(0, 10)),
        ("Bytes = 2 - 4", Span(2, 5)),
        ("bytes=2-4,", Span(2, 5)),
    ],
)
def test_one_range_gives_these_bytes(said: str, span: Span) -> None:
    assert ranges.wanted(said, 10) == span


@pytest.mark.parametrize(
    "said",
    [
        *("", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=4-2", "bytes=0-1,4-5", "bytes=0-1,-1", "lines=0-1"),
        *("bytes=0x1-2", "bytes=+1-2", "bytes=--1", "bytes=1-2-3", "bytes=٣-٤", "bytes=1_0-", "bytes=0-1\0"),
        *("bytes=" + "9" * 19 + "-", "bytes=" + "0-1," * 5_000, "0-5"),
    ],
)
def test_what_is_no_single_range_gives_the_whole(said: str) -> None:
    assert ranges.wanted(said, 10) is None


@pytest.mark.parametrize(("said", "size"), [("bytes=10-", 10), ("bytes=10-12", 10), ("bytes=-0", 10), ("bytes=0-", 0)])
def test_a_range_without_a_byte_cannot_be_given(said: str, size: int) -> None:
    with pytest.raises(ranges.Unsatisfiable):
        ranges.wanted(said, size)


@pytest.mark.parametrize(
    ("etag", "date", "may"),
    [
        (None, None, True),
        ("tag", None, True),
        ("other", None, False),
        (None, DATE, True),
        (None, DATE.replace(day=29), False),
    ],
)
def test_a_part_is_given_only_of_the_file_that_if_range_names(
    etag: str | None, date: datetime | None, may: bool
) -> None:
    assert ranges.may_be_part(etag, date, "tag", DATE) is may
