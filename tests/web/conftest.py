"""What the tests of the web floor share: a small graph built once, an application and a real server over it."""

from __future__ import annotations

import functools
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import IO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coopkg import upkeep
from coopkg.budget import Budgets
from coopkg.graph import Graph
from coopkg.quarantine import Quarantine
from coopkg.service import Asker, QueryService
from coopkg.settings import Settings, env_name
from coopkg.store import QuadStore
from coopkg.web.app import create_app
from tests.builders import a_small_content
from tests.conftest import PROGRAM, clean_environ
from tests.in_process import InProcess


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return the settings of a state folder into which the small content was built."""
    return _built(tmp_path_factory.getbasetemp() / "small")


@functools.cache  # the browser tests share it
def _built(folder: Path) -> Settings:
    folder.mkdir()
    settings = Settings(content=a_small_content(folder / "content"), state=folder / "state", query_max_bytes=4096)
    upkeep.build(settings, {})
    return settings


@pytest.fixture(scope="session")
def app(small: Settings) -> Flask:
    """Return the application over the small graph."""
    published = Graph.open(small, {})
    return create_app(published, unbounded(in_process(published)), small)


def in_process(published: Graph) -> InProcess:
    """Return what answers questions about a graph in this process."""

    def current() -> tuple[QuadStore, int]:
        store, manifest = published.current()
        return store, manifest.revision

    return InProcess(current, published.generation)


def unbounded(asker: Asker) -> QueryService:
    """Return a service whose budgets never refuse, and that refuses no query because it was stopped."""
    return QueryService(asker, Budgets(1e9, 1_000), Quarantine(0.0), deadline_s=10.0, deadline_max_s=60.0)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a client of the application, in this process."""
    return app.test_client()


@dataclass(frozen=True)
class Served:
    """A server process over the small graph."""

    host: str
    port: int
    settings: Settings
    process_id: int

    @property
    def url(self) -> str:
        """Return the address of the home page, without its final slash."""
        return f"http://{self.host}:{self.port}"


@contextmanager
def serving(settings: Settings, said: IO[str] | None = None) -> Iterator[Served]:
    """Run `coopkg serve` over what a state folder publishes; end it by its own id.

    Args:
        said: where standard error goes.
    """
    process = subprocess.Popen(
        [*PROGRAM, "--state", str(settings.state), "serve", "--no-build", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=said or subprocess.DEVNULL,
        text=True,
        env=clean_environ(**{env_name("dump_every_h"): "0", env_name("warm_up"): "off", **_changed(settings)}),
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line.startswith("coopkg is ready: "), line
        port = int(line.split()[3].rstrip("/").rpartition(":")[2])
        yield Served("127.0.0.1", port, replace(settings, port=port), process.pid)
    finally:
        process.terminate()
        process.wait(timeout=10)
        process.stdout.close()


def _changed(settings: Settings) -> dict[str, str]:
    """Return the variables of the settings that are not as by default."""
    return {
        env_name(setting.name): str(value)
        for setting in fields(Settings)
        if setting.name != "port" and (value := getattr(settings, setting.name)) != setting.default
    }


@pytest.fixture(scope="session")
def served(small: Settings) -> Iterator[Served]:
    """Give a server process over the small graph."""
    with serving(small) as running:
        yield running


def copied(settings: Settings, folder: Path) -> Settings:
    """Return the settings of a copy of a content folder and its state, free to be changed."""
    assert settings.content is not None
    assert settings.state is not None
    content = shutil.copytree(settings.content, folder / "content")
    state = shutil.copytree(settings.state, folder / "state", symlinks=True)
    return replace(settings, content=content, state=state)
