"""Requests that nobody sends by accident, each a text of bytes or a query, with a name."""

from __future__ import annotations

import random
from collections.abc import Iterator
from urllib.parse import urlencode

_TRIPLE = "?s{0} ?p{0} ?o{0} . "


def queries(seed: int) -> Iterator[tuple[str, str]]:
    """Yield about 160 hostile queries with the names of their kinds; another seed spells each otherwise.

    Half of them have the outline of those before, the others one of their own.
    """
    chance = random.Random(seed)  # noqa: S311  # no secret: it must be the same in each run
    for number in range(4):
        salt = f"{seed}.{number}.{chance.random()}"
        for kind, text in _texts(chance, number):
            yield kind, f"# {salt}\n{text}" if number % 2 else f"{text} VALUES ?salt {{ <urn:{salt}> }}"


def _texts(chance: random.Random, number: int) -> Iterator[tuple[str, str]]:
    cross = "".join(_TRIPLE.format(n) for n in range(3 + number))
    names = [f"?v{n}" for n in range(100)]
    big = "x" * 30_000
    yield "cross product, counted", f"SELECT (COUNT(*) AS ?n) {{ {cross} }}"
    yield "cross product, sent", f"SELECT * {{ {cross} }}"
    yield "cross product, sorted", f"SELECT * {{ {cross} }} ORDER BY ?o0 ?o1 DESC(?o2)"
    yield "cross product, distinct", f"SELECT DISTINCT ?o0 ?o1 ?o2 {{ {cross} }}"
    yield "cross product by a filter", "SELECT * { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f FILTER(STR(?b) < STR(?d)) }"
    yield "cross product, constructed", f"CONSTRUCT {{ ?s0 ?p1 ?o2 }} WHERE {{ {cross} }}"
    yield "cross product, grouped", f"SELECT ?o0 ?o1 (COUNT(*) AS ?n) {{ {cross} }} GROUP BY ?o0 ?o1 ?o2"
    yield "cross product, described", f"DESCRIBE * {{ {cross} }}"
    yield "path over everything", "SELECT (COUNT(*) AS ?n) { ?a (!<x:y>|^!<x:y>)* ?b . ?b (!<x:z>)+ ?c }"
    yield "path in a path", "SELECT * { ?a (((!<x:y>)*)*)* ?b . ?b (((!<x:y>)+)*)+ ?c }"
    yield "long path", f"SELECT * {{ ?a {'/'.join(['(!<x:y>|^!<x:y>)'] * (8 + number))} ?b }}"
    yield "negated path over everything", "SELECT * { ?a (!<x:y>)* ?b . ?c (^!<x:y>)* ?b . ?a !<x:z> ?c }"
    doubling = " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(40))
    yield "string doubling", f'SELECT (STRLEN(?x40) AS ?n) {{ BIND("xxxxxxxx" AS ?x0) {doubling} }}'
    doubling = " ".join(f'BIND(REPLACE(?x{n}, ".", "$0$0$0$0") AS ?x{n + 1})' for n in range(16))
    yield "string quadrupling by REPLACE", f'SELECT (STRLEN(?x16) AS ?n) {{ BIND("xxxxxxxx" AS ?x0) {doubling} }}'
    yield "giant VALUES", f"SELECT * {{ VALUES ?x {{ {' '.join(map(str, range(9_000)))} }} }}"
    table = " ".join(map(str, range(3_000)))
    yield "VALUES joined", f"SELECT * {{ VALUES ?x {{ {table} }} VALUES ?y {{ {table} }} VALUES ?z {{ 1 2 3 }} }}"
    wide = "".join(f"OPTIONAL {{ ?s ?p{n} {name} }} " for n, name in enumerate(names[: 8 + 30 * number]))
    yield "wide OPTIONAL", f"SELECT * {{ ?s a ?t {wide} }}"
    union = " UNION ".join(f"{{ ?s ?p{n} ?o . ?o ?q{n} ?x }}" for n in range(200))
    yield "wide UNION", f"SELECT (COUNT(*) AS ?n) {{ {union} }}"
    yield "a hundred patterns", f"SELECT * {{ {' '.join(f'?s ?p{n} {name} .' for n, name in enumerate(names))} }}"
    chain = " ".join(f"?v{n} ?p{n} ?v{n + 1} ." for n in range(100))
    yield "a chain of a hundred", f"SELECT (COUNT(*) AS ?n) {{ {chain} }}"
    yield "big regex", f'SELECT * {{ ?s ?p ?o FILTER(REGEX(STR(?o), "(a|b|c|{big})*$")) }}'
    yield "regex that repeats repeats", 'SELECT * { ?s ?p ?o FILTER(REGEX(STR(?o), "((a{1,900}){1,900}){1,900}")) }'
    yield "regex from data", "SELECT * { ?s ?p ?o . ?t ?q ?r . FILTER(REGEX(STR(?o), STR(?r), 'i')) }"
    yield "everything in one string", f'SELECT (GROUP_CONCAT(STR(?o0); separator="{big}") AS ?all) {{ {cross} }}'
    yield "everything in one string, distinct", f"SELECT (GROUP_CONCAT(DISTINCT STR(?o1)) AS ?all) {{ {cross} }}"
    yield "everything, sorted", "SELECT * { ?s ?p ?o . ?a ?b ?c } ORDER BY ?o ?c ?s ?a"
    yield "braces", "SELECT * " + "{" * (4_300 + number)
    yield "braces, closed", "SELECT * " + "{" * 20_000 + "}" * 20_000
    yield "parentheses", f"SELECT * {{ FILTER({'(' * 30_000}1{')' * 30_000}) }}"
    yield "subqueries", "SELECT * " + "{ SELECT * " * 3_000 + "}" * 3_000
    yield "nested OPTIONAL", "SELECT * { ?s ?p ?o " + "OPTIONAL { ?s ?p ?o " * 2_000 + "}" * 2_001
    yield "nested NOT EXISTS", "SELECT * { ?s ?p ?o " + "FILTER NOT EXISTS { ?s ?q ?o " * 500 + "}" * 501
    yield "nested lists", f"SELECT * {{ ?s ?p {'( ' * 15_000}{') ' * 15_000} }}"
    yield "quoted triples in quoted triples", f"SELECT * {{ ?s ?p {'<<( ?a ?b ' * 4_000}1{' )>>' * 4_000} }}"
    yield "random bytes", bytes(chance.randrange(32, 127) for _ in range(5_000)).decode("ascii")
    yield "SERVICE", f"SELECT * {{ SERVICE <http://127.0.0.1:{1_000 + number}/> {{ ?s ?p ?o }} }}"
    yield "SERVICE SILENT in hiding", "SELECT * { \\u0053ERVICE SILENT <http://127.0.0.1:1/> { ?s ?p ?o } }"
    yield "an update", "DROP ALL"
    yield "UUIDs without end", f"SELECT (UUID() AS ?u) ?o0 {{ {cross} }}"


def requests() -> Iterator[tuple[str, bytes]]:
    """Yield about 40 requests that are no proper HTTP, or speak of a body that is not there."""
    form = b"Host: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    smuggled = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    good = urlencode({"query": "ASK {}"}).encode()
    length = f"Content-Length: {len(good)}\r\n".encode()
    for name, head, body in (
        ("two framings", b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n" + smuggled),
        (
            "two framings, the other way",
            b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
            b"0\r\n\r\n" + smuggled,
        ),
        ("two lengths", b"Content-Length: 5\r\n" + length, good + smuggled),
        ("two lengths in one", b"Content-Length: 12, 13\r\n", good + smuggled),
        ("a length with a sign", b"Content-Length: +12\r\n", good + smuggled),
        ("a negative length", b"Content-Length: -1\r\n", good + smuggled),
        ("a length in hexadecimal", b"Content-Length: 0xc\r\n", good + smuggled),
        ("a length with a space before its colon", b"Content-Length : 12\r\n", good + smuggled),
        ("an enormous length", b"Content-Length: 99999999999999999999\r\n", good),
        ("a folded header", b"X: a\r\n b\r\n" + length, good),
        ("a folded coding", b"Transfer-Encoding:\r\n chunked\r\n", b"0\r\n\r\n" + smuggled),
        ("an unknown coding", b"Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n" + smuggled),
        ("a coding in odd clothes", b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n" + smuggled),
        ("a coding with a tab", b"Transfer-Encoding:\tchunked\x0b\r\n", b"0\r\n\r\n" + smuggled),
        ("a chunk of odd size", b"Transfer-Encoding: chunked\r\n", b"zz\r\nquery\r\n0\r\n\r\n" + smuggled),
        ("a chunk longer than it says", b"Transfer-Encoding: chunked\r\n", b"1\r\nquery\r\n0\r\n\r\n" + smuggled),
        ("a chunk of enormous size", b"Transfer-Encoding: chunked\r\n", b"fffffffffffffffff\r\nx\r\n"),
        ("an endless chunk extension", b"Transfer-Encoding: chunked\r\n", b"1;" + b"x" * 100_000),
        ("a NUL in a header", b"X: a\0b\r\n" + length, good),
        ("a body that is no UTF-8", b"Content-Length: 10\r\n", b"query=%ff%"),
        ("a lone surrogate", b"Content-Length: 15\r\n", b"query=%ED%A0%80"),
        ("an oversized body", b"Content-Length: 900000\r\n", b"query=" + b"x" * 899_994),
    ):
        yield name, b"POST /sparql HTTP/1.1\r\n" + form + head + b"\r\n" + body
    chunks = b"".join(b"2000\r\n" + b"x" * 0x2000 + b"\r\n" for _ in range(120))
    chunked = b"POST /sparql HTTP/1.1\r\n" + form + b"Transfer-Encoding: chunked\r\n\r\n"
    yield "an oversized chunked body", chunked + b"6\r\nquery=\r\n" + chunks + b"0\r\n\r\n"
    old = b"POST /sparql HTTP/1.0\r\nConnection: keep-alive\r\n" + form
    yield (
        "chunks over an old protocol",
        old + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled,
    )
    yield "bare line feeds", b"POST /sparql HTTP/1.1\nHost: x\n\n" + smuggled
    yield "a bare carriage return", b"GET /sparql?query=ASK%20{} HTTP/1.1\rHost: x\r\n\r\n"
    yield "no HTTP at all", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 500
    yield "an old protocol", b"GET /sparql\r\n\r\n"
    yield "a new protocol", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    yield "a method of its own", b"SMUGGLE /sparql HTTP/1.1\r\nHost: x\r\n\r\n"
    yield "an endless line", b"GET /" + b"a" * 300_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"
    yield "endless headers", b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 60_000 + b"\r\n"
    yield "a URL that is no UTF-8", b"GET /sparql?query=%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n"
    yield "a URL of raw bytes", b"GET /sparql?query=\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n"
    yield "a thousand fields", b"GET /sparql?" + b"query=a&" * 1_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"
    yield "a folder above", b"GET /static/../../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n"
    yield "a timeout that is no number", b"GET /sparql?query=ASK%20%7B%7D&timeout=nan HTTP/1.1\r\nHost: x\r\n\r\n"
    yield (
        "a hundred weights",
        (
            b"GET /sparql?query=ASK%20%7B%7D HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept: "
            + b", ".join(b"a/b%d;q=0.%d" % (n, n) for n in range(100))
            + b"\r\n\r\n"
        ),
    )
