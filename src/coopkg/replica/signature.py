"""The signature of a manifest, checked: the only module of the replica that calls cryptography."""

from __future__ import annotations

from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from coopkg.errors import InputError, ReplicaError


class Key:
    """The public key of an operator.

    Args:
        path: a PEM file of an Ed25519 key.
    Raises:
        InputError: it is no such file.
    """

    def __init__(self, path: Path) -> None:
        try:
            key = load_pem_public_key(path.read_bytes())
        except OSError as fault:
            raise InputError(f"{path}: cannot be read ({fault.strerror})") from fault
        except (ValueError, UnsupportedAlgorithm) as fault:
            raise InputError(f"{path}: is no public key in PEM; ask the operator of the original for it") from fault
        if not isinstance(key, Ed25519PublicKey):
            raise InputError(f"{path}: is no Ed25519 key, which manifests are signed with")
        self._key = key

    def refuse_unless_signed(self, body: bytes, signature: bytes, where: str) -> None:
        """Raise unless a text was signed by this key.

        Args:
            signature: raw, 64 bytes.
            where: how messages name the text.
        Raises:
            ReplicaError: it was not.
        """
        try:
            self._key.verify(signature, body)
        except InvalidSignature as fault:
            raise ReplicaError(f"{where}: was not signed by the key that is given; nothing of it is used") from fault
