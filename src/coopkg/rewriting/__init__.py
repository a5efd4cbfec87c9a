"""Queries written otherwise where the engine plans them badly, with the same answers (ADR 0025).

Each step is a module with `apply(query, known)`, which gives the very query back where its pattern is not met exactly;
the docstring of the module says why the answers are the same. A text is read only when its words could meet a step.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from coopkg.census import Census
from coopkg.errors import QueryError
from coopkg.querytree.reading import read
from coopkg.querytree.tree import Aggregate, Query
from coopkg.querytree.walking import walk
from coopkg.querytree.writing import written
from coopkg.rewriting import absence, closures, constants, counts, equality, naming, places


@dataclass(frozen=True, slots=True)
class Step:
    """A step: the name that answers tell, a pattern of which each text that it is for has a match, and what it does."""

    name: str
    words: str
    apply: Callable[[Query, Census | None], Query]


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The text that the engine is asked, and the names of the steps that made it; none where it is as it came."""

    text: str
    steps: tuple[str, ...] = ()


_WORD = r"[^\s{}]++"
#: `{ ?s ?p ?o` and no more, but for filters.
_ONE_PATTERN = rf"{{\s*+(?:[?$]\w++|\[\s*+])\s++{_WORD}\s++{_WORD}\s*+\.?\s*+(?:FILTER\b|}})"
#: In the order in which they are tried: an IRI in the place of a variable helps all that follow.
STEPS = (
    Step(
        "values", r"\bVALUES\b|\bBIND\s*\(\s*(?:<|[\w-]*:)|=\s*(?:<|[\w-]*:)|\bIN\s*\(\s*(?:<|[\w-]*:)", constants.apply
    ),
    Step("equality", r"[?$]\w+\s*=\s*[?$]|\bSAMETERM\b", equality.apply),
    Step("not-exists", r"\bEXISTS\b", absence.apply),
    Step("counts", rf"\A(?=(?s:.)*?\b(?:COUNT|DISTINCT)\b)(?s:.)*?{_ONE_PATTERN}", counts.apply),
    Step("closures", r"(?:within|partOfAction)>?\s*+[*+]", closures.apply),
    Step("places", r"within>?\s*+[*?]", places.apply),
    Step("naming", r"\bGROUP\s++BY\s++[?$]\w++\s*+[?$]", naming.apply),
)


def rewritten(text: str, base: str | None = None, known: Census | None = None) -> Rewritten:
    """Return the text to ask instead of a query; the very text where no step applies, and where it cannot be read.

    Args:
        base: IRI that relative IRIs are resolved against; None refuses them.
        known: what is known of the graph that is asked; None where nothing is. It helps with none that FROM chooses.
    """
    due = [step for step in STEPS if re.search(step.words, text, re.IGNORECASE)]
    if not due:
        return Rewritten(text)
    try:
        query = read(text, base)
    except QueryError:
        return Rewritten(text)  # the engine judges it, and has the words for what is wrong
    changed, steps = applied(query, None if query.dataset else known, due)
    return Rewritten(written(changed), steps) if steps else Rewritten(text)


def applied(query: Query, known: Census | None = None, steps: Sequence[Step] = STEPS) -> tuple[Query, tuple[str, ...]]:
    """Return a query after some steps, and the names of those that changed it."""
    names = []
    for step in () if _counts_whole_solutions(query) else steps:
        changed = step.apply(query, known)
        if changed is not query:
            names.append(step.name)
            query = changed
    return query, tuple(names)


def _counts_whole_solutions(query: Query) -> bool:
    """Return whether COUNT(DISTINCT *) stands in a query.

    The engine counts solutions apart that differ in what no variable names: a blank node, the middle of a path
    (pyoxigraph 0.5.13). So each way of writing a pattern may have another count.
    """
    return any(isinstance(node, Aggregate) and node.is_distinct and node.operand is None for node in walk(query))
