"""Whatever happens to a graph: who reads the feed holds what is published, and so does who applies the patches."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from coopkg import names
from coopkg.feed import Feed, table
from coopkg.rdf import RdfFormat, canonical_lines, digest, from_patch, parse_quads
from tests.feeds import GRAPH, OTHER_GRAPH, Written, held, said, versions

_POOL = [said(thing, text, graph) for thing in "abc" for text in ("one", "two") for graph in (GRAPH, OTHER_GRAPH)]
_THEIRS = [said("https://example.org/theirs", text) for text in ("one", "two")]


@pytest.mark.parametrize("seed", range(25))
def test_a_reader_of_the_feed_or_of_the_patches_holds_the_graph(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(table, "PAGE_VERSIONS", 4)
    chance = random.Random(seed)  # random cases, the same in each run
    written, graph = Written(tmp_path), frozenset[object]()
    followed = Feed(tmp_path / "journal")
    for number in range(1, 13):
        remove, add = (frozenset(chance.sample(_POOL + _THEIRS, chance.randint(0, 5))) for _ in range(2))
        written.append(add, remove)
        graph = (graph - remove) | add
        if chance.random() < 0.5:
            followed.follow(number)
            ours = {line for line in canonical_lines(graph) if line.startswith(f"<{names.BASE}")}  # type: ignore[arg-type]  # quads
            assert held(versions(followed)) == ours
    written.feed.follow(12)
    followed.follow(12)
    assert versions(followed) == versions(written.feed)
    assert digest(replayed(written.feed, 12)) == digest(graph)  # type: ignore[arg-type]  # quads
    written.feed.close()
    followed.close()


def replayed(feed: Feed, last: int) -> frozenset[object]:
    """Return what the patches of all revisions give from nothing; none says what is not so."""
    graph = frozenset[object]()
    for number in range(1, last + 1):
        with feed.reading() as reading:
            removed, added = map(
                frozenset, from_patch("".join(f"{row}\n" for row in reading.patch(number)).encode(), "a patch")
            )
        assert removed <= graph
        assert not added & graph
        graph = (graph - removed) | added
    return graph


def test_what_a_reader_parses_is_what_it_was_sent(tmp_path: Path) -> None:
    written = Written(tmp_path)
    written.change(_POOL)
    lines = "\n".join(sorted(held(versions(written.feed)))).encode()
    assert frozenset(parse_quads(lines, RdfFormat.N_QUADS, "the feed")) == frozenset(_POOL)
    written.feed.close()
