"""The rules for w3id.org lead each identity of ours to where it is answered: as read here, and by Apache itself."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coopkg import names
from coopkg.rdf import NamedNode
from tests.conftest import REPOSITORY

RULES = REPOSITORY / "docs/w3id/.htaccess"
SERVER = "https://coop.example"
#: Each kind of identity, and where it leads.
LEADS = {
    "": "/",
    "id/project/a-page": "/id/project/a-page",
    "id/territory/region/11": "/id/territory/region/11",
    "ns": "/ns",
    "ns/0.1.0": "/ns/0.1.0",
    "scheme/role": "/scheme/role",
    "scheme/role/lead": "/scheme/role/lead",
    "shapes": "/shapes",
    "context.jsonld": "/context.jsonld",
    "graph/a-page": f"/graph-store?graph={names.GRAPH}a-page",
    "graph/editorial/organisations": f"/graph-store?graph={names.GRAPH}editorial/organisations",
    "errors": "/docs/errors.md",
}
#: What is built beside this: only where it leads is said here.
LED = {
    "catalog": "/catalog",
    "dataset/graph": "/dataset/graph",
    "distribution/graph/nq-gz": "/distribution/graph/nq-gz",
    "service/sparql": "/service/sparql",
    ".well-known/void": "/.well-known/void",
}


def led(path: str) -> str:
    """Where the rules lead a path below the folder, as mod_rewrite reads them: the first that matches is the last."""
    for line in RULES.read_text(encoding="utf-8").splitlines():
        rule = re.fullmatch(r"RewriteRule (\S+) (\S+) \[R=302,L\]", line)
        assert rule or line.startswith(("#", "Options ", "RewriteEngine On")) or not line, line
        if rule and (match := re.search(rule[1], path)):
            return re.sub(r"\$(\d)", lambda group: match[int(group[1])], rule[2])  # called at once
    return ""


@pytest.mark.parametrize("path", LEADS | LED)
def test_each_kind_of_identity_leads_to_its_address(path: str) -> None:
    assert led(path) == SERVER + (LEADS | LED)[path]


@pytest.mark.parametrize("path", LEADS)
def test_what_an_identity_leads_to_is_answered(client: FlaskClient, path: str) -> None:
    answer = client.get(led(path).removeprefix(SERVER), follow_redirects=True)
    assert answer.status_code == 200


def test_each_identity_of_the_graph_leads_to_an_answer(app: Flask, client: FlaskClient) -> None:
    store = app.config["GRAPH"].current()[0]
    subjects = {quad.subject for graph in store.graphs() for quad in store.quads(graph)}
    ours = {one.value.partition("#")[0] for one in subjects if isinstance(one, NamedNode)}
    ours = {iri for iri in ours if iri.startswith(names.BASE) and not iri.startswith(names.GENID)}
    for iri in sorted(ours)[::7]:
        address = led(iri.removeprefix(names.BASE)).removeprefix(SERVER)
        assert client.get(address, follow_redirects=True).status_code == 200, iri


APACHE = shutil.which("apache2") or shutil.which("httpd") or ""
_CONFIGURATION = """
ServerRoot "{folder}"
ServerName localhost
Listen 127.0.0.1:{port}
PidFile "{folder}/pid"
ErrorLog "{folder}/log"
{modules}
DocumentRoot "{folder}/site"
<Directory "{folder}/site">
    AllowOverride All
    Require all granted
</Directory>
"""


@pytest.fixture
def apache(tmp_path: Path) -> Iterator[http.client.HTTPConnection]:
    """A connection to an Apache that serves the rules as w3id.org does: from a folder `coopkg`."""
    shutil.copytree(RULES.parent, tmp_path / "site" / "coopkg")
    found = next(folder for folder in _modules() if (folder / "mod_rewrite.so").exists())
    files = {name: found / f"mod_{name}.so" for name in ("mpm_event", "unixd", "authz_core", "rewrite")}
    modules = "\n".join(f'LoadModule {name}_module "{file}"' for name, file in files.items() if file.exists())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (tmp_path / "conf").write_text(_CONFIGURATION.format(folder=tmp_path, port=port, modules=modules), encoding="utf-8")
    process = subprocess.Popen([APACHE, "-f", str(tmp_path / "conf"), "-DFOREGROUND"])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        _wait_for(connection)
        yield connection
    finally:
        connection.close()
        process.terminate()
        process.wait(timeout=10)


def _modules() -> list[Path]:
    """Where the modules of an Apache lie, by the habits of distributions."""
    prefix, places = Path(APACHE).resolve().parent.parent, ("lib/apache2", "", "lib64/httpd", "lib/httpd")
    return [prefix / place / "modules" for place in places]


def _wait_for(connection: http.client.HTTPConnection) -> None:
    for _ in range(100):
        with contextlib.suppress(OSError):
            return connection.connect()
        time.sleep(0.1)
    raise AssertionError("Apache does not listen")


@pytest.mark.skipif(not APACHE, reason="Apache is not installed; the rules are read by the tests above")
@pytest.mark.skipif(os.geteuid() == 0, reason="Apache does not serve as root")
def test_apache_leads_each_kind_of_identity_to_the_same_address(apache: http.client.HTTPConnection) -> None:
    for path, address in (LEADS | LED).items():
        apache.request("GET", f"/coopkg/{path}")
        answer = apache.getresponse()
        answer.read()
        assert (answer.status, answer.getheader("Location")) == (302, SERVER + address), path
    apache.request("GET", "/coopkg/id/project/caf%C3%A9?lang=en")
    answer = apache.getresponse()
    answer.read()
    location = urlsplit(answer.getheader("Location") or "")
    assert (location.path.lower(), location.query) == ("/id/project/caf%c3%a9", "lang=en")
