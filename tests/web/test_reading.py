"""What is read as a request, and what never is: bytes in, requests or refusals out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopkg.web.reading import HEAD_MAX_BYTES, Reader, Refusal, Request

MAX = 1_000
POST = b"POST /sparql HTTP/1.1\r\nHost: x\r\n"
GET = b"GET / HTTP/1.1\r\nHost: x\r\n"
NEXT = b"GET /next HTTP/1.1\r\nHost: x\r\n\r\n"


def read(data: bytes, step: int = 0) -> tuple[list[Request], Refusal | None]:
    """Return the requests that bytes hold, given at once or so many at a time, and the refusal that ends them."""
    reader, found = Reader(MAX), list[Request]()
    try:
        for start in range(0, len(data), step or len(data) or 1):
            reader.feed(data[start : start + (step or len(data) or 1)])
            while request := reader.take():
                found.append(request)
                if not request.keeps_alive:
                    return found, None
    except Refusal as refused:
        return found, refused
    return found, None


def status(data: bytes) -> int:
    """Return the status that bytes are refused with, however they are cut; 0 when a request was read."""
    statuses = set()
    for step in (0, 1, 7):
        found, refused = read(data, step)
        assert not found or not refused, "a request was handed on before the refusal"
        statuses.add(refused.status if refused else 0)
    assert len(statuses) == 1, statuses
    return statuses.pop()


@pytest.mark.parametrize("step", [0, 1, 2, 3, 50])
def test_requests_are_read_one_after_another_however_they_are_cut(step: int) -> None:
    data = (
        POST + b"X: a\r\nx:  b \r\nContent-Length: 3\r\n\r\nabc"
        b"\r\n"  # an empty line too many is borne
        b"QUERY /a?b=%20 HTTP/1.1\r\nHost: x\r\n\r\n" + NEXT
    )
    found, refused = read(data, step)
    assert refused is None
    assert [(one.method, one.target, bytes(one.body)) for one in found] == [
        ("POST", b"/sparql", b"abc"),
        ("QUERY", b"/a?b=%20", b""),
        ("GET", b"/next", b""),
    ]
    assert found[0].all(b"x") == [b"a", b"b"]


@pytest.mark.parametrize("step", [0, 1, 5])
def test_chunks_are_joined_and_what_follows_them_ends_the_connection(step: int) -> None:
    chunked = POST + b"Transfer-Encoding: chunked\r\n\r\n2;a=b\r\nab\r\n1\r\nc\r\n0\r\nX-Trailer: x\r\n\r\n"
    found, refused = read(chunked + NEXT, step)
    assert refused is None
    assert bytes(found[0].body) == b"abc"
    assert found[0].all(b"x-trailer") == []
    # Given at once, the next request was seen by the same parser, past the gate: it must not be answered.
    assert len(found) == (1 if step != 1 else 2)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (GET + b"X: a\r\n b\r\n\r\n", 400),
        (GET + b"X: a\r\n\tb\r\n\r\n", 400),
        (GET + b"X: a\nY: b\r\n\r\n", 400),
        (GET + b"X: a\rY: b\r\n\r\n", 400),
        (GET + b"X: a\0b\r\n\r\n", 400),
        (GET + b"X : a\r\n\r\n", 400),
        (GET + b"X\r\n\r\n", 400),
        (GET + b": a\r\n\r\n", 400),
        (GET + b"Host: y\r\n\r\n", 400),
        *(
            (b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n\r\n", 400)
            for host in (
                b"",
                b"\xc3\xa9.com",
                b"a b",
                b"a/b",
                b"a@b",
                b"<a>",
                b"a:b",
                b"a:999999",
                b"[::1",
                b'a>; rel="x',
            )
        ),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\nHost: x\n\n", 400),
        (b"GET /\r\n\r\n", 400),
        (b"GET / HTTP/1.1 \r\nHost: x\r\n\r\n", 400),
        (b"GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET /\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (b"SMUGGLE / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\n", 505),
        (b"CONNECT a.example:80 HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        (GET + b"Expect: a miracle\r\n\r\n", 417),
        (GET + b"X: y\r\n" * 300 + b"\r\n", 431),
        (POST + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400),
        (POST + b"Content-Length: 3, 3\r\n\r\nabc", 400),
        (POST + b"Content-Length: +3\r\n\r\nabc", 400),
        (POST + b"Content-Length: -3\r\n\r\nabc", 400),
        (POST + b"Content-Length: 0x3\r\n\r\nabc", 400),
        (POST + b"Content-Length: \r\n\r\nabc", 400),
        (POST + b"Content-Length : 3\r\n\r\nabc", 400),
        (POST + b"Content-Length: 99999999999999999999\r\n\r\n", 400),
        (POST + b"Content-Length: 1001\r\n\r\n", 413),
        (POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
        (POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: identity\r\n\r\n", 501),
        (POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: chunked\x0b\r\n\r\n0\r\n\r\n", 400),
        (b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n2\nab\n0\n\n", 400),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n2 \r\nab\r\n0\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n-2\r\nab\r\n0\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nab", 400),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"100\r\n" + b"x" * 256 + b"\r\n", 0),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n" + (b"100\r\n" + b"x" * 256 + b"\r\n") * 4, 413),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"x" * 100_000, 413),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"X: y\r\n" * 20_000, 413),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(data: bytes, expected: int) -> None:
    assert status(data) == expected


@pytest.mark.parametrize("line", [b"X: a\r\n b", b"X: a\r\n\tb", b"X: a\nY: b", b"X: a\rY: b", b"X: a\0b"])
def test_the_gate_refuses_by_itself_whatever_the_parser_behind_it_bears(line: bytes) -> None:
    _, refused = read(GET + line + b"\r\n\r\n")
    assert refused is not None
    assert refused.sentence.startswith("The request's head has a folded line")


@pytest.mark.parametrize("begin", [b"GET /", GET + b"X: ", b"\r\n" * 40_000 + b"GET /"])
def test_a_head_without_end_is_refused_before_it_has_one(begin: bytes) -> None:
    reader = Reader(MAX)
    reader.feed(begin)
    assert reader.take() is None
    assert reader.waiting_bytes < HEAD_MAX_BYTES
    reader.feed(b"a" * HEAD_MAX_BYTES)
    with pytest.raises(Refusal, match="65,536 bytes") as refused:
        reader.take()
    assert refused.value.status == 431


@pytest.mark.parametrize("target", ["/long", "/long?a=b", "/longer", "/", "/?/long", "/sparql/long"])
@pytest.mark.parametrize("framing", ["Content-Length: 1001\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n3e9\r\n"])
def test_some_paths_take_longer_bodies_and_no_others(target: str, framing: str) -> None:
    reader = Reader(MAX, by_path={b"/long": MAX + 1})
    reader.feed(f"POST {target} HTTP/1.1\r\nHost: x\r\n{framing}{'x' * (MAX + 1)}".encode())
    reader.feed(b"\r\n0\r\n\r\n" if "chunked" in framing else b"")
    if target.startswith("/long") and target != "/longer":
        request = reader.take()
        assert request is not None
        assert len(request.body) == MAX + 1
    else:
        with pytest.raises(Refusal, match="larger than 1,000 bytes"):
            reader.take()


def test_a_body_that_is_cut_is_no_request() -> None:
    whole = POST + b"Content-Length: 3\r\n\r\nabc"
    chunked = POST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    for data in (whole, chunked):
        for stop in range(1, len(data)):
            assert read(data[:stop]) == ([], None), data[:stop]


@pytest.mark.parametrize(
    ("lines", "version", "keeps"),
    [
        (b"", b"1.1", True),
        (b"Connection: close\r\n", b"1.1", False),
        (b"Connection: Upgrade\r\nUpgrade: h2c\r\n", b"1.1", False),
        (b"", b"1.0", False),
        (b"Connection: keep-alive\r\n", b"1.0", False),
    ],
)
def test_the_connection_is_kept_only_when_both_sides_mean_it(lines: bytes, version: bytes, keeps: bool) -> None:
    found, refused = read(b"GET / HTTP/" + version + b"\r\nHost: x\r\n" + lines + b"\r\n")
    assert refused is None
    assert [one.keeps_alive for one in found] == [keeps]


def test_a_client_that_asks_before_it_sends_is_told_to_go_on() -> None:
    for lines, version, must in (
        (b"Content-Length: 3\r\n", b"1.1", True),
        (b"Content-Length: 3\r\n", b"1.0", False),
        (b"", b"1.1", False),
    ):
        reader = Reader(MAX)
        reader.feed(b"POST / HTTP/" + version + b"\r\nHost: x\r\nExpect: 100-Continue\r\n" + lines + b"\r\n")
        reader.take()
        assert reader.must_continue is must


_PARTS = st.sampled_from(
    [
        *(GET, POST, NEXT, b"\r\n", b"\n", b"\r", b" ", b"\t", b"\0", b":", b"0\r\n\r\n", b"1\r\nx\r\n", b"x" * 1_500),
        *(b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n", b"Connection: close\r\n", b"X: y\r\n", b"abc"),
        *(b"Expect: 100-continue\r\n", b"Upgrade: x\r\nConnection: upgrade\r\n", b"Host: y\r\n", b"X: a\r\n b\r\n"),
    ]
)


@given(st.lists(st.one_of(_PARTS, st.binary(max_size=5)), max_size=12).map(b"".join), st.integers(1, 9))
def test_any_bytes_are_requests_or_one_refusal_and_the_first_is_the_same_however_they_are_cut(
    data: bytes, step: int
) -> None:
    whole, in_steps = (_first(*read(data, one)) for one in (0, step))
    assert whole == in_steps


def _first(found: list[Request], refused: Refusal | None) -> object:
    if found:
        return found[0].method, found[0].target, found[0].headers, found[0].body
    return refused.status if refused else None
