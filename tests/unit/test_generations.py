"""Generations: what is current is always whole, whatever fails or is killed; damage is named."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coopkg.errors import DiskFullError, NothingPublished, StateDamaged
from coopkg.generations import BuiltFile, Generations, Manifest
from coopkg.rdf import Literal, NamedNode, Quad

GRAPH = NamedNode("https://example.org/graph")


def a_quad(text: str) -> Quad:
    return Quad(GRAPH, GRAPH, Literal(text), GRAPH)


def a_manifest(revision: int) -> Manifest:
    built = {"data/x.trig": BuiltFile("0" * 64, {GRAPH.value: "1" * 64})}
    return Manifest(revision, "2" * 64, "3" * 64, "4" * 64, 1, 0, 0, 0, built, {})


def publish(generations: Generations, revision: int, base: Path | None = None) -> Path:
    """Publish a generation that holds its revision number (and what its base holds)."""
    with generations.candidate(base) as candidate:
        candidate.store.change((), [a_quad(str(revision))])
        candidate.store.flush()
        candidate.store.close()
        return generations.publish(candidate.folder, a_manifest(revision))


def texts(generations: Generations, folder: Path | None = None) -> set[str]:
    where = folder or generations.current()
    assert where is not None
    generations.check(where)
    return {getattr(quad.object, "value", "") for quad in generations.open(where).quads(GRAPH.value)}


def folders(generations_folder: Path) -> list[str]:
    return sorted(path.name for path in generations_folder.iterdir() if path.name != "current")


# Publishing


def test_nothing_is_current_before_the_first_publication(tmp_path: Path) -> None:
    generations = Generations(tmp_path, 3)
    assert generations.current() is None
    with pytest.raises(NothingPublished, match="run 'coopkg build' first"):
        generations.manifest()


@pytest.mark.parametrize("target", ["/tmp", "../elsewhere", "candidate-1", "1-1"])  # noqa: S108  # nothing is written
def test_a_link_that_leads_to_no_generation_is_named_and_not_what_it_leads_to(tmp_path: Path, target: str) -> None:
    (tmp_path / "current").symlink_to(target)
    with pytest.raises(StateDamaged, match=r"leads to .*remove the link \(not what it leads to\)"):
        Generations(tmp_path, 3).current()


def test_the_latest_publication_is_current_and_holds_what_was_prepared(tmp_path: Path) -> None:
    generations = Generations(tmp_path, 3)
    first = publish(generations, 1)
    assert generations.current() == first == tmp_path / "000000001-1"
    second = publish(generations, 2, first)
    assert generations.current() == second
    assert texts(generations) == {"1", "2"}
    assert texts(generations, first) == {"1"}
    manifest = generations.manifest()
    assert (manifest.revision, manifest.built) == (2, a_manifest(2).built)


def test_a_revision_may_be_published_again(tmp_path: Path) -> None:
    generations = Generations(tmp_path, 3)
    assert [publish(generations, 1).name for _ in range(2)] == ["000000001-1", "000000001-2"]
    assert generations.current() == tmp_path / "000000001-2"


@pytest.mark.parametrize("keep", [1, 2, 3])
def test_only_the_latest_are_kept(tmp_path: Path, keep: int) -> None:
    generations = Generations(tmp_path, keep)
    for revision in range(1, 5):
        publish(generations, revision)
    assert folders(tmp_path) == [f"{revision:09}-1" for revision in range(5 - keep, 5)]


def test_generations_of_one_revision_retire_in_their_order(tmp_path: Path) -> None:
    generations = Generations(tmp_path, 2)
    for _ in range(4):
        publish(generations, 1)
    assert folders(tmp_path) == ["000000001-3", "000000001-4"]
    (tmp_path / "000000001-3").rename(tmp_path / "000000001-9")
    assert publish(generations, 1).name == "000000001-10"
    assert folders(tmp_path) == ["000000001-10", "000000001-9"]


def test_the_current_generation_never_retires_even_below_stray_ones(tmp_path: Path) -> None:
    for stray in ("000000008-1", "000000009-1"):
        (tmp_path / stray).mkdir()
    generations = Generations(tmp_path, 1)
    publish(generations, 1)
    assert generations.current() == tmp_path / "000000001-1"
    assert texts(generations) == {"1"}


def test_folders_that_are_no_generations_are_left_alone(tmp_path: Path) -> None:
    for stray in ("000000000-1.bak", "1-1", "9lives", "0"):
        (tmp_path / stray).mkdir()
    generations = Generations(tmp_path, 1)
    publish(generations, 1)
    publish(generations, 2)
    assert folders(tmp_path) == ["0", "000000000-1.bak", "000000002-1", "1-1", "9lives"]


def test_the_reader_of_a_retired_generation_goes_on(tmp_path: Path) -> None:
    generations = Generations(tmp_path, 1)
    with generations.candidate(None) as candidate:
        for batch in range(5):  # several tables, most of them never read before the folder goes
            candidate.store.change((), [a_quad(f"{batch} {number} {'x' * 80}") for number in range(2_000)])
            candidate.store.flush()
        candidate.store.close()
        first = generations.publish(candidate.folder, a_manifest(1))
    reader = generations.open(first)
    publish(generations, 2)
    assert not first.exists()
    assert len(list(reader.quads(GRAPH.value))) == 10_000


# Candidates


@pytest.mark.parametrize("fault", [ValueError("x"), KeyboardInterrupt(), StateDamaged("x"), OSError(28, "full")])
def test_a_candidate_is_removed_when_its_work_fails_and_the_fault_passes(tmp_path: Path, fault: BaseException) -> None:
    generations = Generations(tmp_path, 3)
    first = publish(generations, 1)

    def fails() -> None:
        with generations.candidate(first) as candidate:
            # Enough to keep the engine's own threads busy with files while the folder goes.
            candidate.store.change((), [a_quad(f"lost {number}") for number in range(2_000)])
            raise fault

    with pytest.raises(type(fault)) as raised:
        fails()
    assert raised.value is fault
    assert folders(tmp_path) == ["000000001-1"]
    assert texts(generations) == {"1"}


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="only Linux lists the files of a process")
def test_the_store_of_a_candidate_is_closed_before_its_folder_goes(tmp_path: Path) -> None:
    # An open one goes on writing, and the folder comes back now and then.
    with Generations(tmp_path, 3).candidate(None) as candidate:
        assert open_files(candidate.folder)
    assert not open_files(candidate.folder)


def open_files(folder: Path) -> list[str]:
    links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    return [str(link.readlink()) for link in links if folder.name in str(link.readlink())]


def test_a_candidate_that_is_not_published_is_removed(tmp_path: Path) -> None:
    generations = Generations(tmp_path, 3)
    with generations.candidate(None) as candidate:
        assert candidate.folder.parent == tmp_path
    assert folders(tmp_path) == []


def test_the_candidate_of_a_killed_build_is_swept(tmp_path: Path) -> None:
    (tmp_path / "candidate-1" / "store").mkdir(parents=True)
    generations = Generations(tmp_path, 3)
    publish(generations, 1)
    assert folders(tmp_path) == ["000000001-1"]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "generations").write_text("a file")
    with (
        pytest.raises(DiskFullError, match="cannot be written"),
        Generations(tmp_path / "generations", 3).candidate(None),
    ):
        pass


def test_a_base_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(StateDamaged), Generations(tmp_path, 3).candidate(tmp_path / "000000001-1"):
        pass
    assert folders(tmp_path) == []


# Damage


@pytest.fixture
def published(tmp_path: Path, prepared: Path) -> tuple[Generations, Path]:
    """Return generations of which one is published, and its folder."""
    shutil.copytree(prepared, tmp_path / "generations", symlinks=True)
    generations = Generations(tmp_path / "generations", 3)
    folder = generations.current()
    assert folder is not None
    return generations, folder


def test_each_changed_file_of_a_generation_is_named(published: tuple[Generations, Path]) -> None:
    generations, folder = published
    files = sorted(path.name for path in (folder / "store").iterdir())
    assert any(name.endswith(".sst") for name in files)
    for name in files:
        path = folder / "store" / name
        before = path.read_bytes()
        path.write_bytes(before + b"\0" if not before else bytes([before[0] ^ 1]) + before[1:])
        with pytest.raises(
            StateDamaged, match=f"^{folder}: {name} changed since publication; remove .* and build again"
        ):
            generations.check(folder)
        path.write_bytes(before)
    generations.check(folder)


def test_each_missing_file_of_a_generation_is_named(published: tuple[Generations, Path]) -> None:
    generations, folder = published
    for path in sorted((folder / "store").iterdir()):
        before = path.read_bytes()
        path.unlink()
        with pytest.raises(StateDamaged, match=f": {path.name} changed"):
            generations.check(folder)
        path.mkdir()
        with pytest.raises(StateDamaged, match=f": {path.name} changed"):
            generations.check(folder)
        path.rmdir()
        path.write_bytes(before)
    shutil.rmtree(folder / "store")
    with pytest.raises(StateDamaged, match=r"CURRENT, .* changed since"):
        generations.check(folder)


@pytest.mark.parametrize("place", ["store/extra.sst", "store/extra", "extra", "store.old"])
def test_an_added_file_or_folder_is_named(published: tuple[Generations, Path], place: str) -> None:
    generations, folder = published
    if place.endswith("sst"):
        (folder / place).write_bytes(b"")
    else:
        (folder / place).mkdir()
    with pytest.raises(StateDamaged, match=f": {Path(place).name} changed"):
        generations.check(folder)


def test_a_published_generation_may_be_read_many_times_and_stays_as_it_was(
    published: tuple[Generations, Path],
) -> None:
    generations, folder = published
    for _ in range(3):
        assert texts(generations, folder) == {"1"}
    generations.check(folder)


def test_each_changed_value_of_the_manifest_is_damage(published: tuple[Generations, Path]) -> None:
    generations, folder = published
    path = folder / "generation.json"
    before = path.read_text(encoding="utf-8")
    changes = [('"revision": 1', '"revision": 2'), ("2" * 64, "5" * 64), ("3" * 64, "5" * 64), ("4" * 64, "5" * 64)]
    changes += [('"asserted": 1', '"asserted": 2'), ("0" * 64, "5" * 64), ("1" * 64, "5" * 64), ("x.trig", "y.trig")]
    for old, new in changes:
        assert before.count(old) == 1
        path.write_text(before.replace(old, new), encoding="utf-8")
        with pytest.raises(StateDamaged, match=r": generation\.json changed"):
            generations.check(folder)


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"{",
        b"\xff",
        b"[]",
        b'"x"',
        b"null",
        b"{}",
        b'{"built": 1}',
        b'{"built": {"x": 1}}',
        b'{"built": {}}',
    ],
)
def test_a_manifest_that_cannot_be_read_is_damage(published: tuple[Generations, Path], content: bytes | None) -> None:
    generations, folder = published
    path = folder / "generation.json"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    for call in (generations.manifest, generations.check):
        with pytest.raises(StateDamaged, match=f"^{path}: cannot be read .*; remove {folder} and build again"):
            call(folder)


def test_a_current_that_is_no_link_is_damage(tmp_path: Path) -> None:
    (tmp_path / "current").mkdir()
    with pytest.raises(StateDamaged, match="is no link"):
        Generations(tmp_path, 3).current()


def test_a_link_that_leads_nowhere_is_damage(published: tuple[Generations, Path]) -> None:
    generations, folder = published
    shutil.rmtree(folder)
    with pytest.raises(StateDamaged, match="cannot be read"):
        generations.manifest()


# Kills


class Killed(BaseException):
    """Stands for the end of the process: nothing catches it."""


STEPS: list[tuple[Any, str]] = [
    *(
        (Path, name)
        for name in ("unlink", "write_text", "open", "rename", "symlink_to", "iterdir", "readlink", "mkdir")
    ),
    *((os, name) for name in ("fsync", "open", "close")),
    (shutil, "rmtree"),
]


def dies_at(call: int, patched: pytest.MonkeyPatch, fault: Callable[[], BaseException]) -> list[str]:
    """Let the n-th call of any step that touches the disk fail before it is done; return the calls."""
    calls = list[str]()

    def failing(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any, **options: Any) -> Any:
            calls.append(name)
            if len(calls) == call:
                raise fault()
            return original(*arguments, **options)

        return step

    for owner, name in STEPS:
        patched.setattr(owner, name, failing(name, getattr(owner, name)))
    return calls


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with generation 1 published and a candidate that is ready to be."""
    folder = tmp_path_factory.mktemp("prepared") / "generations"
    generations = Generations(folder, 1)
    first = publish(generations, 1)
    with generations.candidate(first) as candidate:
        candidate.store.change((), [a_quad("2")])
        candidate.store.flush()
        candidate.store.close()
        shutil.copytree(candidate.folder, folder / "ready")
    (folder / "ready").rename(folder / "candidate-1")
    return folder


@pytest.mark.parametrize(
    ("fault", "stride"),
    [(Killed, 1), (lambda: OSError(28, "No space left on device"), 4)],
    ids=["kill", "full disk"],
)
def test_what_is_current_is_whole_whichever_step_of_a_publication_fails(
    tmp_path: Path, prepared: Path, monkeypatch: pytest.MonkeyPatch, fault: Callable[[], BaseException], stride: int
) -> None:
    monkeypatch.setattr(os, "fsync", lambda handle: None)  # it takes most of the time, a thousand times here
    folder, seen, ended, call = tmp_path / "work", list[int](), False, 0
    while not ended:
        call += stride
        shutil.copytree(prepared, folder, symlinks=True, copy_function=os.link)
        generations = Generations(folder, 1)
        with pytest.MonkeyPatch.context() as patched:
            calls = dies_at(call, patched, fault)
            try:
                generations.publish(folder / "candidate-1", a_manifest(2))
                ended = len(calls) < call
            except (Killed, DiskFullError):
                pass
        assert texts(generations) in ({"1"}, {"1", "2"}), calls
        seen.append(generations.manifest().revision)
        # The next build sweeps, and publishes as if nothing had happened.
        generations.sweep()
        shutil.copytree(prepared / "candidate-1", folder / "candidate-2", copy_function=os.link)
        generations.publish(folder / "candidate-2", a_manifest(3))
        assert generations.manifest().revision == 3
        assert folders(folder) == ["000000003-1"], calls
        shutil.rmtree(folder)
    assert seen == sorted(seen) or fault is not Killed  # what was only to spare reading may fail, and all goes on
    assert set(seen) == {1, 2}
    assert call > 20


def test_a_kill_after_the_rename_leaves_a_generation_that_retires_in_its_turn(tmp_path: Path, prepared: Path) -> None:
    shutil.copytree(prepared, tmp_path / "work", symlinks=True)
    (tmp_path / "work" / "candidate-1").rename(tmp_path / "work" / "000000002-1")
    generations = Generations(tmp_path / "work", 1)
    assert texts(generations) == {"1"}
    publish(generations, 2, generations.current())
    assert folders(tmp_path / "work") == ["000000002-2"]
