"""`/dumps/` for people: the dated copies of the graph that are kept, what each file holds, and how to check it."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Response, current_app, g

from coopkg.dumps import manifest
from coopkg.dumps.manifest import Dump
from coopkg.settings import Settings
from coopkg.web import public
from coopkg.web.site import layout

blueprint = Blueprint("site-downloads", __name__)

_TABLES = ("projects.csv", "organisations.csv", "participations.csv", "outcomes.csv")
_CANONICAL = "coopkg.nq.gz"
_SIGNATURE = f"{manifest.MANIFEST}.sig"
_MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Summary:
    """A dump in a line of a list."""

    name: str
    revision: int
    time: str
    statements: int
    size: int

    @classmethod
    def of(cls, dump: Dump) -> Summary:
        """Return what a line says of a dump."""
        return cls(dump.name, dump.revision, dump.time, dump.statements, sum(file.size for file in dump.files))


@blueprint.get("/dumps/")
def dumps_page() -> Response:
    """Show the last dump file by file, and which others are kept."""
    folders, dump = _folders(), last()
    layout.opened()
    shown = [_key(folder) for folder in folders[:_MOST_SHOWN]]
    return layout.page(
        "dumps.html",
        dump=dump,
        tables=[file for name in _TABLES if dump and (file := dump.file(name))],
        wholes=[file for file in dump.files if file.compression] if dump else [],
        sums=[f"{file.sha256}  {file.name}" for file in dump.files] if dump else [],
        canonical=bool(dump and dump.file(_CANONICAL)),
        is_signed=bool(folders) and (folders[0] / _SIGNATURE).exists(),
        kept=[_summary(*key) for key in shown],
        hidden=len(folders) - len(shown),
        revision=g.manifest.revision,
        root=public.addresses().root,
    )


def last() -> Dump | None:
    """Return the last dump; None when there is none."""
    folders = _folders()
    return _whole(*_key(folders[0])) if folders else None


def _folders() -> list[Path]:
    """Return the folders of the dumps that are kept, the last one first."""
    settings: Settings = current_app.config["SETTINGS"]
    state = settings.state_folder(os.environ)
    found = [path for path in manifest.folder_of(state).glob("*-r*") if manifest.NAME.fullmatch(path.name)]
    return sorted(found, key=lambda path: int(path.name.rpartition("r")[2]), reverse=True)


def _key(folder: Path) -> tuple[Path, int]:
    """Return what tells whether a dump is the one that was read: after an erasure another may have its name."""
    path = folder / manifest.MANIFEST
    return folder, path.stat().st_mtime_ns if path.exists() else 0


@functools.lru_cache(maxsize=1)
def _whole(folder: Path, _: int) -> Dump:
    return manifest.read(folder)


@functools.lru_cache(maxsize=_MOST_SHOWN)
def _summary(folder: Path, _: int) -> Summary:
    return Summary.of(manifest.read(folder))
