"""A build that is killed, that meets another build, or that finds the disk full.

Whatever the moment: what is published is what it was or what it should become, whole; and the next build ends well.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.build.running import Place, names_at, serving
from tests.builders import a_tiny_content, a_tiny_source
from tests.conftest import PROGRAM, clean_environ

#: Runs the program until a step upon the state folder: opening, renaming, removing... The step is given by its number,
#: or by words that its description holds. There the program kills itself, or finds no room left on the disk.
_INTERRUPTED = """
import os, signal, sys
at, state, filling = sys.argv.pop(1), sys.argv.pop(1), sys.argv.pop(1)
seen = 0
def step(event, arguments):
    global seen
    if event.split(".")[0] not in ("open", "os", "fcntl", "shutil"):
        return
    said = f"{event} {arguments}"
    if state not in said:
        return
    seen += 1
    if str(seen) != at and (at.isdigit() or not all(word in said for word in at.split())):
        return
    if filling:
        with open(filling, "ab", buffering=0) as file:
            try:
                while file.write(bytes(4096)):
                    pass
            except OSError:
                pass
    else:
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(step)
from coopkg.cli import main
main()
"""
SPOKEN = ("reading files", "inferring", "judging", "publishing")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A small graph that is published; do not change it."""
    folder = tmp_path_factory.mktemp("kills")
    place = Place(a_tiny_content(folder / "content"), folder / "state")
    place.build()
    return place


@pytest.fixture
def pending(published: Place, tmp_path: Path) -> Place:
    """A copy of it, with one file changed, one added and one removed."""
    place = Place(tmp_path / "content", tmp_path / "state")
    shutil.copytree(published.content, place.content)
    shutil.copytree(published.state, place.state, symlinks=True)
    _change(place)
    return place


def _change(place: Place) -> None:
    place.swap("data/sources/a-page.trig", "Un projet", "Un nouveau nom")
    place.write("data/sources/c-page.trig", a_tiny_source("c-page", "Un troisième projet"))
    (place.content / "data/sources/b-page.trig").unlink()


@pytest.fixture(scope="module")
def digests(published: Place, tmp_path_factory: pytest.TempPathFactory) -> tuple[str | None, str | None]:
    """The digest before the change, and the one after it."""
    folder = tmp_path_factory.mktemp("after")
    shutil.copytree(published.content, folder / "content")
    after = Place(folder / "content", folder / "state")
    _change(after)
    after.build()
    assert published.digest() != after.digest()
    return published.digest(), after.digest()


def _start(place: Place, *, at: int | str = "", filling: str = "") -> subprocess.Popen[str]:
    program = PROGRAM if at == "" else [sys.executable, "-c", _INTERRUPTED, str(at), str(place.state), filling]
    return subprocess.Popen(
        [*program, "--content", str(place.content), "--state", str(place.state), "build"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=clean_environ(),
    )


def _end(process: subprocess.Popen[str]) -> tuple[int, str]:
    out, err = process.communicate(timeout=60)
    return process.returncode, out + err


def _check(place: Place, digests: tuple[str | None, str | None]) -> None:
    assert place.digest() in digests
    place.journal()
    place.build()
    assert place.digest() == digests[1]
    assert place.journal().head == place.manifest().revision == 6
    assert len(place.build().changes) == 0
    folders = {path.name for path in (place.state / "generations").iterdir() if not path.is_symlink()}
    assert all(name[:10] in ("000000003-", "000000006-") for name in folders), folders


STEPS = (
    *("open lock", "open journal 000000001", "open generation.json", "open CURRENT", "os.scandir generations',"),
    *("os.mkdir candidate-", "open journal 'a'", "os.scandir store',", "os.listdir candidate-"),
    *("open candidate- MANIFEST-", "open candidate- generation.json 'w'", "open candidate- generation.json 'r'"),
    *("open candidate- store', None", "open generations', None", "os.remove current.new", "os.symlink current.new"),
    *("os.rename candidate-", "os.rename current.new", "os.listdir generations',", "20", "40", "50"),
)
"""Moments of a build, each just before what it names; a number is the nth thing done in the state folder."""


def test_a_kill_at_any_step_leaves_the_old_graph_or_the_new_one(
    pending: Place, tmp_path: Path, digests: tuple[str | None, str | None]
) -> None:
    places = [Place(pending.content, tmp_path / f"state-{number}") for number in range(len(STEPS))]

    def kill(place: Place, step: str) -> int:
        shutil.copytree(pending.state, place.state, symlinks=True)
        return _end(_start(place, at=step))[0]

    with ThreadPoolExecutor(2) as pool:
        codes = dict(zip(STEPS, pool.map(kill, places, STEPS), strict=True))
    assert {step for step, code in codes.items() if code != -signal.SIGKILL} == set()
    assert {place.digest() for place in places} == set(digests)
    for place in places:
        _check(place, digests)


@pytest.mark.parametrize("line", SPOKEN)
def test_a_kill_after_each_word_leaves_the_old_graph_or_the_new_one(
    pending: Place, digests: tuple[str | None, str | None], line: str
) -> None:
    process = _start(pending)
    assert process.stderr is not None
    heard = next((said for said in process.stderr if line in said), None)
    process.kill()
    _end(process)
    assert heard is not None
    _check(pending, digests)


@pytest.fixture(scope="module")
def duration_s(published: Place, tmp_path_factory: pytest.TempPathFactory) -> float:
    """How long a build with something to do takes here and now."""
    place = Place(published.content, tmp_path_factory.mktemp("timed") / "state")
    began = time.monotonic()
    assert _end(_start(place))[0] == 0
    return time.monotonic() - began


@pytest.mark.parametrize("share", [0.3, 0.6, 0.75, 0.85, 0.95])
def test_a_kill_by_the_clock_leaves_the_old_graph_or_the_new_one(
    pending: Place, duration_s: float, digests: tuple[str | None, str | None], share: float
) -> None:
    process = _start(pending)
    time.sleep(share * duration_s)
    process.kill()
    _end(process)
    _check(pending, digests)


def test_a_kill_of_the_first_build_leaves_nothing_or_the_graph(
    pending: Place, tmp_path: Path, digests: tuple[str | None, str | None]
) -> None:
    for moment in (2, 5, 9, 40):
        place = Place(pending.content, tmp_path / f"first-{moment}")
        code, _ = _end(_start(place, at=moment))
        assert code in (0, -signal.SIGKILL)
        assert place.digest() in (None, digests[1])
        place.build()
        assert place.digest() == digests[1]


def test_a_build_with_nothing_to_do_sweeps_what_a_killed_one_left(published: Place, tmp_path: Path) -> None:
    place = Place(published.content, tmp_path / "state")
    shutil.copytree(published.state, place.state, symlinks=True)
    left = place.state / "generations" / "candidate-1" / "store"
    left.mkdir(parents=True)
    (left / "CURRENT").write_text("half")
    assert place.build().changes == []
    assert not left.parent.exists()


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_build_that_is_asked_to_stop_cleans_up(
    pending: Place, digests: tuple[str | None, str | None], sent: signal.Signals, code: int
) -> None:
    process = _start(pending)
    assert process.stderr is not None
    assert any("inferring" in said for said in process.stderr)
    process.send_signal(sent)
    ended, said = _end(process)
    assert ended == code, said
    assert "Traceback" not in said
    assert pending.digest() == digests[0]
    assert list((pending.state / "generations").glob("candidate-*")) == []
    if sent == signal.SIGINT:
        assert "the graph that was published stays" in said
    _check(pending, digests)


def test_of_two_builds_at_once_one_is_told_to_wait(pending: Place, digests: tuple[str | None, str | None]) -> None:
    first = _start(pending)
    assert first.stderr is not None
    assert any("inferring" in said for said in first.stderr)
    first.send_signal(signal.SIGSTOP)  # it holds the folder for as long as the second needs
    second = pending.run("build")
    serve = pending.run("serve", "--port", "0")
    first.send_signal(signal.SIGCONT)
    assert _end(first)[0] == 0
    for refused in (second, serve):
        assert refused.returncode == 5, refused.stderr
        assert "another coopkg is writing there; wait" in refused.stderr
    _check(pending, digests)


def test_many_builds_at_once_break_nothing(pending: Place, digests: tuple[str | None, str | None]) -> None:
    builds = [_start(pending) for _ in range(5)]
    codes = [_end(process)[0] for process in builds]
    assert 0 in codes
    assert set(codes) <= {0, 5}
    _check(pending, digests)


def test_readers_meet_one_graph_or_the_other_while_builds_go_on(pending: Place) -> None:
    """With one generation kept, the folder that a reader is opening is removed as soon as the next is published."""
    met: set[str] = set()
    wrong: list[BaseException] = []
    ended = threading.Event()

    def read(address: str) -> None:
        while not ended.is_set():
            try:
                met.update(names_at(address))
                pending.digest()
            except BaseException as fault:
                wrong.append(fault)
                return

    pending.build()
    with serving(pending) as address:
        reader = threading.Thread(target=read, args=(address,))
        reader.start()
        for number in range(6):
            pending.write("data/sources/a-page.trig", a_tiny_source("a-page", f"Nom {number}"))
            pending.build(keeping=1)
        ended.set()
        reader.join()
        until = time.monotonic() + 5  # a publication is followed within some tenths of a second
        while "Nom 5" not in names_at(address):
            assert time.monotonic() < until
    assert wrong == []
    assert met <= {"Un nouveau nom", "Un troisième projet", *(f"Nom {number}" for number in range(6))}


def test_a_clock_that_goes_backwards_does_not_matter(
    pending: Place, digests: tuple[str | None, str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in pending.content.rglob("*"):
        os.utime(path, (1, 1))
    monkeypatch.setattr("coopkg.upkeep.time.monotonic", lambda: -5.0)
    _check(pending, digests)


# -------------------------------------------------------------------------------------------------- a full disk


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a few megabytes, which is taken away afterwards."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a small disk")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "coopkg-test", folder], check=False)
    if mounted.returncode != 0:
        pytest.skip("this root may not mount")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.parametrize("pages", [0, 1, 2, 8, 24, 48, 60, 66, 68])
def test_a_disk_that_fills_while_the_store_is_written_is_told(
    pending: Place, disk: Path, digests: tuple[str | None, str | None], pages: int
) -> None:
    place = _on(disk, pending)
    _fill(disk / "filling", keeping=pages * 4096)
    code, said = _end(_start(place))
    assert (code, "Traceback" in said) in ((8, False), (0, False)), said
    assert "free some room" in said or code == 0
    _check_with_room(place, disk, digests)


@pytest.mark.parametrize(
    ("step", "head"),
    [
        ("open journal 'a'", 3),
        ("open candidate generation.json 'w'", 6),
        ("os.rename candidate-", 6),
        ("os.symlink current", 6),
    ],
)
def test_a_disk_that_fills_at_a_step_is_told(
    pending: Place, disk: Path, digests: tuple[str | None, str | None], step: str, head: int
) -> None:
    place = _on(disk, pending)
    code, said = _end(_start(place, at=step, filling=str(disk / "filling")))
    assert (disk / "filling").exists()
    assert (code, "Traceback" in said) in ((8, False), (0, False)), said
    assert place.journal().head == head
    if head == 3 or "generation.json" in step:
        assert code == 8
        assert "free some room" in said
        assert place.digest() == digests[0]
    _check_with_room(place, disk, digests)


def _on(disk: Path, pending: Place) -> Place:
    place = Place(pending.content, disk / "state")
    shutil.copytree(pending.state, place.state, symlinks=True)
    return place


def _check_with_room(place: Place, disk: Path, digests: tuple[str | None, str | None]) -> None:
    assert place.digest() in digests
    (disk / "filling").unlink()
    _check(place, digests)


def _fill(path: Path, *, keeping: int) -> None:
    free = shutil.disk_usage(path.parent).free
    with path.open("wb") as file:
        for _ in range((free - keeping) // 4096):
            file.write(4096 * b"x")


def test_a_full_disk_at_the_first_build_is_told(pending: Place, disk: Path) -> None:
    filling = disk / "filling"
    _fill(filling, keeping=0)
    place = Place(pending.content, disk / "state")
    done = place.run("build")
    assert (done.returncode, "Traceback" in done.stderr) == (8, False), done.stderr
    filling.unlink()
    assert place.run("build").returncode == 0
