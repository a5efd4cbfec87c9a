"""Short links: the same text has the same one, for ever, and there is an end to them."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from coopkg import links
from coopkg.errors import DiskFullError, InputError, LinksFull
from coopkg.links import MAX_BYTES, Links

QUERY = 'SELECT * { ?s ?p "l\'été" } # $HOME \\ \n'


def test_a_text_comes_back_as_it_was_given(tmp_path: Path) -> None:
    kept = Links(tmp_path / "links")
    assert kept.text(kept.keep(QUERY)) == QUERY
    assert Links(tmp_path / "links").text(kept.keep(QUERY)) == QUERY


def test_a_link_does_not_depend_on_the_server(tmp_path: Path) -> None:
    assert Links(tmp_path / "a").keep("ASK {}") == Links(tmp_path / "b").keep("ASK {}") == "qgpkshwv6evt"


def test_two_texts_whose_names_begin_alike_have_two_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        links, "_candidates", lambda content: iter(["a" * 12, f"{'a' * 12}{content[0]}".ljust(13, "b")])
    )
    kept = Links(tmp_path / "links")
    one, other = kept.keep("2"), kept.keep("3")
    assert one != other
    assert (kept.text(one), kept.keep("2"), kept.keep("3")) == ("2", one, other)


def test_a_text_that_is_too_long_is_refused(tmp_path: Path) -> None:
    kept = Links(tmp_path / "links")
    assert kept.keep("a" * MAX_BYTES)
    with pytest.raises(InputError, match="65,537 bytes long"):
        kept.keep("a" * (MAX_BYTES + 1))


@pytest.mark.parametrize("bounds", [{"max_links": 2}, {"max_bytes_in_all": 5}])
def test_there_is_an_end_to_what_is_kept(tmp_path: Path, bounds: dict[str, int]) -> None:
    kept = Links(tmp_path / "links", **bounds)
    first = kept.keep("11")
    kept.keep("22")
    with pytest.raises(LinksFull):
        kept.keep("33")
    assert kept.keep("11") == first
    assert len(list((tmp_path / "links").iterdir())) == 2


def test_nothing_half_written_is_ever_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    kept = Links(tmp_path / "links")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFullError):
        kept.keep("ASK {}")
    assert list((tmp_path / "links").iterdir()) == []


def test_many_at_once_get_one_link(tmp_path: Path) -> None:
    servers = [Links(tmp_path / "links") for _ in range(8)]
    found: list[str] = []
    threads = [threading.Thread(target=lambda one=one: found.append(one.keep("ASK {}"))) for one in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert len(list((tmp_path / "links").iterdir())) == 1


@pytest.mark.parametrize("link", ["", "../lock", "a" * 11, "a" * 53, "A" * 12, "aaaaaaaaaaaa\n", "aaaaaaaaaaaa\0"])
def test_what_is_no_link_names_no_file(tmp_path: Path, link: str) -> None:
    assert Links(tmp_path).text(link) is None


def test_links_are_offered_where_they_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert Links(tmp_path / "links").are_offered()
    assert not Links(tmp_path / "nowhere" / "links").are_offered()
    assert not Links(tmp_path / "file").are_offered()


def test_what_cannot_be_read_is_no_link(tmp_path: Path) -> None:
    links = Links(tmp_path / "links")
    link = links.keep("ASK {}")
    path = tmp_path / "links" / f"{link}.rq"
    path.write_bytes(b"\xff\xfe")
    assert links.text(link) is None
    path.unlink()
    path.mkdir()
    assert links.text(link) is None
