"""An error told from one process to another, and heard there as the same error."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from coopkg.errors import CoopkgError
from coopkg.findings import Finding, Tier


def told(error: CoopkgError) -> dict[str, Any]:
    """Return an error as members of a JSON object: its code, its message, what else it carries."""
    carried = {name: _plain(value) for name, value in vars(error).items()}
    return {**carried, "code": error.code, "message": str(error)}


def heard(said: Mapping[str, Any]) -> CoopkgError:
    """Return the error that was told; a CoopkgError when its code is not known here.

    >>> from coopkg.errors import QueryError
    >>> heard(told(QueryError("line 1, column 7: not understood", 1, 7))).column
    7
    """
    kinds = {kind.code: kind for kind in _kinds(CoopkgError)}
    error = kinds.get(said["code"], CoopkgError).__new__(kinds.get(said["code"], CoopkgError))
    Exception.__init__(error, said["message"])
    for name in said.keys() - {"code", "message"}:
        value = said[name]
        setattr(error, name, tuple(map(finding_of, value)) if name == "findings" else value)
    return error


def finding_of(said: Mapping[str, Any]) -> Finding:
    """Return the finding that `dataclasses.asdict` and JSON made of one."""
    members: dict[str, Any] = {
        name: tuple(map(tuple, value)) if isinstance(value, list) else value for name, value in said.items()
    }
    return Finding(**{**members, "tier": Tier(said["tier"])})


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [dataclasses.asdict(item) if isinstance(item, Finding) else item for item in value]
    return value


def _kinds(root: type[CoopkgError]) -> Iterator[type[CoopkgError]]:
    yield root
    for kind in root.__subclasses__():
        yield from _kinds(kind)
