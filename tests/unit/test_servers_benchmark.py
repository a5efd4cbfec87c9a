"""The benchmark of servers: what an answer comes to, the arithmetic, the tables, and a run against a server of ours."""

from __future__ import annotations

import json
import math
import os
import socket
import sys
import threading
import urllib.parse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from coopkg import names
from tests.benchmarks import __main__ as benchmarks
from tests.benchmarks.__main__ import PARTS
from tests.benchmarks.pools import Pools
from tests.benchmarks.servers import comparison, measuring, rates, results, run, running, table
from tests.benchmarks.servers.asking import JSON, TOO_LONG, Asked, Client, form, headers_for, summed_up
from tests.benchmarks.servers.figures import median_ms
from tests.benchmarks.servers.fit import exponent, geometric_mean
from tests.benchmarks.servers.graph import Made
from tests.benchmarks.servers.measuring import Plan, measure
from tests.benchmarks.servers.rates import Rate
from tests.benchmarks.servers.results import Result
from tests.benchmarks.servers.run import SERVERS
from tests.benchmarks.servers.server import Endpoint, Server

OURS = comparison.OURS


def rows(*bindings: dict[str, dict[str, str]]) -> bytes:
    return json.dumps({"head": {}, "results": {"bindings": bindings}}).encode()


def literal(value: str, datatype: str = "", language: str = "") -> dict[str, str]:
    term = {"type": "literal", "value": value}
    return (
        term | ({"datatype": names.XSD + datatype} if datatype else {}) | ({"xml:lang": language} if language else {})
    )


def digest(*bindings: dict[str, dict[str, str]]) -> str:
    return summed_up(0.001, rows(*bindings), JSON).digest


def a_result(server: str, size: int = 100, version: str = "1", **ms: float | None) -> Result:
    kinds = {"count of all": "count", "by year": "year", "10,000 rows": "many"}
    asked = {
        kind: [Asked(value, 1, "d") if (value := ms[name]) is not None else Asked(None, fault=TOO_LONG)] * 3
        for kind, name in kinds.items()
        if name in ms
    }
    return Result(server, size, size, version, "", "today", asked=asked)


class TestWhatAnAnswerComesTo:
    def test_neither_the_order_of_rows_nor_the_spelling_of_a_value_counts(self) -> None:
        one, two = {"a": literal("1.50", "decimal")}, {"a": literal("x", "string")}
        assert digest(one, two) == digest({"a": literal("x")}, {"a": literal("1.5", "double")})

    def test_a_row_that_comes_twice_is_two_rows(self) -> None:
        assert digest({"a": literal("x")}) != digest({"a": literal("x")}, {"a": literal("x")})

    def test_another_language_or_another_variable_is_another_row(self) -> None:
        assert (
            len({digest({"a": literal("x", language="fr")}), digest({"a": literal("x")}), digest({"b": literal("x")})})
            == 3
        )

    def test_an_iri_is_no_text_and_names_of_blank_nodes_say_nothing(self) -> None:
        assert digest({"a": {"type": "uri", "value": "urn:x"}}) != digest({"a": literal("urn:x")})
        assert digest({"a": {"type": "bnode", "value": "b1"}}) == digest({"a": {"type": "bnode", "value": "b2"}})

    def test_graphs_are_read_in_the_form_that_the_server_chose(self) -> None:
        triples = summed_up(0.001, b'<urn:a> <urn:b> "c" .\n<urn:a> <urn:b> "c" .\n', "application/n-triples")
        turtle = summed_up(0.001, b'<urn:a> <urn:b> "c" .', "text/turtle")
        assert (triples.rows, triples.digest) == (1, turtle.digest)

    def test_a_graph_that_is_said_to_be_a_table_is_read_as_a_graph(self) -> None:
        head = f'<?xml version="1.0"?><rdf:RDF xmlns:rdf="{names.RDF}" xmlns:u="urn:">'
        said = '<rdf:Description rdf:about="urn:a"><u:b>c</u:b></rdf:Description></rdf:RDF>'
        assert summed_up(0.001, (head + said).encode(), "application/sparql-results+xml").rows == 1

    @pytest.mark.parametrize("broken", [b"", b"{", b"[]", b"{}", b'{"results": {"bindings": [{"a": {}}]}}', b"\xff"])
    def test_an_answer_that_cannot_be_read_is_a_fault(self, broken: bytes) -> None:
        assert summed_up(0.001, broken, JSON).ms is None
        assert "cannot be read" in summed_up(0.001, broken, JSON).fault

    def test_rows_are_wanted_in_json_and_graphs_as_triples(self) -> None:
        assert headers_for("PREFIX a: <urn:>\nSELECT * {}")["Accept"] == JSON
        assert "n-triples" in headers_for("PREFIX a: <urn:>\nCONSTRUCT { } WHERE { }")["Accept"]
        assert "n-triples" in headers_for("DESCRIBE <urn:a>")["Accept"]

    def test_the_fields_of_a_server_go_with_the_query(self) -> None:
        said = urllib.parse.parse_qs(form("ASK { ?a ?b 'é&' }", Endpoint(1, 1, "/", "default-graph-uri=urn%3Ag")))
        assert said == {"query": ["ASK { ?a ?b 'é&' }"], "default-graph-uri": ["urn:g"]}


class TestArithmetic:
    @pytest.mark.parametrize("k", [0.0, 0.5, 1.0, 2.0])
    def test_the_exponent_of_a_power_is_found(self, k: float) -> None:
        assert exponent({size: 3 * size**k for size in (100, 1_000, 10_000)}) == pytest.approx(k)

    def test_one_size_has_no_exponent(self) -> None:
        assert exponent({100: 1.0}) is None
        assert exponent({}) is None

    def test_a_geometric_mean_is_that_of_ratios(self) -> None:
        assert geometric_mean([0.5, 2]) == pytest.approx(1)
        assert math.isnan(geometric_mean([]))


class TestTheTables:
    def test_what_was_not_answered_counts_as_the_limit(self) -> None:
        assert median_ms([Asked(1.0), Asked(None), Asked(None)]) == 10_000

    def test_medians_means_and_their_ratio_stand_in_columns(self) -> None:
        text = table.text([a_result(OURS, count=4.0, year=1.0), a_result("Other", count=1.0, year=1.0)])
        assert "| count of all | 4.00 (4.00) | 1.00 (1.00) |" in text
        assert "| geometric mean | 2.00 | 1.00 |" in text
        assert "| coopkg, memory, as a share of it | 1.00 | 2.00 |" in text

    def test_what_took_too_long_and_what_was_not_asked_are_told_apart(self) -> None:
        text = table.text([a_result(OURS, count=None), a_result("Other", count=1.0, year=1.0)])
        assert "| count of all | > 10 s | 1.00 (1.00) |" in text
        assert "| by year | not asked | 1.00 (1.00) |" in text
        assert "What was not answered" in text

    def test_losses_are_sorted_by_how_much_we_lose(self) -> None:
        text = table.text(
            [a_result(OURS, count=7.0, year=3.0, many=1.0), a_result("Other", count=1.0, year=1.0, many=2.0)]
        )
        assert "* Slower than 5 times the best: count of all 7.0 times Other (7.00 against 1.00 ms)." in text
        assert "* Slower than 2 times the best: by year 3.0 times Other (3.00 against 1.00 ms)." in text

    def test_our_own_other_column_is_not_the_best_of_the_others(self) -> None:
        text = table.text(
            [a_result(OURS, count=7.0), a_result("coopkg, disk", count=1.0), a_result("Other", count=7.0)]
        )
        assert "Slower than 5 times the best: none" in text

    def test_a_fast_answer_with_other_rows_is_not_the_best_and_is_said(self) -> None:
        wrong = a_result("Wrong", count=0.1)
        wrong.asked["count of all"] = [Asked(0.1, 5, "w")] * 3
        text = table.text([a_result(OURS, count=1.0), a_result("Other", count=1.0), wrong])
        assert "* count of all: Wrong, in 3 of 3 (5 rows where most have 1)" in text
        assert "Slower than 5 times the best: none" in text

    def test_of_ten_thousand_rows_any_are_right(self) -> None:
        other = a_result("Other", many=1.0)
        other.asked["10,000 rows"] = [Asked(1.0, 1, "z")] * 3
        assert "* Nobody's." in table.text([a_result(OURS, many=1.0), other])

    def test_rates_have_a_column_for_cached_and_one_for_uncached(self) -> None:
        ours = replace(
            a_result(OURS, count=1.0),
            rates=[Rate("tiny", True, 1, 500.0, 0, 1.0, 2.0), Rate("tiny", False, 1, 9_000.0, 3, 0.1, 0.2)],
        )
        text = table.text([ours])
        assert "| coopkg, memory, uncached | coopkg, memory, cached |" in text
        assert "| tiny, 1 client | 500 (2.00) | 9,000 (0.20; 3 not answered) |" in text

    def test_the_growth_of_a_cost_is_fitted_over_sizes(self) -> None:
        text = table.text([a_result(OURS, 100, count=1.0), a_result(OURS, 10_000, count=100.0)])
        assert "| count of all | 1.00 |" in text

    def test_what_was_left_out_is_said(self) -> None:
        assert "* Left out: Virtuoso" in table.text([a_result(OURS, count=1.0)], ["Virtuoso 7 (apt-get install it)"])


class TestAims:
    def rated(self, server: str, cached: float, uncached: float) -> Result:
        both = [Rate(load, True, 4, uncached, 0, 1.0, 2.0) for load in rates.LOADS]
        return replace(a_result(server, count=1.0), rates=[*both, Rate("tiny", False, 4, cached, 0, 1.0, 2.0)])

    def test_what_is_wanted_stands_beside_what_was_measured(self) -> None:
        others = [self.rated("oxigraph, disk", 0.0, 200.0), self.rated("oxigraph, memory", 0.0, 50.0)]
        text = table.text([self.rated(OURS, 800.0, 100.0), *others])
        assert "* tiny, uncached: 0.50 times oxigraph, disk, wanted 0.3 (100 a second)." in text
        assert "* tiny, cached: 4.00 times oxigraph, disk, wanted 3.0 (800 a second)." in text
        assert "* aggregation, uncached: 2.00 times oxigraph, memory, wanted 0.8 (100 a second)." in text
        assert "* geometric mean: 1.00 times that of oxigraph, memory, wanted less than 1." in text

    def test_nothing_is_said_of_them_without_the_server_that_they_name(self) -> None:
        assert "What is wanted" not in table.text([self.rated(OURS, 1.0, 1.0)])


class TestResults:
    def test_a_result_is_kept_and_read_again(self, tmp_path: Path) -> None:
        result = replace(a_result(OURS, count=1.5, year=None), rates=[Rate("tiny", True, 4, 10.0, 0, 1.0, 2.0)])
        path = results.place(tmp_path / "results", OURS, 100)
        assert results.kept(path) is None
        results.keep(path, result)
        assert results.kept(path) == result
        assert [found.name for found in path.parent.iterdir()] == ["100-coopkg-memory.json"]

    def test_every_server_and_size_has_a_file_of_its_own(self, tmp_path: Path) -> None:
        places = {results.place(tmp_path, server.name, size) for server in SERVERS for size in (1, 2)}
        assert len(places) == 2 * len(SERVERS)


class TestWrk:
    def test_answers_that_were_faults_are_not_counted(self) -> None:
        said = "Running 2s test\nRequests/sec: 12\nMEASURED 1000 2000000 100 1500 9000\n"
        assert rates.read("tiny", 4, said, is_varied=True) == Rate("tiny", True, 4, 450.0, 100, 1.5, 9.0)

    def test_a_load_that_the_graph_has_nothing_for_is_left_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(rates, "until_quiet", lambda *_: 0.0)
        monkeypatch.setattr(rates, "_rate", lambda load, *_, is_varied: Rate(load, is_varied, 1, 1.0, 0, 1.0, 1.0))
        endpoint = Endpoint(port=0, path="/sparql", process=os.getpid())
        measured = {rate.load for rate in rates.rates(endpoint, Pools(), 1, is_varied=True)}
        assert measured == {load.name for load in rates._LOADS if not load.blanks}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one piece

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        query = urllib.parse.parse_qs(self.rfile.read(length).decode())["query"][0]
        self.server.queries.append(query)  # type: ignore[attr-defined]  # a list that the test reads
        is_graph = "n-triples" in self.headers["Accept"]
        body = b"<urn:a> <urn:b> <urn:c> .\n" if is_graph else rows({"a": literal("1", "integer")})
        status = 500 if "REGEX" in query else 200
        self.send_response(status)
        self.send_header("Content-Type", "application/n-triples" if is_graph else JSON)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Fake:
    """A server in this process, which answers everything alike and refuses REGEX."""

    queries: list[str]
    name: str = "fake"
    note: str = ""
    largest: int | None = None
    keeps_answers: bool = False

    def missing(self) -> str | None:
        return None

    def version(self) -> str:
        return "fake 1"

    def load(self, made: Made, folder: Path) -> None:
        (folder / "loaded").touch()

    @contextmanager
    def serving(self, made: Made, folder: Path) -> Iterator[Endpoint]:
        assert (folder / "loaded").exists()
        with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
            server.daemon_threads = True
            server.queries = self.queries  # type: ignore[attr-defined]  # a list that the test reads
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            try:
                yield Endpoint(2**22 + 1, server.server_address[1], "/sparql")  # no process of its own
            finally:
                server.shutdown()
                thread.join()


@pytest.fixture
def graph(tmp_path: Path) -> Made:
    values = {
        blank: [f"<urn:{blank}:{n}>" for n in range(9)] for blank in ("project", "region", "theme", "role", "goal")
    }
    values |= {blank: [f"<urn:{blank}:{n}>" for n in range(9)] for blank in ("indicator", "classification")}
    values |= {"identifier": ['"1"', '"2"'], "word": ["un", "deux"], "wording": ["un.*deux", "trois.*un"]}
    (tmp_path / "pools.json").write_text(json.dumps(asdict(Pools(values, projects=900))), encoding="utf-8")
    return Made(tmp_path, 100, 100)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "until_quiet", lambda _: 0.0)
    monkeypatch.setattr(measuring, "_ROUNDS", 1)


def measured(server: Server, graph: Made, said: list[str]) -> Result:
    return measure(server, graph, Plan(instances=4, wrk_s=0), "today", said.append)


def test_a_server_is_loaded_warmed_and_asked_every_kind(graph: Made) -> None:
    queries: list[str] = []
    said: list[str] = []
    result = measured(Fake(queries), graph, said)
    assert len(result.asked) == 18
    assert all(1 <= len(asked) <= 4 for asked in result.asked.values())
    assert result.asked["by year"][0].rows == 1
    assert result.fault == ""
    assert said[0] == "fake: loaded in 0 s"
    assert not list(graph.folder.glob("bench-*"))


def test_no_instance_that_is_measured_was_asked_before(graph: Made) -> None:
    queries: list[str] = []
    result = measured(Fake(queries), graph, [])
    warmed, asked = queries[:18], queries[18:]
    assert len(asked) == sum(map(len, result.asked.values())) == len(set(asked))
    assert not set(asked) & set(warmed)


def test_a_kind_that_is_refused_twice_is_asked_no_more(graph: Made) -> None:
    result = measured(Fake([]), graph, [])
    assert [one.fault[:3] for one in result.asked["REGEX"]] == ["500"]


def test_a_server_that_goes_on_with_a_query_is_started_anew(graph: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    starts: list[int] = []

    class Slow(Fake):
        @contextmanager
        def serving(self, made: Made, folder: Path) -> Iterator[Endpoint]:
            with super().serving(made, folder) as endpoint:
                starts.append(endpoint.port)
                yield endpoint

    def ask(self: object, query: str) -> Asked:
        return Asked(None, fault=TOO_LONG, was_left=True) if "REGEX" in query else Asked(1.0, 1, "d")

    monkeypatch.setattr(Client, "ask", ask)
    result = measured(Slow([]), graph, [])
    assert len(starts) == 3  # the first, after the warming, after the one instance
    assert result.asked["by year"]


def test_a_server_that_fails_says_so_in_its_result(graph: Made) -> None:
    class Broken(Fake):
        def load(self, made: Made, folder: Path) -> None:
            raise running.ServerFailed("it ended with 1; see its log")

    said: list[str] = []
    assert measured(Broken([]), graph, said).fault == "it ended with 1; see its log"
    assert "it ended with 1" in said[-1]


def test_a_large_graph_is_asked_the_six_kinds_that_are_for_it(graph: Made) -> None:
    assert len(Plan(2, 0, large=100).queries(graph)) == 6


def test_a_program_that_ends_before_it_listens_is_said(tmp_path: Path) -> None:
    with (
        pytest.raises(running.ServerFailed, match="ended with 3"),
        running.running(["sh", "-c", "exit 3"], running.free_port(), tmp_path / "log"),
    ):
        raise AssertionError("it never listened")


LISTENS = "import socket, sys, time; kept = socket.create_server(('127.0.0.1', int(sys.argv[1]))); time.sleep(60)"


def test_a_program_is_given_once_it_listens_and_ended_afterwards(tmp_path: Path) -> None:
    port = running.free_port()
    with running.running([sys.executable, "-c", LISTENS, port], port, tmp_path / "log") as process:
        assert process.pid in running.children(os.getpid())
        assert running.memory_mib(process.pid) > 1
        assert running.until_quiet(process.pid, 60) < 60
        socket.create_connection(("127.0.0.1", port), 5).close()
    assert process.poll() is not None
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), 5)


def test_names_of_servers_are_columns_of_their_own() -> None:
    taken: Sequence[str] = [server.name for server in SERVERS]
    assert len(set(taken)) == len(taken)
    assert OURS in taken


@pytest.mark.parametrize("part", PARTS)
def test_each_part_is_a_module_that_runs_by_itself(part: str) -> None:
    text = (Path(__file__).parents[1] / "benchmarks" / f"{part}.py").read_text(encoding="utf-8")
    assert 'if __name__ == "__main__":' in text


def test_a_part_that_is_not_there_is_answered_with_those_that_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["tests.benchmarks", "nothing"])
    with pytest.raises(SystemExit, match="inference") as said:
        benchmarks.main()
    assert all(part in str(said.value) for part in ("servers", *PARTS))


def test_sizes_are_given_by_commas(capsys: pytest.CaptureFixture[str]) -> None:
    options = run._options()
    assert options.parse_args(["--sizes", "100_000,2"]).sizes == (100_000, 2)
    for wrong in ("many", "", "5,", "0", "-5"):
        with pytest.raises(SystemExit):
            options.parse_args([f"--sizes={wrong}"])
        assert "give a whole number, 1 or more" in capsys.readouterr().err


@pytest.mark.parametrize(("words", "least"), [(["--instances", "0"], 1), (["--seconds=-1"], 0)])
def test_a_run_that_would_measure_nothing_is_refused(
    words: list[str], least: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        run._options().parse_args(words)
    assert f"give a whole number, {least} or more" in capsys.readouterr().err


def test_a_server_that_is_not_there_is_answered_with_those_that_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run.main(["--only", "nobody", "--sizes", "1"])
    assert "no server is called so; they are coopkg, memory" in capsys.readouterr().err
