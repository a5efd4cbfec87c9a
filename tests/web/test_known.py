"""Known answers: for the very same question alone, of what is published now alone, within their bytes."""

from __future__ import annotations

import itertools
import random
import threading
from collections.abc import Iterator

import pytest

from coopkg.web import known
from coopkg.web.known import Copy, Key, Known
from coopkg.web.reading import Reader, Request

BASE_TARGET = "/sparql?query=ASK%7B%7D"
BASE_HEADERS = {"Host": "coop.example", "Accept": "application/json", "Accept-Encoding": "gzip"}
HEADERS = [("Content-Type", "text/csv"), ("Vary", "Accept"), ("Coopkg-Revision", "7"), ("Coopkg-Elapsed-Ms", "3.1")]


class Published:
    """What is published, as a test says it."""

    def __init__(self, name: str = "g1") -> None:
        self.name = name

    def __call__(self) -> str:
        return self.name


def asked(
    method: str = "GET", target: str = BASE_TARGET, body: bytes = b"", version: str = "1.1", **headers: str
) -> Request:
    """Return a request as the front reads it; a header is named with _ for -, and left out by ""."""
    named = {**BASE_HEADERS, **{name.replace("_", "-"): value for name, value in headers.items()}}
    if body:
        named["Content-Length"] = str(len(body))
    lines = [f"{method} {target} HTTP/{version}", *(f"{name}: {value}" for name, value in named.items() if value)]
    reader = Reader(1 << 20)
    reader.feed("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
    request = reader.take()
    assert request is not None
    return request


def key(request: Request, of: Known | None = None) -> Key:
    """Return the key of a request that has one."""
    found = (of or a_cache()).key(request)
    assert found is not None
    return found


def a_cache(max_bytes: int = 1 << 20, published: Published | None = None) -> Known:
    return Known(max_bytes, published or Published())


def variations() -> Iterator[Request]:
    """Yield requests each of which differs from each other in one thing at least that an answer may follow from."""
    query = "/sparql?query=SELECT%20*%20%7B%3Fs%20%3Fp%20%22a%20%20b%22%7D"
    for target in (
        *("/sparql?query=ASK{}", "/sparql?query=ASK%7B%7D", "/sparql?query=ASK%7b%7d", "/sparql?query=ASK+{}"),
        *(query, query.replace("%20%20", "%20"), query.replace("%20", "+"), f"{query}&", f"{query}&format=csv"),
        *(f"{query}&format=json", f"{query}&output=csv", f"{query}&timeout=1", f"{query}&timeout=2"),
        *(f"{query}&revision=7", f"{query}&revision=8", f"{query}&inference=false", f"{query}&inference=true"),
        *(f"{query}&default-graph-uri=urn:a", f"{query}&named-graph-uri=urn:a", f"{query}&default-graph-uri=urn:b"),
        *(f"{query}&default-graph-uri=urn:a&default-graph-uri=urn:b", f"//sparql{query[7:]}", f"/sparql/{query[7:]}"),
        *(f"http://coop.example{query}", f"http://other.example{query}", f"{query}&rewrite=false", "/doc/a", "/doc/A"),
        *("/doc/a.ttl", "/doc/a?lang=fr", "/doc/a?lang=en", "/doc/a?page=2", "/doc/%61", "/", "/?", "/?lang=fr"),
    ):
        yield asked(target=target)
    for accept in ("", "*/*", "text/csv", "text/csv;q=0.5", "TEXT/csv", "text/csv, */*", "text/html", "text/turtle"):
        yield asked(Accept=accept)
    for codings in ("", "br", "zstd", "gzip, identity;q=0", "*;q=0"):
        yield asked(Accept_Encoding=codings)
    for host in ("other.example", "coop.example:81", "COOP.example"):
        yield asked(Host=host)
    for language in ("fr", "en", ""):
        yield asked(target="/doc/b", Accept_Language=language)
    for method, kind, body in itertools.product(
        ("POST", "QUERY"),
        ("application/sparql-query", "application/x-www-form-urlencoded", "application/sparql-query; charset=utf-8"),
        (b"ASK {}", b"ASK  {}", b"ask {}", b"ASK {} ", b"ASK {}\n", b"ASK {}\r\n", b"query=ASK{}", b"query=ASK+{}"),
    ):
        yield asked(method, "/sparql", body, Content_Type=kind)
    for target in ("/sparql?timeout=1", "/sparql?format=csv"):
        yield asked("POST", target, b"ASK {}", Content_Type="application/sparql-query")


def test_no_two_questions_that_differ_in_anything_share_an_answer() -> None:
    cache, published = a_cache(1 << 24), dict[Key, int]()
    for number, request in enumerate(requests := list(variations())):
        of = key(request, cache)
        assert of not in published, (number, published[of], request)
        published[of] = number
        cache.keep(of, "g1", HEADERS, b"%d" % number)
    assert len(requests) > 100
    given = [cache.find(key(request, cache)) for request in variations()]
    assert [entry.body for entry in given if entry] == [b"%d" % number for number in range(len(requests))]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (asked(Accept_Encoding="gzip"), asked(Accept_Encoding="gzip, deflate")),
        (asked(Accept_Encoding="gzip"), asked(Accept_Encoding="GZIP;q=1.0")),
        (asked(), asked("HEAD")),
        (asked(), asked(User_Agent="a", Cookie="b=c", Referer="http://d.example/", X_Forwarded_For="203.0.113.9")),
        (asked(target="/", Accept_Language="fr"), asked(target="/", Accept_Language="fr-CA, en;q=0.8")),
        (asked(Accept_Language="fr"), asked(Accept_Language="en")),  # data has no language
        (asked(), asked(Cache_Control="max-age=0", If_None_Match='"x"')),
    ],
)
def test_what_no_answer_follows_from_asks_for_the_same(one: Request, other: Request) -> None:
    assert key(one) == key(other)


@pytest.mark.parametrize(
    "request_",
    [
        asked(Authorization="Bearer a.b"),
        asked(Proxy_Authorization="Basic eDp5"),
        asked(Range="bytes=0-1"),
        asked(If_Range='"a"', Range="bytes=0-1"),
        asked(If_Match='"a"'),
        asked(If_Unmodified_Since="Sat, 28 Nov 2026 00:00:00 GMT"),
        asked(If_Modified_Since="Sat, 28 Nov 2026 00:00:00 GMT"),
        asked(Cache_Control="no-cache"),
        asked(Cache_Control="max-age=0, No-Store"),
        asked(Pragma="no-cache"),
        asked(Access_Control_Request_Headers="authorization"),
        asked("POST", "/sparql", b"ASK {}", Content_Type="application/sparql-query", Content_Encoding="gzip"),
        asked("PUT", "/graph-store?default", b"", Content_Type="text/turtle"),
        asked("DELETE", "/graph-store?default"),
        asked("PATCH"),
        asked("OPTIONS"),
        asked(version="1.0"),
        asked("POST", "/sparql", b"x" * (1 << 16), Content_Type="application/sparql-query"),
        asked(Accept_Encoding="gzip," * 100),
        asked(Accept_Language="fr," * 200),
    ],
)
def test_only_a_view_may_answer_some_requests(request_: Request) -> None:
    assert a_cache().key(request_) is None


def test_a_header_with_an_underscore_is_no_other_header() -> None:
    plain, odd = asked(), asked()
    odd.headers.append((b"accept_encoding", b"br"))
    assert key(plain) == key(odd)


def test_where_answers_name_one_public_address_the_host_tells_nothing() -> None:
    here = Known(1 << 20, Published(), names_host=False)
    assert key(asked(Host="a.example"), here) == key(asked(Host="b.example"), here)


def test_without_memory_nothing_is_known() -> None:
    assert Known(0, Published()).key(asked()) is None


# ---- what is published -----------------------------------------------------------------------------------------


def test_nothing_is_given_of_what_is_no_longer_published_and_all_of_it_is_forgotten() -> None:
    published = Published("g1")
    cache = a_cache(published=published)
    cache.keep(key(asked()), "g1", HEADERS, b"of g1")
    published.name = "g2"
    assert cache.find(key(asked())) is None
    assert cache.gauges() == {"known_answers": 0, "known_answers_bytes": 0}


def test_what_is_no_longer_published_is_forgotten_without_a_question() -> None:
    published = Published("g1")
    cache = a_cache(published=published)
    cache.keep(key(asked()), "g1", HEADERS, b"of g1")
    published.name = "g2"
    assert (cache.follow(), cache.gauges()["known_answers"]) == ("g2", 0)


@pytest.mark.parametrize(("of", "now"), [("g1", "g2"), ("g2", "g1"), ("", ""), ("", "g1"), ("g1", "")])
def test_an_answer_that_was_made_from_something_else_is_not_kept(of: str, now: str) -> None:
    published = Published(now)
    cache = a_cache(published=published)
    cache.keep(key(asked()), of, HEADERS, b"body")
    assert cache.gauges()["known_answers"] == 0
    published.name = of
    assert cache.find(key(asked())) is None


def test_whoever_asks_while_it_is_published_anew_gets_nothing_older_than_when_it_asked() -> None:
    published, faults, ended = Published("1"), list[tuple[int, int, int]](), threading.Event()
    cache, question = a_cache(published=published), asked()
    of = key(question, cache)

    def keep() -> None:
        while not ended.is_set():
            name = published.name
            cache.keep(of, name, HEADERS, name.encode())

    def ask() -> None:
        while not ended.is_set():
            before = int(published.name)
            entry = cache.find(of)
            after = int(published.name)
            if entry and not before <= int(entry.body) <= after:
                faults.append((before, int(entry.body), after))

    threads = [threading.Thread(target=one) for one in (keep, keep, ask, ask)]
    for thread in threads:
        thread.start()
    for number in range(2, 20_000):
        published.name = str(number)
    ended.set()
    for thread in threads:
        thread.join()
    assert not faults


# ---- what may be kept ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "more", [("Set-Cookie", "a=b"), ("Cache-Control", "no-store"), ("cache-control", "max-age=5, Private")]
)
def test_what_is_one_readers_alone_is_not_kept(more: tuple[str, str]) -> None:
    cache = a_cache()
    cache.keep(key(asked()), "g1", [*HEADERS, more], b"body")
    assert cache.gauges()["known_answers"] == 0


def test_one_answer_takes_a_sixteenth_of_the_memory_at_most() -> None:
    cache = a_cache(1 << 20)
    cache.keep(key(asked()), "g1", HEADERS, bytes((1 << 16) - 100))
    assert cache.gauges()["known_answers"] == 0
    cache.keep(key(asked()), "g1", HEADERS, bytes((1 << 16) - 2_000))
    assert cache.gauges()["known_answers"] == 1


def test_who_notes_an_answer_that_grows_too_long_holds_nothing_of_it() -> None:
    cache = a_cache(1 << 20)
    copy = Copy(cache, key(asked()), "g1")
    for _ in range(100):
        copy.add(bytes(1_000))
    assert copy._pieces is None
    copy.keep(HEADERS)
    assert cache.gauges()["known_answers"] == 0


def test_its_bytes_stay_within_the_bound_whatever_comes() -> None:
    cache, chance = a_cache(200_000), random.Random(8)  # noqa: S311  # the same each time
    for _ in range(3_000):
        of = key(asked(target=f"/sparql?query={chance.randrange(400)}"), cache)
        if not cache.find(of):
            cache.keep(of, "g1", HEADERS, bytes(chance.randrange(14_000)))
        held = sum(entry.weight_bytes for entry in cache._entries.values())
        assert cache.gauges() == {"known_answers": len(cache._entries), "known_answers_bytes": held}
        assert held <= 200_000
        assert all(entry.weight_bytes > len(entry.body) + len(entry.head) for entry in cache._entries.values())
    assert len(cache._entries) > 10


def test_an_answer_that_is_kept_twice_counts_once() -> None:
    cache = a_cache()
    for body in (b"one", b"other"):
        cache.keep(key(asked()), "g1", HEADERS, body)
    held = cache.find(key(asked()))
    assert held is not None
    assert cache.gauges() == {"known_answers": 1, "known_answers_bytes": held.weight_bytes}


def test_who_was_not_asked_for_the_longest_time_goes_first() -> None:
    cache = a_cache(160_000)
    keys = [key(asked(target=f"/sparql?query={number}"), cache) for number in range(30)]
    for of in keys:
        cache.keep(of, "g1", HEADERS, bytes(8_000))
        cache.find(keys[0])
    assert keys[0] in cache
    assert keys[1] not in cache
    assert keys[-1] in cache


def test_questions_that_were_known_and_answers_that_were_kept_are_counted() -> None:
    cache = a_cache()
    cache.find(key(asked()))
    cache.keep(key(asked()), "g1", HEADERS, b"")
    for _ in range(2):
        cache.find(key(asked()))
    assert cache.counts() == {"known_answers_hits": 2, "known_answers_kept": 1}


# ---- how it is given -------------------------------------------------------------------------------------------


def given(request: Request, headers: list[tuple[str, str]] | None = None) -> tuple[int, list[str], bytes]:
    """Return status, header lines and body of an answer that is known."""
    cache = a_cache()
    cache.keep(key(asked(), cache), "g1", HEADERS if headers is None else headers, b"a,b\r\n")
    entry = cache.find(key(request, cache))
    assert entry is not None
    status, head, body = known.given(entry, request, "0123456789abcdef", keeps_alive=True)
    return status, head.decode("latin-1").split("\r\n"), body


def tag() -> str:
    return next(line.removeprefix("ETag: ") for line in given(asked())[1] if line.startswith("ETag"))


def test_a_known_answer_has_its_headers_and_those_of_today() -> None:
    status, lines, body = given(asked(), [*HEADERS, ("Date", "long ago"), ("Coopkg-Request-Id", "old")])
    assert (status, lines[0], body) == (200, "HTTP/1.1 200 OK", b"a,b\r\n")
    assert {"Content-Type: text/csv", "Content-Length: 5", "Coopkg-Cache: hit", "Coopkg-Elapsed-Ms: 0.0"} < {*lines}
    assert "Coopkg-Request-Id: 0123456789abcdef" in lines
    assert [line for line in lines if line.startswith("Date")] != ["Date: long ago"]
    assert sum(line.startswith(("Date", "Coopkg-Request-Id", "Coopkg-Elapsed-Ms", "ETag")) for line in lines) == 4
    assert lines[-2:] == ["", ""]


def test_head_gets_the_head_alone() -> None:
    status, lines, body = given(asked("HEAD"))
    assert (status, body) == (200, b"")
    assert "Content-Length: 5" in lines


@pytest.mark.parametrize("said", ["{}", "W/{}", '"x", {}', '"a,b", W/{} , "c"', "*"])
def test_who_has_it_is_told_so(said: str) -> None:
    status, lines, body = given(asked(If_None_Match=said.format(tag())))
    assert (status, lines[0], body) == (304, "HTTP/1.1 304 Not Modified", b"")
    assert not [line for line in lines if line.lower().startswith(("content-length", "content-type"))]
    assert {f"ETag: {tag()}", "Vary: Accept", "Coopkg-Revision: 7"} < {*lines}


@pytest.mark.parametrize("said", ['"x"', "x", "", '"*"', "W/*"])
def test_who_has_something_else_gets_it(said: str) -> None:
    assert given(asked(If_None_Match=said))[0] == 200


def test_a_post_is_never_told_that_it_has_the_answer() -> None:
    posted = asked("POST", "/sparql", b"ASK {}", Content_Type="application/sparql-query", If_None_Match="*")
    assert not known.has(posted, '"x"')


def test_the_tag_of_an_answer_is_that_of_its_view_or_follows_from_its_bytes() -> None:
    assert 'ETag: W/"mine"' in given(asked(), [*HEADERS, ("ETag", 'W/"mine"')])[1]
    cache = a_cache()
    tags = set()
    for body in (b"one", b"other", b"one"):
        cache.keep(key(asked()), "g1", HEADERS, body)
        entry = cache.find(key(asked()))
        assert entry is not None
        tags.add(entry.tag)
    assert len(tags) == 2
