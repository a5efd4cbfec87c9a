"""Where the ontology, the shapes, the data and the documents that come with coopkg lie.

In a wheel they are inside the package; in a checkout they are the folders at its top.
"""

from __future__ import annotations

from pathlib import Path


def shipped() -> Path:
    """Return the folder that holds `ontology/`, `shapes/`, `data/` and `docs/`."""
    package = Path(__file__).parent
    inside = package / "resources"
    return inside if inside.is_dir() else package.parent.parent
