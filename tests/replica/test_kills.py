"""A replica that is killed at any step shows one whole graph or another, and goes on when it is run again."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.build.running import Place as Folder
from tests.build.running import names_at, ready_address, start_server
from tests.build.test_kills import _INTERRUPTED
from tests.conftest import PROGRAM, clean_environ
from tests.replica.conftest import Replica, change
from tests.replica.sites import PACKED, Answer

BEGINNING = (
    *("open replica.json 'w'", "os.rename replica.json", f"open {PACKED} 'w'", f"open {PACKED} 'r'"),
    *("open generation.json 'w'", "os.rename candidate-", "os.rename current.new", "os.listdir generations',"),
    "shutil.rmtree replica')",
)
"""Moments of a beginning, each just before what it names; a number is the nth thing done in the state folder."""
CHANGING = (
    *("os.rename replica.json", "open generation.json", "os.mkdir candidate-", "open difference 'w'"),
    *("os.rename candidate-", "os.rename current.new", "shutil.rmtree candidate-"),
)
BEGINNING_AGAIN = (
    *("36", "os.rename retired-", "shutil.rmtree retired-", f"open {PACKED} 'w'", "os.rename candidate- 000000005"),
    *("os.rename current.new", "os.rename 000000004-1 retired-", "118"),
)


def killed(replica: Replica, at: str) -> int:
    """Run the command until a step, and return how it ended."""
    interrupted = [sys.executable, "-c", _INTERRUPTED, at, str(replica.place.state), ""]
    return run(replica, [*interrupted, "--content", str(replica.place.content)]).returncode


def run(replica: Replica, program: list[str]) -> subprocess.CompletedProcess[str]:
    arguments = ["follow", replica.site.url, "--once", "--state", str(replica.place.state)]
    return subprocess.run(
        [*program, *arguments], capture_output=True, text=True, env=clean_environ(), timeout=120, check=False
    )


def check(replica: Replica, allowed: set[str | None], steps: tuple[str, ...], folder: Path) -> None:
    """Kill copies of a replica at each step: they publish what they did or what they should, and go on."""
    copies = {step: copied(replica, folder / f"at-{number}") for number, step in enumerate(steps)}
    with ThreadPoolExecutor(2) as pool:
        codes = dict(zip(steps, pool.map(lambda step: killed(copies[step], step), steps), strict=True))
    assert {step for step, code in codes.items() if code != -signal.SIGKILL} == set()
    for copy in copies.values():
        assert copy.place.digest() in allowed
        copy.follow()
        assert copy.is_equal()
        left = {path.name.partition("-")[0] for path in copy.place.state.rglob("*-*") if path.is_dir()}
        assert not left & {"candidate", "retired"}
        assert {path.name for path in copy.place.state.iterdir()} == {"generations", "lock", "replica.json"}


def copied(replica: Replica, state: Path) -> Replica:
    if replica.place.state.exists():
        shutil.copytree(replica.place.state, state, symlinks=True)
    return Replica(Folder(replica.place.content, state), replica.site)


def test_a_kill_at_any_step_of_a_beginning_leaves_nothing_or_the_graph(replica: Replica, tmp_path: Path) -> None:
    check(replica, {None, replica.site.place.digest()}, BEGINNING, tmp_path)


def test_a_kill_at_any_step_of_a_change_leaves_the_old_graph_or_the_new_one(replica: Replica, tmp_path: Path) -> None:
    before = replica.follow().digest
    change(replica.site.place)
    check(replica, {before, replica.site.place.digest()}, CHANGING, tmp_path)


def test_a_kill_at_any_step_of_beginning_again_leaves_one_graph_and_then_nothing_of_before(
    replica: Replica, tmp_path: Path
) -> None:
    replica.follow()
    change(replica.site.place, 1)
    before = replica.follow().digest
    change(replica.site.place, 2)
    replica.site.dump()
    replica.site.wrong["/changes/5"] = lambda _: Answer(b"redacted", 410)
    check(replica, {before, replica.site.place.digest()}, BEGINNING_AGAIN, tmp_path)
    for number in range(len(BEGINNING_AGAIN)):
        kept = [path for path in (tmp_path / f"at-{number}" / "generations").iterdir() if not path.is_symlink()]
        assert [path.name[:9] for path in kept] == ["000000005"]


def test_what_is_stopped_by_hand_ends_cleanly_and_goes_on(replica: Replica) -> None:
    stopping: list[Callable[[], None]] = []

    def stop(right: Answer) -> Answer:
        stopping.pop()()
        return right

    command = [*PROGRAM, "--content", str(replica.place.content), "follow", replica.site.url]
    process = subprocess.Popen(
        [*command, "--state", str(replica.place.state)], stderr=subprocess.PIPE, text=True, env=clean_environ()
    )
    stopping.append(lambda: process.send_signal(signal.SIGINT))
    replica.site.wrong["/changes"] = stop
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "stopped; the graph that was published stays" in said
    assert "Traceback" not in said
    replica.site.wrong.clear()
    replica.follow()
    assert replica.is_equal()


# ------------------------------------------------------------------------------------------------- the command


def test_the_command_says_where_the_replica_stands(replica: Replica) -> None:
    done = run(replica, [*PROGRAM, "--lang", "en", "--content", str(replica.place.content)])
    assert (done.returncode, done.stdout) == (0, f"revision   3\ndigest     {replica.site.place.digest()}\n")
    assert "downloading the dump of revision 3" in done.stderr
    assert replica.is_equal()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["build"], 1, "is a replica, which 'coopkg follow' alone changes"),
        (["revert", "3"], 1, "is a replica, which has no journal"),
        (["restore", "backup.tar.zst"], 1, "is a replica, which 'coopkg follow' alone changes"),
        (["backup", "backup.tar.zst"], 1, "is a replica, which has no journal"),
        (["verify"], 1, "is a replica, which has no journal"),
        (["query", "-"], 1, "the query is empty"),
    ],
)
def test_other_commands_tell_what_a_replica_is_not(behind: Replica, arguments: list[str], code: int, said: str) -> None:
    done = behind.place.run(*arguments)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr
    assert said in done.stderr


def test_a_replica_is_served_as_it_is_and_takes_no_writes(behind: Replica) -> None:
    before = behind.place.digest()
    process = start_server(behind.place)
    try:
        assert names_at(ready_address(process)) == ["Un autre projet", "Un projet"]
    finally:
        process.terminate()
        process.communicate(timeout=20)
    refused = behind.place.run("serve", "--port", "0", COOPKG_WRITES="on")
    assert (refused.returncode, "is a replica" in refused.stderr) == (1, True), refused.stderr
    assert behind.place.digest() == before
