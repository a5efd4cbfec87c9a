"""coopkg: the open knowledge graph of cooperation projects."""

from coopkg.graph import Graph

__all__ = ["Graph"]
