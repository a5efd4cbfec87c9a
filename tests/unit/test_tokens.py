"""Tokens: told once, kept as a digest, checked against the file as it is now."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import stat
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from coopkg.errors import DiskFullError, InputError, StateDamaged, Unauthorised
from coopkg.lock import locked
from coopkg.tokens import Token, Tokens

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Return the clock of a test."""
    return Clock()


@pytest.fixture
def tokens(tmp_path: Path, clock: Clock) -> Tokens:
    """Return the tokens of a new state folder."""
    return Tokens(tmp_path / "state", clock)


def bearer(text: str) -> str:
    return f"Bearer {text}"


def test_a_token_is_told_once_and_counts(tokens: Tokens, tmp_path: Path) -> None:
    made, text = tokens.add("redaction-fonda", ["graph/fonda-*", "https://w3id.org/coopkg/graph/a-page", "*"], 7)
    assert re.fullmatch(r"[a-z0-9]{8,12}\.[A-Za-z0-9_-]{43}", text)
    assert made.scopes == (
        "https://w3id.org/coopkg/graph/fonda-*",
        "https://w3id.org/coopkg/graph/a-page",
        "*",
    )
    assert (made.name, made.created, made.expires) == ("redaction-fonda", NOW, NOW + timedelta(days=7))
    for header in (bearer(text), f"bearer {text}", f"BEARER   {text} "):
        assert tokens.check(header) == made
    assert Tokens(tmp_path / "state").all()[0][0] == made


def test_the_secret_is_in_no_file(tokens: Tokens, tmp_path: Path) -> None:
    made, text = tokens.add("tests", ["*"])
    number, _, secret = text.partition(".")
    kept = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "state").iterdir())
    assert number in kept
    assert secret not in kept
    assert made.sha256 == hashlib.sha256(secret.encode()).hexdigest()
    assert secret not in repr(made)


def test_only_its_owner_reads_the_file(tokens: Tokens, tmp_path: Path) -> None:
    tokens.add("tests", ["*"])
    tokens.add("others", ["*"])
    for path in (tmp_path / "state").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


NOT_THE_TOKEN: dict[str, Callable[[str], str]] = {
    "nothing": lambda text: "",
    "no scheme": lambda text: text,
    "another scheme": lambda text: f"Basic {text}",
    "a scheme that begins so": lambda text: f"Bearertoken {text}",
    "no secret": lambda text: bearer(text.partition(".")[0]),
    "an empty secret": lambda text: bearer(text.partition(".")[0] + "."),
    "another secret": lambda text: bearer(f"{text[:-1]}{'A' if text[-1] != 'A' else 'B'}"),
    "a part of the secret": lambda text: bearer(text[:-1]),
    "more than the secret": lambda text: bearer(f"{text}A"),
    "another id": lambda text: bearer("aaaaaaaaaa." + text.partition(".")[2]),
    "the id in capitals": lambda text: bearer(text.partition(".")[0].upper() + "." + text.partition(".")[2]),
    "two": lambda text: f"Bearer {text}, Bearer {text}",
    "something behind": lambda text: f"Bearer {text} x",
    "not in ASCII": lambda text: bearer(f"{text[:-1]}é"),
    "a line break": lambda text: bearer(f"{text}\n"),
    "very long": lambda text: bearer("a" * 60_000),
}


@pytest.mark.parametrize("case", NOT_THE_TOKEN)
def test_what_is_not_the_token_is_refused_and_not_repeated(tokens: Tokens, case: str) -> None:
    _, text = tokens.add("tests", ["*"])
    sent = NOT_THE_TOKEN[case](text)
    with pytest.raises(Unauthorised) as refused:
        tokens.check(sent)
    secret = text.partition(".")[2]
    assert secret not in str(refused.value)
    assert text.partition(".")[0] not in str(refused.value)
    assert "é" not in str(refused.value)
    assert len(str(refused.value)) < 200


def test_without_a_file_no_token_counts(tokens: Tokens) -> None:
    with pytest.raises(Unauthorised, match="not known"):
        tokens.check(bearer(f"aaaaaaaaaa.{'A' * 43}"))
    assert tokens.all() == []


def test_an_expired_token_is_told_from_a_revoked_one_by_who_knows_it_alone(tokens: Tokens, clock: Clock) -> None:
    made, text = tokens.add("tests", ["*"], 1)
    wrong = f"{text.partition('.')[0]}.{'A' * 43}"
    clock.now = made.expires - timedelta(seconds=1)
    tokens.check(bearer(text))
    clock.now = made.expires
    assert [standing for _, standing in tokens.all()] == ["expired"]
    with pytest.raises(Unauthorised, match="expired on 2026-11-29"):
        tokens.check(bearer(text))
    with pytest.raises(Unauthorised, match="not known"):
        tokens.check(bearer(wrong))
    tokens.revoke(made.id)
    assert [standing for _, standing in tokens.all()] == ["revoked"]
    with pytest.raises(Unauthorised, match="revoked on 2026-11-29"):
        tokens.check(bearer(text))
    with pytest.raises(Unauthorised, match="not known"):
        tokens.check(bearer(wrong))


def test_a_token_from_the_future_counts(tokens: Tokens, clock: Clock) -> None:
    _, text = tokens.add("tests", ["*"])
    clock.now = NOW - timedelta(days=400)
    tokens.check(bearer(text))


def test_an_unknown_id_is_compared_as_a_known_one(tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> None:
    _, text = tokens.add("tests", ["*"])
    compared: list[tuple[int, int]] = []

    def compare(left: str, right: str) -> bool:
        compared.append((len(left), len(right)))
        return left == right

    monkeypatch.setattr(hmac, "compare_digest", compare)
    for number in (text.partition(".")[0], "aaaaaaaaaa"):
        with pytest.raises(Unauthorised):
            tokens.check(bearer(f"{number}.{'A' * 43}"))
    assert compared == [(64, 64), (64, 64)]


def test_what_another_process_revokes_counts_no_more(tokens: Tokens, tmp_path: Path) -> None:
    made, text = tokens.add("tests", ["*"])
    tokens.check(bearer(text))
    Tokens(tmp_path / "state").revoke(made.id)
    with pytest.raises(Unauthorised, match="revoked"):
        tokens.check(bearer(text))


def test_the_file_is_read_again_only_when_it_is_another(tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> None:
    _, text = tokens.add("tests", ["*"])
    tokens.check(bearer(text))
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: pytest.fail("read again"))
    tokens.check(bearer(text))


def test_revoking_again_keeps_the_first_day(tokens: Tokens, clock: Clock) -> None:
    made, _ = tokens.add("tests", ["*"])
    first = tokens.revoke(made.id).revoked
    clock.now += timedelta(days=3)
    assert tokens.revoke(made.id).revoked == first == NOW
    with pytest.raises(InputError, match="no such token"):
        tokens.revoke("aaaaaaaaaa")


def test_tokens_are_made_while_a_server_holds_the_write_lock(tokens: Tokens, tmp_path: Path) -> None:
    with locked(tmp_path / "state"):
        tokens.add("tests", ["*"])
    assert len(tokens.all()) == 1


def test_of_many_that_are_made_at_once_none_is_lost(tmp_path: Path) -> None:
    def make(number: int) -> None:
        Tokens(tmp_path).add(f"role-{number}", ["*"])

    threads = [threading.Thread(target=make, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {token.name for token, _ in Tokens(tmp_path).all()} == {f"role-{number}" for number in range(12)}


def test_what_a_killed_process_left_is_in_nobodys_way(tokens: Tokens, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "tokens.new").write_text('{"tokens": [', encoding="utf-8")
    tokens.add("tests", ["*"])
    assert len(tokens.all()) == 1


@pytest.mark.parametrize(
    ("name", "scopes", "days", "said"),
    [
        ("", ["*"], 9, "name a role"),
        ("Jeanne Dupont", ["*"], 9, "name a role"),
        ("a/b", ["*"], 9, "name a role"),
        ("-a", ["*"], 9, "name a role"),
        ("a-", ["*"], 9, "name a role"),
        ("a\n", ["*"], 9, "name a role"),
        ("a" * 65, ["*"], 9, "name a role"),
        ("a", [], 9, "at least one graph"),
        ("a", [""], 9, "from graph/ on"),
        ("a", ["fonda-*"], 9, "from graph/ on"),
        ("a", ["graph/a b"], 9, "from graph/ on"),
        ("a", ["https://w3id.org/coopkg/graph/<x>"], 9, "from graph/ on"),
        ("a", ["**"], 9, "from graph/ on"),
        ("a", ["urn:*"], 9, "from graph/ on"),
        ("a", ["*", "graph/x\n"], 9, "from graph/ on"),
        ("a", ["*"], 0, "1 to 366"),
        ("a", ["*"], -1, "1 to 366"),
        ("a", ["*"], 367, "1 to 366"),
    ],
)
def test_what_is_no_clear_token_is_not_made(tokens: Tokens, name: str, scopes: list[str], days: int, said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        tokens.add(name, scopes, days)
    assert tokens.all() == []


def _changed(**members: object) -> Callable[[str], str]:
    def change(text: str) -> str:
        kept = json.loads(text)
        kept["tokens"][0].update(members)
        return json.dumps(kept)

    return change


def _twice(text: str) -> str:
    kept = json.loads(text)
    return json.dumps({"tokens": kept["tokens"] * 2})


def _without(name: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        kept = json.loads(text)
        del kept["tokens"][0][name]
        return json.dumps(kept)

    return change


DAMAGES: dict[str, Callable[[str], str]] = {
    "empty": lambda text: "",
    "cut": lambda text: text[:-20],
    "no JSON": lambda text: "tokens",
    "a list": lambda text: "[]",
    "nothing known": lambda text: "{}",
    "null": lambda text: "null",
    "no list": lambda text: '{"tokens": 3}',
    "a text in the list": lambda text: '{"tokens": ["x"]}',
    "nested deeply": lambda text: "[" * 100_000,
    "twice": _twice,
    "another member": _changed(admin=True),
    "no expiry": _without("expires"),
    "an expiry that is none": _changed(expires="soon"),
    "an expiry without a zone": _changed(expires="2099-01-01T00:00:00"),
    "an expiry that is a number": _changed(expires=3),
    "scopes that are a text": _changed(scopes="*"),
    "no scopes": _changed(scopes=[]),
    "scopes that are numbers": _changed(scopes=[1]),
    "another digest": _changed(sha256="abc"),
    "an id of another form": _changed(id="A"),
    "a name of another form": _changed(name="A B"),
    "revoked by a flag": _changed(revoked=False),
}


@pytest.mark.parametrize("case", DAMAGES)
def test_of_a_damaged_file_no_token_counts_and_nothing_is_written_over_it(
    tokens: Tokens, tmp_path: Path, case: str
) -> None:
    made, text = tokens.add("tests", ["*"])
    tokens.check(bearer(text))
    path = tmp_path / "state" / "tokens.json"
    damaged = DAMAGES[case](path.read_text(encoding="utf-8"))
    path.write_text(damaged, encoding="utf-8")
    asked: list[Callable[[], object]] = [
        lambda: tokens.check(bearer(text)),
        tokens.all,
        lambda: tokens.add("others", ["*"]),
        lambda: tokens.revoke(made.id),
    ]
    for ask in asked:
        with pytest.raises(StateDamaged, match=r"tokens\.json: cannot be read"):
            ask()
    assert path.read_text(encoding="utf-8") == damaged


def test_a_file_that_is_no_text_is_damaged(tokens: Tokens, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "tokens.json").write_bytes(b"\xff\xfe")
    with pytest.raises(StateDamaged):
        tokens.all()


def test_a_folder_in_its_place_is_damage(tokens: Tokens, tmp_path: Path) -> None:
    (tmp_path / "state" / "tokens.json").mkdir(parents=True)
    with pytest.raises(StateDamaged, match="directory"):
        tokens.all()


def test_where_nothing_can_be_written_the_tokens_stay(tokens: Tokens, tmp_path: Path) -> None:
    made, _ = tokens.add("tests", ["*"])
    (tmp_path / "state" / "tokens.new").mkdir()  # root may write anywhere, but not where a folder stands
    with pytest.raises(DiskFullError, match="the tokens are as before"):
        tokens.add("others", ["*"])
    assert tokens.all() == [(made, "valid")]
    blocked = tmp_path / "file"
    blocked.touch()
    with pytest.raises(DiskFullError, match="choose another"):
        Tokens(blocked).add("others", ["*"])


def test_a_token_tells_its_standing() -> None:
    token = Token("aaaaaaaa", "a", ("*",), "0" * 64, NOW, NOW + timedelta(days=1))
    assert token.standing(NOW) == "valid"
    assert token.standing(NOW + timedelta(days=1)) == "expired"


@pytest.mark.parametrize("pattern", ["graph/fonda-?", "graph/[a-z]*", "graph/[!x]"])
def test_only_a_star_stands_for_other_letters(tmp_path: Path, pattern: str) -> None:
    with pytest.raises(InputError, match="only '\\*' stands for others"):
        Tokens(tmp_path).add("a-role", [pattern])
