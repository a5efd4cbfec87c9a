"""A query as programs ask it: what a reader copies, run as it stands, asks exactly what was written."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from coopkg.web.site import snippets
from tests.clients.conftest import need
from tests.conftest import clean_environ
from tests.web.conftest import Served

#: What each language gives a meaning to. Told back by the endpoint, so that nothing of it can be lost unseen.
VALUE = 'l\'été à "Évry" $HOME ${x} `id` \\ \\n %s {0} !x ~ # ; & < > \U0001f33b'
QUERIES = {
    "one line": "SELECT ?told { BIND('''{}''' AS ?told) }",
    "several lines": "# l'été \\ \"\nSELECT ?told\r\n{{\n  BIND('''{}''' AS ?told)\n}}\n",
    "a quote at the end": "SELECT ?told {{ BIND('''{}''' AS ?told) }} # \"",
    "a backslash at the end": "SELECT ?told {{ BIND('''{}''' AS ?told) }} # \\",
    "no single quote": 'SELECT ?told {{ BIND("""{}""" AS ?told) }}',
}


def _query(form: str) -> tuple[str, str]:
    """Return a query and the value that it tells."""
    value = VALUE if "single" not in form else VALUE.replace("'", "")
    inside = value.replace("\\", "\\\\").replace("'", "\\'").replace('"', '\\"')
    return QUERIES[form].replace("{}", inside).replace("{{", "{").replace("}}", "}"), value


def _command(slug: str, code: str, folder: Path) -> list[str]:
    path = folder / {"curl": "ask.sh", "python": "ask.py", "r": "ask.R", "javascript": "ask.mjs"}[slug]
    # R prints a data frame for people; the rows are what the reader works with.
    path.write_text(code.replace("print(rows)", "write.csv(rows, row.names = FALSE)"), encoding="utf-8")
    programs = {
        "curl": need(shutil.which("curl") and shutil.which("sh"), "curl"),
        "python": sys.executable,
        "r": shutil.which("Rscript"),
        "javascript": shutil.which("node"),
    }
    return [need(programs[slug], slug), str(path)]


@pytest.mark.parametrize("form", QUERIES)
@pytest.mark.parametrize("slug", ["curl", "python", "r", "javascript"])
def test_what_is_copied_asks_what_was_written(served: Served, slug: str, form: str, tmp_path: Path) -> None:
    query, value = _query(form)
    code = next(one.code for one in snippets.of(query, f"{served.url}/sparql") if one.slug == slug)
    done = subprocess.run(
        _command(slug, code, tmp_path),
        capture_output=True,
        timeout=60,
        check=False,
        env=clean_environ(LC_ALL="C.UTF-8"),
    )
    assert done.returncode == 0, done.stderr.decode()
    assert list(csv.reader(io.StringIO(done.stdout.decode()))) == [["told"], [value], *([[]] if slug in _LINE else [])]


#: Their print adds a line end of its own.
_LINE = ("python", "javascript")


def test_an_address_that_is_code_is_quoted_as_well() -> None:
    told = {one.slug: one.code for one in snippets.of("ASK {}", "http://a/'; rm -rf / #`${x}\"/sparql")}
    assert "'http://a/'\\''; rm" in told["curl"]
    assert '"http://a/\'; rm -rf / #`${x}\\"/sparql"' in told["python"]
    assert "`http://a/'; rm -rf / #\\`\\${x}\"/sparql`" in told["javascript"]


def test_a_nul_is_written_as_sparql_can_write_it() -> None:
    assert all("\0" not in one.code for one in snippets.of("ASK { BIND('\0' AS ?x) }", "http://a/sparql"))


def test_the_page_is_told_the_snippets_of_what_is_being_written(client: FlaskClient) -> None:
    told = client.post("/query/snippets", data={"query": "ASK { ?x ?y 'été' }"}).json
    assert told == {one.slug: one.code for one in snippets.of("ASK { ?x ?y 'été' }", "http://localhost/sparql")}


def test_the_page_shows_them_as_text(client: FlaskClient) -> None:
    page = client.get("/query", query_string={"query": "ASK { BIND('<script>alert(1)</script>' AS ?x) }"}).text
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)") == 5  # the form, and four programs
