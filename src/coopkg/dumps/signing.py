"""The operator's key: it signs manifests, so that whoever has the public key knows whose dump it is.

The only module that imports `cryptography`. A key is Ed25519 in PEM (PKCS 8), without a password, and never shown.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from coopkg.errors import InputError, SettingsError

_MAX_BYTES = 4096


class Signer:
    """Signs with a private key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @classmethod
    def read(cls, path: Path) -> Signer:
        """Return what signs with the key in a file.

        Raises:
            SettingsError: it cannot be read, holds no such key, or others may read it.
        """
        try:
            with path.open("rb") as file:
                mode, content = os.fstat(file.fileno()).st_mode, file.read(_MAX_BYTES)
        except OSError as fault:
            raise SettingsError(
                f"signing_key: {path} cannot be read ({fault.strerror}); give the path of a key"
            ) from fault
        if stat.S_IMODE(mode) & 0o077:
            raise SettingsError(f"signing_key: others than its owner may read {path}; run chmod 600 on it")
        try:
            key = load_pem_private_key(content, password=None)
        except (ValueError, TypeError) as fault:  # the cause may quote the file
            raise SettingsError(_wrong(path)) from fault.__cause__
        if not isinstance(key, Ed25519PrivateKey):
            raise SettingsError(_wrong(path))
        return cls(key)

    def signature(self, content: bytes) -> bytes:
        """Return the raw signature (64 bytes) of some bytes."""
        return self._key.sign(content)

    def public_key(self) -> bytes:
        """Return the public key as PEM."""
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def make_key(path: Path) -> Signer:
    """Make a new key in a new file that its owner alone may read, and return what signs with it.

    Raises:
        InputError: a file is there already, or none can be made.
    """
    key = Ed25519PrivateKey.generate()
    content = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as fault:
        raise InputError(f"{path}: is there already, and a key is never overwritten; choose another path") from fault
    except OSError as fault:
        raise InputError(f"{path}: cannot be written ({fault.strerror}); choose another path") from fault
    return Signer(key)


def _wrong(path: Path) -> str:
    return f"signing_key: {path} holds no Ed25519 private key in PEM; make one with 'coopkg dump --make-key PATH'"
