"""What a dump holds: the manifest that is published with it, and where dumps lie in a state folder.

Read by whoever makes dumps, serves them, describes them in the catalogue, or follows them from elsewhere (ADR 0022).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from coopkg.errors import StateDamaged

MANIFEST = "manifest.json"
#: Raw Ed25519 over the bytes of the manifest; only where the operator has a key.
SIGNATURE = f"{MANIFEST}.sig"
#: The operator's public key, and the folder of named graphs; both in the folder of all dumps.
PUBLIC_KEY = "key.pem"
GRAPHS = "graphs"
#: The name of a dump: the day on which its revision was accepted, and that revision.
NAME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}-r(0|[1-9][0-9]*)")


@dataclass(frozen=True, slots=True)
class File:
    """A file of a dump.

    Args:
        name: below the folder of the dump; of a named graph, below the folder of all dumps.
        media_type: of what it holds, once uncompressed.
        compression: "gzip", "zstd" or "".
        size: in bytes, as it is sent.
        sha256, sha512: of the same bytes, in hexadecimal.
        rows: statements, or rows of a table; 0 where nothing is counted.
        graph: the named graph that it holds; "" for all of them, or for a table.
    """

    name: str
    media_type: str
    compression: str
    size: int
    sha256: str
    sha512: str
    rows: int = 0
    graph: str = ""


@dataclass(frozen=True, slots=True)
class Dump:
    """A dump.

    Args:
        revision, head: the revision, and the hash that the journal has for it.
        time: when the revision was accepted (ISO 8601, UTC).
        digest: that of the generation: over the digests of its named graphs.
        canonical_sha256: that of the canonical N-Quads of all asserted graphs, which RDFC-1.0 gives as well.
        statements: how many are asserted.
        made: when the dump was made (ISO 8601, UTC).
        files: those of this dump.
        graphs: one file a named graph, shared by all dumps in which it is the same.
        graph_digests: the digest of each named graph (SHA-256 of its canonical N-Quads).
    """

    revision: int
    head: str
    time: str
    digest: str
    canonical_sha256: str
    statements: int
    made: str
    files: tuple[File, ...]
    graphs: tuple[File, ...]
    graph_digests: Mapping[str, str]

    @property
    def name(self) -> str:
        """The name of its folder."""
        return f"{self.time[:10]}-r{self.revision}"

    def file(self, name: str) -> File | None:
        """Return one of its own files by its name; None when there is none."""
        return next((file for file in self.files if file.name == name), None)

    def to_json(self) -> str:
        """Return the text of its manifest."""
        return json.dumps(asdict(self), indent=1, sort_keys=True, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the dump that a manifest tells of; members that are not known are passed over.

        Raises:
            ValueError: it is none.
        """
        try:
            members: dict[str, Any] = json.loads(text)
            files, graphs = (tuple(_file(one) for one in members.pop(part)) for part in ("files", "graphs"))
            known = {name: members[name] for name in cls.__dataclass_fields__ if name not in ("files", "graphs")}
            return cls(**known, files=files, graphs=graphs)
        except (KeyError, TypeError, AttributeError) as fault:
            raise ValueError(f"no manifest of a dump: {fault}") from fault


def folder_of(state: Path) -> Path:
    """Return the folder of all dumps of a state folder; it need not be there."""
    return state / "dumps"


def latest(state: Path) -> Dump | None:
    """Return the dump of the highest revision; None when there is none.

    Raises:
        StateDamaged: its manifest cannot be read.
    """
    found = [path for path in folder_of(state).glob("*-r*") if NAME.fullmatch(path.name)]
    newest = max(found, key=lambda path: int(path.name.rpartition("r")[2]), default=None)
    return read(newest) if newest else None


def read(folder: Path) -> Dump:
    """Return what the dump of a folder holds.

    Raises:
        StateDamaged: its manifest cannot be read.
    """
    try:
        return Dump.from_json((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise StateDamaged(f"{folder / MANIFEST}: cannot be read ({fault}); remove {folder} and dump again") from fault


def _file(members: Mapping[str, Any]) -> File:
    return File(**{name: members[name] for name in File.__dataclass_fields__ if name in members})
