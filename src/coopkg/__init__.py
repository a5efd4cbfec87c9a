"""coopkg: the open knowledge graph of cooperation projects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coopkg.graph import Graph

__all__ = ["Graph"]


def __getattr__(name: str) -> Any:
    # Loaded when it is asked for: a worker process needs a tenth of what judging and inferring load.
    if name == "Graph":
        from coopkg.graph import Graph

        return Graph
    raise AttributeError(f"module 'coopkg' has no attribute {name!r}")
