"""The feed: ldes-client replays it, goes on where it ended, and then holds the same as the dump."""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from rdflib import Dataset, Graph
from rdflib.term import Node

from coopkg import names, upkeep
from tests.builders import ID, a_source
from tests.harvest import faults
from tests.harvest.asking import asked
from tests.harvest.between import Answer, Asked, Fault, between
from tests.harvest.conftest import told_by_node
from tests.pool.processes import seconds_until
from tests.web.conftest import Served, copied, serving

Replay = Mapping[str, Any]
Kinds = Mapping[str, list[str]]
#: What a version says of itself, not of the thing.
OF_THE_VERSION = (
    "http://purl.org/dc/terms/isVersionOf",
    "http://www.w3.org/ns/prov#generatedAtTime",
    "https://schema.org/version",
)
ACTIVITY = "https://www.w3.org/ns/activitystreams#"


@pytest.fixture(scope="module")
def replayed(node: str) -> Callable[..., Replay]:
    """Return what replays a feed: of a root, with a folder for its state where it shall go on later."""

    def replay(root: str, *state: str) -> Replay:
        told: Replay = told_by_node(node, "ldes-client", "ldes.mjs", f"{root}/feed", *state)
        return told

    return replay


def kinds_of(replay: Replay) -> Kinds:
    """Return what became of each thing, in order: Create, Update, Delete."""
    found: dict[str, list[str]] = defaultdict(list)
    for member in replay["members"]:
        found[member["of"]].append(member["type"].removeprefix(ACTIVITY))
    return found


def held_after(replay: Replay) -> set[tuple[str, str, str]]:
    """Return what a reader of the feed holds at its end: the statements of the last version of each thing."""
    last = {member["of"]: member for member in replay["members"]}
    return {
        (thing, predicate, text)
        for thing, member in last.items()
        if not member["type"].endswith("Delete")
        for _, (_, predicate, _), (_, text, _) in member["statements"]
        if predicate not in OF_THE_VERSION and not text.startswith(ACTIVITY)
    }


def complaints(replay: Replay) -> list[str]:
    """Return what is wrong with what came of a replay."""
    errors = [str(error) for error in replay["errors"]]
    errors += [f"{status} for {address}" for status, address in replay["pages"] if status != 200]
    if not replay["members"]:
        errors.append("nothing was told")
    if any(not member["time"] or not member["of"] for member in replay["members"]):
        errors.append("members without a time or a thing")
    return errors


@pytest.mark.harvest(18)
def test_the_feed_tells_what_came_changed_and_went(portal: Served, replayed: Callable[..., Replay]) -> None:
    replay = replayed(portal.url)
    assert complaints(replay) == []
    kinds = kinds_of(replay)
    assert kinds[f"{ID}project/a-page"] == ["Create", "Update"]
    assert kinds[f"{ID}project/b-page"] == ["Create", "Delete"]
    times = [member["time"] for member in replay["members"]]
    assert times == sorted(times)


@pytest.mark.harvest(18)
@pytest.mark.filterwarnings("ignore:Dataset:DeprecationWarning")  # rdflib 7.6 warns of what its own parsers call
def test_whoever_replays_the_feed_holds_what_the_dump_holds(portal: Served, replayed: Callable[..., Replay]) -> None:
    dump = Dataset()
    dump.parse(data=gzip.decompress(asked(f"{portal.url}/dumps/latest/coopkg.nq.gz").body), format="nquads")
    ours = {(str(s), str(p), str(o)) for s, p, o, _ in dump.quads() if str(s).startswith(names.BASE)}
    assert held_after(replayed(portal.url)) == ours


@pytest.mark.harvest(18)
def test_a_client_that_ended_goes_on_with_what_is_new(
    portal: Served, tmp_path: Path, replayed: Callable[..., Replay]
) -> None:
    settings = copied(portal.settings, tmp_path)
    assert settings.content is not None
    with serving(settings) as running, between(running.host, running.port) as root:
        assert replayed(root, str(tmp_path / "client"))["members"]
        before = asked(f"{running.url}/feed").body
        source = settings.content / "data" / "sources" / "c-page.trig"
        source.write_text(a_source("c-page", name="Un projet de plus"), encoding="utf-8")
        upkeep.build(settings, {})
        seconds_until(lambda: asked(f"{running.url}/feed").body != before, 30)  # it may lag a moment behind
        kinds = kinds_of(replayed(root, str(tmp_path / "client")))
    assert kinds[f"{ID}project/c-page"] == ["Create"]
    assert f"{ID}project/a-page" not in kinds


def in_the_feed(change: Callable[[Graph], Iterable[tuple[Node, Node, Node]]]) -> Fault:
    """Return the fault that some statements are missing in each page of the feed."""

    def planted(request: Asked, answer: Answer) -> Answer:
        if not request.path.startswith("/feed"):
            return answer
        graph = Graph().parse(data=answer.body, format="turtle")
        for statement in list(change(graph)):
            graph.remove(statement)
        return answer.saying(graph.serialize(format="turtle")).with_header("Content-Type", "text/turtle")

    return planted


def gone(request: Asked, answer: Answer) -> Answer:
    """Answer 410 for the feed."""
    return Answer(410, (), b"") if request.path.startswith("/feed") else answer


FAULTS: dict[str, Fault] = {
    "no view": in_the_feed(lambda graph: graph.triples((None, faults.TREE.view, None))),
    "no member": in_the_feed(lambda graph: graph.triples((None, faults.TREE.member, None))),
    "no path to the time": in_the_feed(lambda graph: graph.triples((None, faults.LDES.timestampPath, None))),
    "a page that is gone": gone,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_feed_shows(portal: Served, replayed: Callable[..., Replay], fault: str) -> None:
    with between(portal.host, portal.port, FAULTS[fault]) as root:
        assert complaints(replayed(root)) != []
