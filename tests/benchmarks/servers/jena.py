"""Jena TDB2 (Debian) behind `Endpoint.java`: neither Debian nor a package registry has Fuseki.

Debian's jena-core 4.5 looks for the messages of its own copy of Xerces in another package than where they lie, and
stops; they are copied to where it looks.
"""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.servers.graph import Made
from tests.benchmarks.servers.running import free_port, ran, running
from tests.benchmarks.servers.server import LIMIT_S, Endpoint

_JARS = Path("/usr/share/java")
_JENA: tuple[str, ...] = ("arq", "base", "cmds", "core", "dboe-base", "dboe-index", "dboe-storage", "dboe-trans-data")
_JENA += ("dboe-transaction", "iri", "rdfconnection", "shacl", "shex", "tdb", "tdb2")
_COMMONS = ("cli", "codec", "compress", "csv", "io", "lang3")
_OTHERS: tuple[str, ...] = (
    "gson",
    "guava",
    "httpclient",
    "httpcore",
    "jackson-annotations",
    "jackson-core",
    "jackson-databind",
)
_OTHERS += ("jakarta.json-api", "jsonld-java", "protobuf", "slf4j-api", "slf4j-nop", "thrift", "titanium-json-ld")
_NAMES = (*(f"jena-{name}" for name in _JENA), *(f"commons-{name}" for name in _COMMONS), *_OTHERS)
_LIES, _LOOKED_FOR = "org/apache/jena/ext/xerces/", "xerces/"
_ENDPOINT = Path(__file__).with_name("Endpoint.java")
_HEAP = "-Xmx4g"
_THREADS = 16


@dataclass(frozen=True, slots=True)
class Jena:
    """TDB2 on disk, with a heap of 4 GB beside the files that the system maps."""

    name: str = "Jena TDB2"
    note: str = (
        "behind a small endpoint of this benchmark (`Endpoint.java`), since Fuseki is in no registry; "
        "no other protection than the time limit; a heap of 4 GB"
    )
    largest: int | None = 1_000_000
    keeps_answers: bool = False

    def missing(self) -> str | None:
        """Return what is not installed."""
        there = shutil.which("javac") and (_JARS / "jena-tdb2.jar").exists()
        return None if there else "Jena and a JDK (apt-get install libapache-jena-java default-jdk-headless)"

    def version(self) -> str:
        """Return the version that the jar's name says."""
        return f"Jena {next(_JARS.glob('jena-tdb2-*.jar')).stem.rpartition('-')[2]}"

    def load(self, made: Made, folder: Path) -> None:
        """Load with the command-line loader, and give its planner the statistics that it can be given."""
        path = _class_path(folder)
        ran(["javac", "-cp", path, "-d", folder, _ENDPOINT], folder / "load.log")
        java = ["java", _HEAP, "-cp", path]
        store = folder / "store"
        ran([*java, "tdb2.tdbloader", "--loc", store, made.dump], folder / "load.log")
        ran([*java, "tdb2.tdbstats", "--loc", store], folder / "load.log", folder / "stats.opt")
        (folder / "stats.opt").rename(store / "Data-0001" / "stats.opt")

    @contextmanager
    def serving(self, made: Made, folder: Path) -> Iterator[Endpoint]:
        """Give the endpoint."""
        port = free_port()
        java = ["java", _HEAP, "-Dsun.net.httpserver.nodelay=true", "-cp", f"{_class_path(folder)}:{folder}"]
        with running(
            [*java, "Endpoint", str(port), folder / "store", str(LIMIT_S), str(_THREADS)], port, folder / "serve.log"
        ) as process:
            yield Endpoint(process.pid, port, "/sparql")


def _class_path(folder: Path) -> str:
    mended = folder / "mended"
    with zipfile.ZipFile(_JARS / "jena-core.jar") as jar:
        for name in jar.namelist():
            if name.startswith(_LIES) and name.endswith(".properties"):
                copy = mended / _LOOKED_FOR / name.removeprefix(_LIES)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(jar.read(name))
    return os.pathsep.join([str(mended), *(str(_JARS / f"{name}.jar") for name in _NAMES)])
