"""The settings: one table, read once at the door.

A value comes from the first that has it: the command line, the environment (`COOPKG_...`), the TOML file that
`COOPKG_CONFIG` or `--config` names, the default. docs/settings.md describes each (a test compares).
"""

from __future__ import annotations

import ipaddress
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from coopkg.errors import SettingsError
from coopkg.resources import shipped

_LINE_MAX = 300
#: Of the characters of an address: none that ends an attribute, none that is not seen.
_ORIGIN = re.compile(r"https?://(?:[0-9a-z-]+(?:\.[0-9a-z-]+)*|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?/?")
_CONTACT = re.compile(r"(?:https?://[0-9A-Za-z\[]|mailto:[0-9A-Za-z._%+-]+@)[!#-;=?-~]+")

#: Kinds of publishers; what portals call them is said in the catalogue.
PUBLISHER_KINDS = ("association", "company", "local-authority", "regional-authority", "national-authority", "academia")


def _setting(default: Any, read: Callable[[str], Any], help_text: str) -> Any:
    return field(default=default, metadata={"read": read, "help": help_text})


def _integer(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        # Not int() alone: it also takes spaces, underscores, signs and the digits of other scripts.
        if not re.fullmatch("[0-9]{1,18}", text) or not low <= int(text) <= high:
            raise ValueError(f"must be a whole number between {low} and {high}")
        return int(text)

    return read


def _seconds(low: float, high: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        # Not float() alone: it also takes spaces, underscores, signs, exponents and "nan".
        if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,12})?", text) or not low <= float(text) <= high:
            raise ValueError(f"must be a number between {low:g} and {high:g}")
        return float(text)

    return read


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"must be {' or '.join(choices)}")
        return text

    return read


def _networks(text: str) -> str:
    for network in filter(None, text.split(",")):
        try:
            ipaddress.ip_network(network.strip())
        except ValueError as fault:
            raise ValueError(f"must be networks such as 10.0.0.0/8, by commas ({fault})") from fault
    return text


def _language(text: str) -> str:
    if text not in ("fr", "en"):
        raise ValueError("must be fr or en")
    return text


def _host(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    return text


def _line(text: str) -> str:
    if not text.strip() or len(text) > _LINE_MAX or not text.isprintable():
        raise ValueError(f"must be one line of 1 to {_LINE_MAX} characters that can be printed")
    return text.strip()


def _origin(text: str) -> str:
    # Pages link to one another from the root, so a site has an origin of its own.
    if not _ORIGIN.fullmatch(text.lower()):
        raise ValueError("must be where the site is reached, such as https://coop.example, without a path")
    return f"{text.lower().rstrip('/')}/"


def _contact(text: str) -> str:
    if not _CONTACT.fullmatch(text) or len(text) > _LINE_MAX:
        raise ValueError("must be an address that begins with https://, http:// or mailto:")
    return text


def _folder(text: str) -> Path:
    return _path(text, "a folder")


def _file(text: str) -> Path:
    return _path(text, "a file")


def _path(text: str, kind: str) -> Path:
    if not text.strip() or "\0" in text:
        raise ValueError(f"must be the path of {kind}")
    try:
        return Path(text).expanduser()  # the shell does it for flags, nobody for a TOML file
    except RuntimeError as fault:
        raise ValueError("names a home folder that is not known") from fault


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, with its default."""

    state: Path | None = _setting(
        None, _folder, "folder of the journal and the published graph [default: XDG state folder]"
    )
    content: Path | None = _setting(
        None, _folder, "folder that holds ontology/, shapes/ and data/ [default: what is installed]"
    )
    host: str = _setting("127.0.0.1", _host, "address to listen on")
    port: int = _setting(8080, _integer(0, 65535), "port to listen on; 0 picks a free one")
    public_url: str = _setting(
        "", _origin, "where others reach this site, as https://coop.example [default: as each request names it]"
    )
    threads: int = _setting(32, _integer(1, 256), "threads that answer requests; more than places and queue together")
    query_max_bytes: int = _setting(65536, _integer(1, 10_485_760), "longest SPARQL text that is read, in bytes")
    fast_s: float = _setting(0.5, _seconds(0.05, 60), "seconds that a query may take in a fast place")
    deadline_s: float = _setting(10.0, _seconds(0.1, 3600), "seconds after which a query is stopped")
    deadline_max_s: float = _setting(60.0, _seconds(0.1, 3600), "longest deadline that a request may ask for")
    queue_s: float = _setting(2.0, _seconds(0.0, 60), "seconds that a request waits for a free place")
    fast_workers: int = _setting(2, _integer(1, 64), "queries in fast places at once")
    slow_workers: int = _setting(2, _integer(1, 64), "queries in slow places at once")
    spare_workers: int = _setting(2, _integer(0, 64), "workers that stand ready beyond the fast places")
    worker_memory_mb: int = _setting(1024, _integer(64, 1_048_576), "memory that one query may take, in MB")
    answer_max_mb: int = _setting(100, _integer(1, 1_048_576), "longest answer, in MB")
    known_answers_mb: int = _setting(
        64, _integer(0, 1_048_576), "memory for answers that are given again without being asked, in MB; 0 for none"
    )
    warm_up: str = _setting(
        "on", _one_of("on", "off"), "whether the server asks its example queries itself after each revision"
    )
    memory_statements: int | None = _setting(
        None,
        _integer(0, 10**12),
        "largest graph held in memory, in statements; a larger one stays on disk [default: what half of the memory "
        "of this machine holds]",
    )
    client_seconds: float = _setting(20.0, _seconds(0.1, 1e9), "worker-seconds that a client may use in a minute")
    connections_per_client: int = _setting(
        64, _integer(1, 1000), "connections that an address may hold; trusted proxies are exempt"
    )
    trusted_proxies: str = _setting("", _networks, "networks of proxies whose X-Forwarded-For is believed, by commas")
    access_log: str = _setting("on", _one_of("on", "off"), "whether each request is logged to standard error")
    writes: str = _setting("off", _one_of("off", "on"), "whether the graph may be changed over HTTP, with a token")
    document_max_mb: int = _setting(10, _integer(1, 1024), "longest document or update that a write may send, in MB")
    sandbox: str = _setting("required", _one_of("required", "optional"), "whether workers must be locked")
    imprint: str = _setting(
        "required", _one_of("required", "optional"), "whether who publishes must be said to listen beyond this machine"
    )
    publisher_name: str = _setting("", _line, "who publishes this site: a name, or the name of a body")
    publisher_kind: str = _setting(
        "",
        _one_of(*PUBLISHER_KINDS),
        "of which kind the publisher is, for portals: " + ", ".join(PUBLISHER_KINDS),
    )
    publisher_address: str = _setting("", _line, "postal address of the publisher")
    publisher_phone: str = _setting("", _line, "telephone number of the publisher")
    publication_director: str = _setting("", _line, "who answers for what is published (directeur de la publication)")
    contact_url: str = _setting("", _contact, "where readers write to: https://... or mailto:...")
    hosting_name: str = _setting("", _line, "who runs the machine of this site")
    hosting_address: str = _setting("", _line, "postal address of the hosting company")
    hosting_phone: str = _setting("", _line, "telephone number of the hosting company")
    keep_generations: int = _setting(3, _integer(1, 100), "published generations that are kept on disk")
    dump_every_h: int = _setting(24, _integer(0, 8760), "hours after which the server makes another dump; 0 for never")
    keep_dumps: int = _setting(5, _integer(1, 1000), "dumps that are kept on disk")
    signing_key: Path | None = _setting(
        None, _file, "file of the private key that signs dumps [default: they are not signed]"
    )
    lang: str = _setting("fr", _language, "language of findings: fr or en")

    def state_folder(self, environ: Mapping[str, str]) -> Path:
        """Return the state folder: the setting, else `$XDG_STATE_HOME/coopkg`, else `~/.local/state/coopkg`."""
        if self.state is not None:
            return self.state
        base = environ.get("XDG_STATE_HOME", "")
        root = Path(base) if base.startswith("/") else Path.home() / ".local" / "state"
        return root / "coopkg"

    def content_folder(self) -> Path:
        """Return the folder that holds `ontology/`, `shapes/` and `data/`."""
        return self.content if self.content is not None else shipped()


def table() -> list[tuple[str, str, str, str]]:
    """Return (name, environment variable, default as text, help) of every setting, in their order."""
    return [
        (f.name, env_name(f.name), "" if f.default is None else str(f.default), f.metadata["help"])
        for f in fields(Settings)
    ]


def env_name(name: str) -> str:
    """Return the environment variable of a setting.

    >>> env_name("query_max_bytes")
    'COOPKG_QUERY_MAX_BYTES'
    """
    return f"COOPKG_{name.upper()}"


def load(flags: Mapping[str, object], environ: Mapping[str, str], config: Path | None = None) -> Settings:
    """Return the settings in force.

    Args:
        flags: from the command line, by setting name; None where not given.
        environ: the process environment.
        config: a TOML file; without it the one that COOPKG_CONFIG names, if any.
    Raises:
        SettingsError: lists every unknown or wrong setting, with where it was given.
    """
    faults: list[str] = []
    path = config or (Path(environ["COOPKG_CONFIG"]) if environ.get("COOPKG_CONFIG") else None)
    from_file = _read_file(path, faults) if path else {}
    known = {f.name: f for f in fields(Settings)}
    for name in environ:
        if (
            name.startswith("COOPKG_")
            and not name.startswith("COOPKG_TEST_")
            and name not in {*map(env_name, known), "COOPKG_CONFIG"}
        ):
            faults.append(f"environment: {name} is not a setting; see docs/settings.md")
    values: dict[str, Any] = {}
    for name, setting in known.items():
        for (
            where,
            value,
        ) in (  # the last one that is given wins; one that loses is a fault all the same when it is wrong
            (f"{path}: {name}", from_file.get(name)),
            (env_name(name), environ.get(env_name(name))),
            (f"--{name.replace('_', '-')}", flags.get(name)),
        ):
            if value is None:
                continue
            try:
                values[name] = setting.metadata["read"](_text(value, isinstance(setting.default, float)))
            except ValueError as fault:
                faults.append(f"{where}: {value!r} {fault}")
    if faults:
        raise SettingsError("; ".join(faults))
    return Settings(**values)


def _text(value: object, fraction: bool) -> str:
    if isinstance(value, float) and fraction:
        return f"{value:.12f}".rstrip("0").rstrip(".")
    if isinstance(value, bool) or not isinstance(value, str | int | Path):
        raise ValueError(f"must be a text or a {'' if fraction else 'whole '}number")
    return str(value)


def _read_file(path: Path, faults: list[str]) -> dict[str, Any]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        faults.append(f"{path}: cannot be read as TOML ({fault})")
        return {}
    known = {f.name for f in fields(Settings)}
    faults.extend(f"{path}: {name} is not a setting; see docs/settings.md" for name in content if name not in known)
    return {name: value for name, value in content.items() if name in known}
