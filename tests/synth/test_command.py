"""`coopkg synth`: what it writes, where, and what is left when it is stopped."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
import zstandard
from click.testing import CliRunner, Result

from coopkg.cli import commands
from coopkg.errors import WriteForbidden
from coopkg.generations import Generations
from tests.conftest import PROGRAM, coopkg


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(commands, ["synth", "--triples", "500", "--seed", "7", *map(str, words)])


def test_a_file_holds_what_goes_to_standard_output(tmp_path: Path) -> None:
    shown = run()
    assert shown.exit_code == 0
    assert len(shown.stdout.splitlines()) >= 500
    for name, opened in (("a.nq", Path.read_bytes), ("a.nq.gz", _gunzipped), ("a.nq.zst", _unpacked)):
        assert run("--out", tmp_path / name).exit_code == 0
        assert opened(tmp_path / name) == shown.stdout_bytes
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.nq", "a.nq.gz", "a.nq.zst"]


def _gunzipped(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())


def _unpacked(path: Path) -> bytes:
    return zstandard.ZstdDecompressor().decompressobj().decompress(path.read_bytes())


def test_the_name_of_the_file_tells_the_form(tmp_path: Path) -> None:
    run("--out", tmp_path / "a.ttl.gz")
    assert _gunzipped(tmp_path / "a.ttl.gz").startswith(b"@prefix coop:")
    run("--out", tmp_path / "b.ttl", "--format", "nt")
    assert (tmp_path / "b.ttl").read_bytes().startswith(b"<https://")


def test_a_state_folder_is_read_and_never_written(tmp_path: Path) -> None:
    made = run("--state", tmp_path / "state", "--out", tmp_path / "all.nt")
    assert made.exit_code == 0
    state = ("--state", str(tmp_path / "state"))
    lines = (tmp_path / "all.nt").read_text(encoding="utf-8").splitlines()
    counted = CliRunner().invoke(commands, [*state, "query", "-"], input="SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    assert counted.stdout.split() == ["n", str(len(lines))]
    for command in ("build", "export"):
        assert isinstance(CliRunner().invoke(commands, [*state, command]).exception, WriteForbidden)
    assert run("--state", tmp_path / "state").exit_code == 0
    manifest = Generations(tmp_path / "state" / "generations", 1).manifest()
    assert manifest.revision == 2, "a server that shows the folder sees that another one took its place"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--triples", "0"), "0 is not in the range"),
        (("--triples", "999999999999"), "is not in the range"),
        (("--triples", "many"), "not a valid integer"),
        (("--seed", "-1"), "is not in the range"),
        (("--format", "rdf"), "'rdf' is not one of"),
        (("--all-territories",), "give --state FOLDER"),
        (("--out", ""), "names no file"),
        (("--state", "a-folder", "--format", "ttl"), "leave --format"),
    ],
)
def test_a_wrong_option_is_refused(words: tuple[str, ...], told: str) -> None:
    refused = run(*words)
    assert refused.exit_code == 2
    assert told in refused.stderr


def test_a_file_that_cannot_be_made_is_said_in_one_line(tmp_path: Path) -> None:
    done = coopkg("synth", "--triples", "100", "--out", tmp_path / "nowhere" / "a.nq")
    assert done.returncode == 1
    assert "No such file or directory; mend this and run it again" in done.stderr
    assert "Traceback" not in done.stderr


def test_beside_a_state_a_file_that_cannot_be_made_is_said_before_the_work(tmp_path: Path) -> None:
    assert run("--state", tmp_path / "state", "--out", tmp_path / "nowhere" / "a.nt").exit_code == 1
    assert not list(tmp_path.iterdir())


def test_a_pipe_keeps_its_name(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(["cat", tmp_path / "pipe"], stdout=subprocess.PIPE) as reading:
        assert run("--out", tmp_path / "pipe").exit_code == 0
        assert reading.stdout is not None
        assert reading.stdout.read() == run().stdout_bytes
    assert (tmp_path / "pipe").is_fifo()


def test_a_reader_that_goes_ends_it_quietly() -> None:
    command = [*PROGRAM, "synth", "--triples", "50000000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as made:
        assert made.stdout is not None
        assert made.stdout.readline().endswith(b" .\n")
        made.stdout.close()
        assert made.wait(30) == -signal.SIGPIPE
        assert made.stderr is not None
        assert b"Traceback" not in made.stderr.read()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_when_it_is_stopped_no_half_file_is_left(tmp_path: Path, stop: signal.Signals) -> None:
    out = tmp_path / "a.nq"
    with subprocess.Popen([*PROGRAM, "synth", "--triples", "50000000", "--out", out], stderr=subprocess.PIPE) as made:
        while not list(tmp_path.iterdir()):
            assert made.poll() is None
            time.sleep(0.05)
        os.kill(made.pid, stop)
        assert made.wait(30) in (130, 143)
        assert made.stderr is not None
        assert b"Traceback" not in made.stderr.read()
    assert not list(tmp_path.iterdir())
