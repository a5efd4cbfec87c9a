"""The tokens of a state folder: who may write, which graphs, and until when.

A token is told once, as `id.secret`; what is kept is the SHA-256 of its secret. The only module that reads and writes
`tokens.json`, under a lock of its own: tokens come and go while a server holds the write lock. Source: ADR 0015.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import hmac
import json
import os
import re
import secrets
import string
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from coopkg import names, negotiation
from coopkg.editions import fsync_folder
from coopkg.errors import DiskFullError, InputError, StateDamaged, Unauthorised

DAYS, DAYS_MAX = 90, 366
_FILE, _LOCK = "tokens.json", "tokens.lock"
_ID_LENGTH, _SECRET_BYTES = 10, 32
_LETTERS = string.ascii_lowercase + string.digits
_ID = re.compile("[a-z0-9]{8,12}")
_NAME = re.compile("[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?")
_DIGEST = re.compile("[0-9a-f]{64}")
_BEARER = re.compile(r"bearer +([a-z0-9]{8,12})\.([A-Za-z0-9_-]{43})", re.IGNORECASE)
_SHORT = "graph/"
_NOBODY = hashlib.sha256(b"").hexdigest()  # what a secret without a token is compared with


@dataclass(frozen=True, slots=True)
class Token:
    """What is kept of a token.

    Args:
        id: names it, and is no secret.
        name: a role, never a person: the author of the revisions that it makes.
        scopes: patterns of the IRIs of graphs that may change; `*` stands for any characters.
        sha256: of its secret, in hexadecimal digits.
        created, expires: in UTC, to the second.
        revoked: when it was taken back, or None.
    """

    id: str
    name: str
    scopes: tuple[str, ...]
    sha256: str
    created: datetime
    expires: datetime
    revoked: datetime | None = None

    def standing(self, now: datetime) -> str:
        """Return valid, expired or revoked. One from the future is valid: a clock may have gone backwards."""
        if self.revoked is not None:
            return "revoked"
        return "expired" if now >= self.expires else "valid"


def _utc() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


class Tokens:
    """The tokens of a state folder; a change by another process counts from the next look.

    Args:
        state: the state folder.
        now: the clock.
    """

    def __init__(self, state: Path, now: Callable[[], datetime] = _utc) -> None:
        self._state = state
        self._path = state / _FILE
        self._now = now
        self._read: tuple[tuple[int, int, int], dict[str, Token]] | None = None
        self._reading = threading.Lock()

    def check(self, authorization: str) -> Token:
        """Return the token of an Authorization header.

        Raises:
            Unauthorised: it is not `Bearer ID.SECRET`, or no token that counts; never repeats what was sent.
            StateDamaged: the file of tokens is not what was written: none counts.
        """
        known = self._known()
        sent = _BEARER.fullmatch(authorization.strip(" "))
        if sent is None:
            raise Unauthorised(
                "the Authorization header is not of the form 'Bearer ID.SECRET'; send the token as it was given"
            )
        token = known.get(sent[1])
        kept = token.sha256 if token else _NOBODY
        is_right = hmac.compare_digest(hashlib.sha256(sent[2].encode()).hexdigest(), kept)
        if token is None or not is_right:
            raise Unauthorised("this token is not known here; ask who runs the server for one")
        if token.revoked is not None:
            raise Unauthorised(
                f"this token was revoked on {token.revoked:%Y-%m-%d}; ask who runs the server for another"
            )
        if token.standing(self._now()) == "expired":
            raise Unauthorised(f"this token expired on {token.expires:%Y-%m-%d}; ask who runs the server for another")
        return token

    def all(self) -> list[tuple[Token, str]]:
        """Return all tokens, each with its standing, the oldest first.

        Raises:
            StateDamaged: the file of tokens is not what was written.
        """
        now = self._now()
        return [(token, token.standing(now)) for token in sorted(self._known().values(), key=lambda one: one.created)]

    def add(self, name: str, scopes: Sequence[str], days: int = DAYS) -> tuple[Token, str]:
        """Make a token; return it, and `id.secret`, which nobody can tell again.

        Args:
            name: a role, in lower-case letters, digits and hyphens.
            scopes: patterns of graphs, by their whole IRI or from `graph/` on; `*` alone is any graph.
            days: how long it counts, 1 to 366.
        Raises:
            InputError: one of these is not of its form.
            StateDamaged, DiskFullError: nothing was changed.
        """
        if not _NAME.fullmatch(name):
            raise InputError(
                f"{name!r}: name a role in 1 to 64 lower-case letters, digits and hyphens, such as redaction-fonda"
            )
        if not scopes:
            raise InputError("name at least one graph that may change, or '*' for any")
        if not 1 <= days <= DAYS_MAX:
            raise InputError(f"{days} days: a token counts for 1 to {DAYS_MAX} days")
        secret, now = secrets.token_urlsafe(_SECRET_BYTES), self._now()
        with self._changing() as known:
            free = (_random_id() for _ in iter(int, 1))
            number = next(one for one in free if one not in known)
            digest = hashlib.sha256(secret.encode()).hexdigest()
            token = Token(number, name, tuple(map(_pattern, scopes)), digest, now, now + timedelta(days=days))
            known[number] = token
        return token, f"{number}.{secret}"

    def revoke(self, number: str) -> Token:
        """Take a token back, for good; return it. One that was revoked before stays as it was.

        Raises:
            InputError: there is none of this id.
            StateDamaged, DiskFullError: nothing was changed.
        """
        with self._changing() as known:
            if number not in known:
                raise InputError(f"{number!r}: there is no such token; 'coopkg token list' names all of them")
            if known[number].revoked is None:
                known[number] = replace(known[number], revoked=self._now())
            return known[number]

    def _known(self) -> dict[str, Token]:
        """Return the tokens by their ids, read anew when the file is another."""
        with self._reading:
            try:
                found = self._path.stat()
            except FileNotFoundError:
                return {}
            except OSError as fault:
                raise self._damaged(str(fault.strerror)) from fault
            seal = (found.st_mtime_ns, found.st_ino, found.st_size)
            if self._read is None or self._read[0] != seal:
                self._read = seal, self._parsed()
            return self._read[1]

    def _parsed(self) -> dict[str, Token]:
        try:
            tokens = [_of_json(one) for one in json.loads(self._path.read_text(encoding="utf-8"))["tokens"]]
        except OSError as fault:
            raise self._damaged(str(fault.strerror)) from fault
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as fault:
            raise self._damaged(type(fault).__name__) from fault
        known = {token.id: token for token in tokens}
        if len(known) != len(tokens):
            raise self._damaged("an id stands twice")
        return known

    def _damaged(self, why: str) -> StateDamaged:
        return StateDamaged(
            f"{self._path}: cannot be read as the tokens that were written ({why}): none counts; put back a "
            "copy, or move it away and make new tokens with 'coopkg token add'"
        )

    @contextlib.contextmanager
    def _changing(self) -> Iterator[dict[str, Token]]:
        """Give the tokens as they are now, to be changed; then write them, under the lock of the file."""
        try:
            self._state.mkdir(parents=True, exist_ok=True)
            lock = os.open(self._state / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as fault:
            raise DiskFullError(
                f"{self._state}: cannot be written ({fault.strerror}); choose another with --state"
            ) from fault
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            known = dict(self._known())
            yield known
            self._write(known)
        finally:
            os.close(lock)

    def _write(self, known: dict[str, Token]) -> None:
        content = json.dumps({"tokens": [_to_json(token) for token in known.values()]}, indent=1)
        coming = self._path.with_suffix(".new")
        try:
            coming.unlink(missing_ok=True)  # of a process that was killed; we hold the lock
            coming.touch(0o600, exist_ok=False)  # nobody else reads it at any moment
            with coming.open("w", encoding="utf-8") as file:
                file.write(f"{content}\n")
                file.flush()
                os.fsync(file.fileno())
            coming.rename(self._path)
            fsync_folder(self._state)
        except OSError as fault:
            raise DiskFullError(
                f"{self._path}: cannot be written ({fault.strerror}); the tokens are as before"
            ) from fault


def _random_id() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_ID_LENGTH))


def _pattern(given: str) -> str:
    """Return a pattern of whole IRIs.

    >>> _pattern("graph/fonda-*")
    'https://w3id.org/coopkg/graph/fonda-*'
    """
    pattern = names.BASE + given if given.startswith(_SHORT) else given
    if pattern != "*" and not (pattern.startswith(("http://", "https://")) and negotiation.is_absolute_iri(pattern)):
        raise InputError(
            f"{given!r}: give graphs from graph/ on, such as graph/fonda-*, by their whole IRI, or '*' for any"
        )
    if "?" in pattern or "[" in pattern:  # what matches patterns would take them for other letters
        raise InputError(f"{given!r}: of the letters of a pattern only '*' stands for others; leave '?' and '[' out")
    return pattern


def _to_json(token: Token) -> dict[str, object]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(token).items()}


def _of_json(kept: dict[str, object]) -> Token:
    """Return a token as it was written.

    Raises:
        ValueError, TypeError, KeyError, AttributeError: it was written otherwise.
    """
    if set(kept) != {one.name for one in fields(Token)}:
        raise ValueError("other members")
    texts = {name: str(kept[name]) for name in ("id", "name", "sha256")}
    scopes = kept["scopes"]
    if not isinstance(scopes, list) or not scopes or not all(isinstance(one, str) and one for one in scopes):
        raise ValueError("scopes")
    if not (_ID.fullmatch(texts["id"]) and _NAME.fullmatch(texts["name"]) and _DIGEST.fullmatch(texts["sha256"])):
        raise ValueError("a text of another form")
    revoked = None if kept["revoked"] is None else _moment(kept["revoked"])
    return Token(
        **texts,
        scopes=tuple(scopes),
        created=_moment(kept["created"]),
        expires=_moment(kept["expires"]),
        revoked=revoked,
    )


def _moment(kept: object) -> datetime:
    moment = datetime.fromisoformat(str(kept))
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment
