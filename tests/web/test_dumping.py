"""Dumps on a schedule: made beside the server when they are due, one at a time, and never longer than it lives."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

import pytest

from coopkg.dumps import manifest, shelf
from coopkg.errors import NothingPublished
from coopkg.graph import Graph
from coopkg.web import dumping
from coopkg.web.dumping import Dumper
from tests.build.running import Place, ready_address
from tests.builders import a_tiny_content
from tests.conftest import PROGRAM, clean_environ


@dataclass
class AChild:
    """A process that ends by itself with a code, or, when that is None, only once it is told to."""

    code: int | None
    on_look: Callable[[], object] = lambda: None
    told: list[str] = field(default_factory=list)

    def __enter__(self) -> AChild:
        return self

    def __exit__(self, *_: object) -> None:
        self.told.append("left")

    def poll(self) -> int | None:
        self.on_look()
        return self.code

    def terminate(self) -> None:
        self.told.append("terminate")
        self.code = 143

    def kill(self) -> None:
        self.told.append("kill")

    def wait(self, timeout: float | None = None) -> int:
        assert self.code is not None
        return self.code


def a_dumper(child: AChild, *, is_due: bool = True, says: bytes = b"") -> tuple[Dumper, list[AChild]]:
    started: list[AChild] = []

    def start(said: IO[bytes]) -> AChild:
        started.append(child)
        said.write(says)
        return child

    return Dumper(lambda: is_due, start), started


def test_nothing_is_started_when_no_dump_is_due() -> None:
    dumper, started = a_dumper(AChild(0), is_due=False)
    assert dumper.once() == dumping._EVERY_S
    assert started == []


def test_a_dump_that_is_due_is_made_and_nothing_is_said(caplog: pytest.LogCaptureFixture) -> None:
    dumper, started = a_dumper(AChild(0), says=b"made\n")
    assert dumper.once() == dumping._EVERY_S
    assert started == [AChild(0, started[0].on_look, ["left"])]
    assert caplog.records == []


def test_a_failure_is_one_line_of_the_log_and_tried_again_later(caplog: pytest.LogCaptureFixture) -> None:
    dumper, _ = a_dumper(AChild(8), says=b"  statements\ncoopkg: the disk is full\x1b[31m\n\n")
    assert dumper.once() == dumping._AFTER_A_FAULT_S
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert record.getMessage().endswith("in an hour: coopkg: the disk is full [31m (exit code 8)")


def test_a_long_and_broken_word_of_a_dump_is_told_in_short(caplog: pytest.LogCaptureFixture) -> None:
    dumper, _ = a_dumper(AChild(-9), says=b"\xff" * 100_000)
    dumper.once()
    assert len(caplog.text) < 600


@pytest.mark.parametrize("fault", [NothingPublished("nothing is published"), OSError("no such folder"), KeyError("x")])
def test_a_fault_while_one_looks_is_logged_and_the_next_look_follows(
    fault: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    def fails() -> bool:
        raise fault

    assert Dumper(fails, lambda _: AChild(0)).once() == dumping._AFTER_A_FAULT_S
    assert len(caplog.records) == 1


def test_a_dump_that_is_being_made_ends_with_the_server(caplog: pytest.LogCaptureFixture) -> None:
    child = AChild(None)
    dumper, _ = a_dumper(child)
    child.on_look = dumper.end
    dumper.once()
    assert child.told == ["terminate", "left"]
    assert caplog.records == []


def test_a_thread_of_its_own_looks_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dumping, "_EVERY_S", 0.0)
    looked = threading.Event()

    def look() -> bool:
        looked.set()
        return False

    dumper = Dumper(look, lambda _: AChild(0))
    with dumper.dumping():
        assert looked.wait(10)
    assert all(thread.name != "dumps" for thread in threading.enumerate())


@pytest.fixture
def tiny(tmp_path: Path) -> Place:
    place = Place(a_tiny_content(tmp_path / "content"), tmp_path / "state")
    place.build()
    return place


def test_the_schedule_can_be_turned_off(tiny: Place) -> None:
    assert dumping.dumper(Graph.open(tiny.settings, {}), replace(tiny.settings, dump_every_h=0), {}) is None


def test_a_server_has_a_real_dump_made_with_its_own_settings_and_no_second_one(tiny: Place) -> None:
    settings = replace(tiny.settings, dump_every_h=1)
    environ = clean_environ(COOPKG_STATE="/nowhere")  # what the settings say counts, wherever it comes from
    dumper = dumping.dumper(Graph.open(settings, environ), settings, environ)
    assert dumper is not None
    assert dumper.once() == dumping._EVERY_S
    (folder,) = shelf.kept(manifest.folder_of(tiny.state))
    made = shelf.made_at(folder)
    dumper.once()
    assert shelf.made_at(folder) == made


def test_a_server_that_is_ready_has_dumps_made_by_itself(tiny: Place) -> None:
    soon = "from coopkg.web import dumping; dumping._EVERY_S = 0.1; from coopkg.cli import main; main()"
    command = [sys.executable, "-c", soon, "--state", str(tiny.state), "serve", "--no-build", "--port", "0"]
    environ = clean_environ(COOPKG_DUMP_EVERY_H="1")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ) as process:
        url = ready_address(process)
        until = time.monotonic() + 60
        while not (said := told(url))["dumps"] and time.monotonic() < until:
            time.sleep(0.05)
        process.terminate()
        process.communicate(timeout=20)
    assert [dump["revision"] for dump in said["dumps"]] == [tiny.manifest().revision]
    assert {path.name for path in (tiny.state / "dumps").iterdir()} == {said["latest"], "graphs", "lock"}


def told(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{url}/dumps/", timeout=20) as answer:  # noqa: S310  # our own server
        found: dict[str, Any] = json.load(answer)
        return found


def test_an_attached_dump_ends_when_its_server_does(tiny: Place) -> None:
    reading, writing = os.pipe()
    waiting = (
        "import sys, threading; from coopkg.cli import dumping; dumping._attach(); print('attached', flush=True);"
        "threading.Event().wait()"
    )
    process = subprocess.Popen([sys.executable, "-c", waiting], stdin=reading, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"attached\n"
    assert os.getpriority(os.PRIO_PROCESS, process.pid) >= os.getpriority(os.PRIO_PROCESS, 0) + 10
    os.close(writing)
    os.close(reading)
    assert process.wait(timeout=20) == 143
    process.stdout.close()


def test_the_command_makes_a_dump_once_and_a_key(tiny: Place, tmp_path: Path) -> None:
    def run(*more: str) -> subprocess.CompletedProcess[str]:
        command = [*PROGRAM, "--state", str(tiny.state), "--lang", "en", "dump", *more]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=clean_environ(**keys))

    keys: dict[str, str] = {}
    key = run("--make-key", str(tmp_path / "key.pem"))
    assert key.stdout.startswith("-----BEGIN PUBLIC KEY-----\n")
    assert "PRIVATE" not in key.stdout + key.stderr
    keys["COOPKG_SIGNING_KEY"] = str(tmp_path / "key.pem")
    first, second = run(), run()
    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stderr.splitlines()[-1].endswith(": made")
    assert second.stderr.splitlines()[-1].endswith(": was there already")
    assert (shelf.kept(tiny.state / "dumps")[0] / "manifest.json.sig").is_file()
    (tmp_path / "key.pem").chmod(0o644)
    refused = run()
    assert refused.returncode == 2
    assert "chmod 600" in refused.stderr
