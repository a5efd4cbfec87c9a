"""Short links: queries that are kept for ever under a name made of their content.

    {state}/links/{id}.rq

The only module that reads and writes these files. The same text has the same link; what is kept never changes.
Whether a text is a query is for the caller to say.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from coopkg.errors import DiskFullError, InputError, LinksFull

#: The longest query that the endpoint reads by default.
MAX_BYTES = 1 << 16
#: Each is a file that somebody unknown asked for. So many are listed in some 20 ms, whenever a new one is kept.
MAX_LINKS = 10_000
#: What they may take of the disk that the journal needs, too.
MAX_BYTES_IN_ALL = 1 << 26
#: 60 bits: two of 10,000 texts share one by chance in 1 of 10^10 cases; then the second one gets a longer name.
_SHORTEST = 12
_NAME = re.compile("[a-z2-7]{12,52}")
_SUFFIX = ".rq"


class Links:
    """The short links of a state folder."""

    def __init__(self, folder: Path, max_links: int = MAX_LINKS, max_bytes_in_all: int = MAX_BYTES_IN_ALL) -> None:
        self._folder = folder
        self._max_links = max_links
        self._max_bytes_in_all = max_bytes_in_all
        self._keeping = threading.Lock()

    def are_offered(self) -> bool:
        """Return whether a link could be kept: the folder, or the one that it would be made in, can be written."""
        folder = self._folder if os.path.lexists(self._folder) else self._folder.parent
        return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)

    def keep(self, text: str) -> str:
        """Keep a query and return its link, the one that it has already where it was kept before.

        Raises:
            InputError: the text is too long.
            LinksFull: there are as many as this server keeps.
            DiskFullError: the folder cannot be written.
        """
        content = text.encode()
        if len(content) > MAX_BYTES:
            raise InputError(f"the query is {len(content):,} bytes long; a short link keeps at most {MAX_BYTES:,}")
        try:
            with self._keeping:
                return self._kept(content)
        except OSError as fault:
            raise DiskFullError(f"{self._folder}: a link cannot be kept ({fault}); free some room") from fault

    def text(self, link: str) -> str | None:
        """Return the query that a link stands for; None when there is none, or nothing that can be read."""
        if not _NAME.fullmatch(link):
            return None
        try:
            return (self._folder / f"{link}{_SUFFIX}").read_bytes().decode()
        except (OSError, UnicodeDecodeError):
            return None

    def _kept(self, content: bytes) -> str:
        for link in _candidates(content):
            path = self._folder / f"{link}{_SUFFIX}"
            if not path.exists():
                self._refuse_more(len(content))
                self._write(path, content)
            if path.read_bytes() == content:
                return link
        raise AssertionError("two texts with one SHA-256")

    def _refuse_more(self, more_bytes: int) -> None:
        if not self._folder.exists():
            return
        with os.scandir(self._folder) as entries:
            sizes = [entry.stat().st_size for entry in entries if entry.name.endswith(_SUFFIX)]
        if len(sizes) >= self._max_links or sum(sizes) + more_bytes > self._max_bytes_in_all:
            raise LinksFull(
                f"this server keeps {self._max_links:,} short links or {self._max_bytes_in_all >> 20} MB of them, and "
                "has as many; share the long address instead, or tell who runs it"
            )

    def _write(self, path: Path, content: bytes) -> None:
        """Write a file that appears whole or not at all; one that appeared meanwhile stays as it is."""
        self._folder.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._folder, prefix=".new-") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            try:
                os.link(file.name, path)
            except FileExistsError:
                return


def _candidates(content: bytes) -> Iterator[str]:
    """Yield the names that a content may have, shortest first."""
    name = base64.b32encode(hashlib.sha256(content).digest()).decode("ascii").lower().rstrip("=")
    for length in range(_SHORTEST, len(name) + 1):
        yield name[:length]
