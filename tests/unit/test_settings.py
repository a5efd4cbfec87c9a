"""Settings: flag over environment over file over default; every fault at once, with where it was given."""

from __future__ import annotations

from pathlib import Path

import pytest

from coopkg.errors import SettingsError
from coopkg.resources import shipped
from coopkg.settings import Settings, env_name, load, table


def faults(flags: dict[str, object], environ: dict[str, str], config: Path | None = None) -> list[str]:
    with pytest.raises(SettingsError) as refusal:
        load(flags, environ, config)
    return str(refusal.value).split("; ")


def a_file(folder: Path, text: str, name: str = "coopkg.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


#: For each setting: a value for the default, the file, the environment and a flag, as text and as it is read.
LADDER: dict[str, tuple[object, tuple[str, object], tuple[str, object], tuple[str, object]]] = {
    "state": (None, ("/a", Path("/a")), ("/b", Path("/b")), ("/c", Path("/c"))),
    "content": (None, ("/a", Path("/a")), ("/b", Path("/b")), ("/c", Path("/c"))),
    "host": ("127.0.0.1", ("::1", "::1"), ("b.example", "b.example"), ("0.0.0.0", "0.0.0.0")),  # noqa: S104  # only a text
    "port": (8080, ("1", 1), ("2", 2), ("0", 0)),
    "public_url": (
        "",
        ("https://a.example", "https://a.example/"),
        ("HTTP://B.example:81/", "http://b.example:81/"),
        ("http://[::1]:8080", "http://[::1]:8080/"),
    ),
    "threads": (32, ("1", 1), ("2", 2), ("256", 256)),
    "query_max_bytes": (65536, ("1", 1), ("2", 2), ("3", 3)),
    "fast_s": (0.5, ("0.1", 0.1), ("2", 2.0), ("60", 60.0)),
    "deadline_s": (10.0, ("0.1", 0.1), ("2.50", 2.5), ("3600", 3600.0)),
    "deadline_max_s": (60.0, ("0.1", 0.1), ("2", 2.0), ("3600", 3600.0)),
    "queue_s": (2.0, ("0", 0.0), ("0.5", 0.5), ("60", 60.0)),
    "fast_workers": (2, ("1", 1), ("3", 3), ("64", 64)),
    "slow_workers": (2, ("1", 1), ("3", 3), ("64", 64)),
    "spare_workers": (2, ("0", 0), ("3", 3), ("64", 64)),
    "worker_memory_mb": (1024, ("64", 64), ("65", 65), ("1048576", 1_048_576)),
    "answer_max_mb": (100, ("1", 1), ("2", 2), ("1048576", 1_048_576)),
    "known_answers_mb": (64, ("0", 0), ("1", 1), ("1048576", 1_048_576)),
    "warm_up": ("on", ("off", "off"), ("on", "on"), ("off", "off")),
    "memory_statements": (None, ("0", 0), ("1", 1), ("1000000000000", 10**12)),
    "client_seconds": (20.0, ("0.1", 0.1), ("30", 30.0), ("1000000000", 1e9)),
    "connections_per_client": (64, ("1", 1), ("65", 65), ("1000", 1_000)),
    "trusted_proxies": ("", ("10.0.0.0/8", "10.0.0.0/8"), ("::1/128, 10.0.0.1", "::1/128, 10.0.0.1"), ("", "")),
    "access_log": ("on", ("off", "off"), ("on", "on"), ("off", "off")),
    "writes": ("off", ("on", "on"), ("off", "off"), ("on", "on")),
    "document_max_mb": (10, ("1", 1), ("2", 2), ("1024", 1_024)),
    "sandbox": ("required", ("optional", "optional"), ("required", "required"), ("optional", "optional")),
    "imprint": ("required", ("optional", "optional"), ("required", "required"), ("optional", "optional")),
    "publisher_name": ("", ("Une association", "Une association"), ("É", "É"), (" a ", "a")),
    "publisher_kind": ("", ("company", "company"), ("academia", "academia"), ("association", "association")),
    "publisher_address": ("", ("1 rue A", "1 rue A"), ("2 rue A", "2 rue A"), ("3 rue A", "3 rue A")),
    "publisher_phone": ("", ("01", "01"), ("+33 1", "+33 1"), ("02", "02")),
    "publication_director": ("", ("A", "A"), ("B", "B"), ("C", "C")),
    "contact_url": (
        "",
        ("https://example.org/", "https://example.org/"),
        ("mailto:a@example.org", "mailto:a@example.org"),
        ("http://example.org", "http://example.org"),
    ),
    "hosting_name": ("", ("A", "A"), ("B", "B"), ("C", "C")),
    "hosting_address": ("", ("A", "A"), ("B", "B"), ("C", "C")),
    "hosting_phone": ("", ("1", "1"), ("2", "2"), ("3", "3")),
    "keep_generations": (3, ("1", 1), ("2", 2), ("100", 100)),
    "dump_every_h": (24, ("0", 0), ("1", 1), ("8760", 8_760)),
    "keep_dumps": (5, ("1", 1), ("2", 2), ("1000", 1_000)),
    "signing_key": (None, ("/a", Path("/a")), ("/b", Path("/b")), ("/c", Path("/c"))),
    "lang": ("fr", ("en", "en"), ("fr", "fr"), ("en", "en")),
}


@pytest.mark.parametrize("name", LADDER)
def test_the_flag_wins_over_the_environment_over_the_file_over_the_default(tmp_path: Path, name: str) -> None:
    default, (in_file, from_file), (in_environ, from_environ), (in_flag, from_flag) = LADDER[name]
    config = a_file(tmp_path, f'{name} = "{in_file}"')
    environ, flags = {env_name(name): in_environ}, {name: in_flag}
    assert getattr(load({}, {}), name) == default
    assert getattr(load({}, {}, config), name) == from_file
    assert getattr(load({}, environ, config), name) == from_environ
    assert getattr(load(flags, environ, config), name) == from_flag
    assert getattr(load({name: None}, environ, config), name) == from_environ


def test_every_setting_has_a_ladder_here_and_a_row_in_the_table() -> None:
    rows = table()
    assert [row[0] for row in rows] == list(LADDER)
    assert [row[2] for row in rows] == ["" if LADDER[row[0]][0] is None else str(LADDER[row[0]][0]) for row in rows]
    assert all(row[1] == f"COOPKG_{row[0].upper()}" and row[3] for row in rows)


def test_numbers_of_the_file_need_no_quotes(tmp_path: Path) -> None:
    assert load({}, {}, a_file(tmp_path, "port = 1")).port == 1
    assert load({}, {}, a_file(tmp_path, "deadline_s = 7.5")).deadline_s == 7.5
    assert load({}, {}, a_file(tmp_path, "deadline_s = 7")).deadline_s == 7.0


@pytest.mark.parametrize("value", ["true", "[1.5]", "2015-03-24", "nan", "inf", "-1.5"])
def test_seconds_of_the_file_must_be_a_text_or_a_number(tmp_path: Path, value: str) -> None:
    (fault,) = faults({}, {}, a_file(tmp_path, f"deadline_s = {value}"))
    assert " must be " in fault
    assert "number" in fault


def test_the_environment_may_name_the_file_and_the_argument_wins(tmp_path: Path) -> None:
    one, two = a_file(tmp_path, "port = 1", "one.toml"), a_file(tmp_path, "port = 2", "two.toml")
    assert load({}, {"COOPKG_CONFIG": str(one)}).port == 1
    assert load({}, {"COOPKG_CONFIG": str(one)}, two).port == 2
    assert load({}, {"COOPKG_CONFIG": ""}).port == 8080


WRONG = {
    "state": ["", " ", "a\0b", "~nobody-of-this-name/x"],
    "content": ["", "\0"],
    "host": ["", "  "],
    "port": ["-1", "65536", "x", "", "80.0", "0x50", "1_000", " 80", "٨٠", "+80", "true", "9" * 5_000],
    "threads": ["0", "257"],
    "query_max_bytes": ["0", "10485761"],
    "fast_s": ["0", "0.04", "61", "-1", "nan", "inf", "1e1", "1_0", " 1", "1,5", "٨", "x", ".5", "1."],
    "deadline_s": ["0", "3601", "nan"],
    "deadline_max_s": ["0", "3601", "nan"],
    "queue_s": ["-0.1", "61"],
    "fast_workers": ["0", "65", "1.0"],
    "slow_workers": ["0", "65"],
    "spare_workers": ["-1", "65"],
    "worker_memory_mb": ["63", "1048577"],
    "answer_max_mb": ["0", "1048577"],
    "known_answers_mb": ["-1", "1048577", "1.5"],
    "warm_up": ["yes", ""],
    "memory_statements": ["-1", "1000000000001"],
    "client_seconds": ["0", "nan"],
    "trusted_proxies": ["10.0.0.0/33", "localhost", "10.0.0.1/8", "10.0.0.0/8;::1"],
    "access_log": ["yes", "", "ON"],
    "sandbox": ["off", ""],
    "imprint": ["off", ""],
    "publisher_kind": ["", "club", "Association"],
    "publisher_name": ["", " ", "a\nb", "a\0", "\u202eab", "a\ud800", "x" * 301],
    "contact_url": [
        *("", "javascript:alert(1)", "data:text/html,x", "ftp://example.org", "example.org", "https://", "mailto:"),
        *("mailto:a", "mailto:a@", "https://exa mple.org", 'https://e.org/"><script>', "HTTPS://example.org"),
        *("https://e.org/\u202e", "https://e.org/\n", f"https://e.org/{'x' * 300}"),
    ],
    "keep_generations": ["0", "101"],
    "lang": ["de", "FR", ""],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_value_is_refused_with_where_it_was_given_and_what_is_allowed(name: str, value: str) -> None:
    (fault,) = faults({}, {env_name(name): value})
    assert fault.startswith(f"{env_name(name)}: {value!r} must ") or "home folder" in fault
    assert "invalid literal" not in fault


@pytest.mark.parametrize("value", ["true", "1.5", "[1]", "{ a = 1 }", "2015-03-24", '["/a"]'])
@pytest.mark.parametrize("name", [name for name in LADDER if not isinstance(LADDER[name][0], float)])
def test_a_value_of_the_file_must_be_a_text_or_a_whole_number(tmp_path: Path, name: str, value: str) -> None:
    (fault,) = faults({}, {}, a_file(tmp_path, f"{name} = {value}"))
    assert fault.startswith(f"{tmp_path / 'coopkg.toml'}: {name}: ")
    assert fault.endswith(" must be a text or a whole number")


def test_every_wrong_value_and_unknown_name_is_told_at_once(tmp_path: Path) -> None:
    config = a_file(tmp_path, 'port = 99999\nlang = "de"\nprot = 1\n[server]\nport = 1')
    environ = {"COOPKG_THREADS": "0", "COOPKG_POTR": "1", "COOPKG_LANG": "fr", "PATH": "/bin", "COOPKG": "x"}
    assert faults({"keep_generations": "0", "port": "80"}, environ, config) == [
        f"{config}: prot is not a setting",
        "see docs/settings.md",
        f"{config}: server is not a setting",
        "see docs/settings.md",
        "environment: COOPKG_POTR is not a setting",
        "see docs/settings.md",
        f"{config}: port: 99999 must be a whole number between 0 and 65535",
        "COOPKG_THREADS: '0' must be a whole number between 1 and 256",
        "--keep-generations: '0' must be a whole number between 1 and 100",
        f"{config}: lang: 'de' must be fr or en",
    ]


def test_variables_for_tests_are_ignored() -> None:
    assert load({}, {"COOPKG_TEST_ANYTHING": "x", "COOPKG_TEST_": "", "coopkg_port": "1"}) == Settings()
    assert faults({}, {"COOPKG_TESTS": "x"})[0] == "environment: COOPKG_TESTS is not a setting"


@pytest.mark.parametrize("content", [b"port =", b"\xff", b"port = 1\nport = 2", None])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "coopkg.toml"
    if content is not None:
        path.write_bytes(content)
    found = faults({}, {"COOPKG_PORT": "x"}, path)
    assert found[0].startswith(f"{path}: cannot be read as TOML (")
    assert found[1].startswith("COOPKG_PORT: 'x'")


def test_a_folder_may_begin_with_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load({}, {}, a_file(tmp_path, 'state = "~/graph"')).state == tmp_path / "graph"


def test_the_state_folder_follows_the_xdg_standard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    home = tmp_path / ".local" / "state" / "coopkg"
    assert Settings().state_folder({"XDG_STATE_HOME": "/xdg"}) == Path("/xdg/coopkg")
    assert Settings().state_folder({"XDG_STATE_HOME": "relative"}) == home
    assert Settings().state_folder({}) == home
    assert load({"state": "/a"}, {}).state_folder({"XDG_STATE_HOME": "/xdg"}) == Path("/a")


def test_the_content_folder_is_what_is_installed_unless_given() -> None:
    assert Settings().content_folder() == shipped()
    assert load({"content": "/a"}, {}).content_folder() == Path("/a")
