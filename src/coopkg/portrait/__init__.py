"""What is said of a thing, gathered for a reader: who an organisation works with, what came of a project.

One module a kind of thing, each with `of(view, iri)`. They read a `View` by bounded lookups of neighbours and give
dataclasses; nothing here knows how a page looks.
"""

from __future__ import annotations
