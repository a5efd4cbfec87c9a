"""The history as it is told: to people in French and English, to programs as RDF Patch and JSON."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from coopkg import names, trig
from coopkg.history import Blamed, Delta
from coopkg.journal import Revision
from coopkg.rdf import Quad, to_patch

_WORDS: Mapping[str, tuple[str, str, str, str, str]] = {
    "fr": (
        "révision {} du {}, par {} : {}",
        "énoncés retirés : {:,}, ajoutés : {:,}",
        "de la révision {} à la révision {}",
        "expurgée le {} : des termes ont été effacés",
        "révisions expurgées : {}",
    ),
    "en": (
        "revision {} of {}, by {}: {}",
        "statements removed: {:,}, added: {:,}",
        "from revision {} to revision {}",
        "redacted on {}: some of its terms were erased",
        "redacted revisions: {}",
    ),
}
_TYPE = f"{names.RDF}type"


def line(revision: Revision) -> str:
    """Return a revision as one line of a list: number, time, counts, author, message, file."""
    origin = revision.origin.path if revision.origin and revision.origin.path not in revision.message else ""
    counts = f"+{revision.added:,} -{revision.removed:,}"
    told = _flat(f"{revision.author}: {revision.message}")
    redacted = f" [redacted {revision.redacted[:10]}]" if revision.redacted else ""
    return f"{revision.number:>6}  {_time(revision)}  {counts:>13}  {told}{f' ({origin})' if origin else ''}{redacted}"


def shown(revision: Revision, change: Delta, lang: str) -> str:
    """Return a revision and its statements for people.

    Args:
        lang: fr or en.
    """
    origin = f"{revision.origin.path}\n" if revision.origin and revision.origin.path not in revision.message else ""
    redacted = f"{_WORDS[lang][3].format(revision.redacted[:10])}\n" if revision.redacted else ""
    return f"{_title(revision, lang)}\n{origin}{redacted}{_counts(change, lang)}\n{_blocks(change)}"


def changed(change: Delta) -> str:
    """Return the statements of a change alone, for people."""
    return _blocks(change).lstrip("\n")


def compared(before: int, after: int, difference: Delta, lang: str, redacted: Sequence[int] = ()) -> str:
    """Return the difference between two revisions for people.

    Args:
        redacted: the revisions between them of which terms were erased.
    """
    title = _WORDS[lang][2].format(before, after)
    told = f"{_WORDS[lang][4].format(', '.join(map(str, redacted)))}\n" if redacted else ""
    return f"{title}\n{told}{_counts(difference, lang)}\n{_blocks(difference)}"


def blamed(found: Sequence[Blamed], lang: str) -> str:
    """Return who added what for people: by graph, then by revision."""
    lines: list[str] = []
    for graph, in_graph in groupby(found, lambda one: one.quad.graph_name):
        lines += ["", str(graph)] if lines else [str(graph)]
        for revision, together in groupby(in_graph, lambda one: one.revision):
            lines.append(f"  {_title(revision, lang)}")
            lines += [f"  {_WORDS[lang][3].format(revision.redacted[:10])}"] if revision.redacted else []
            lines += (f"    {text}" for text in _statements(one.quad for one in together))
    return "".join(f"{text}\n" for text in lines)


def patch(change: Delta, revision: Revision | None = None, previous: str = "") -> str:
    """Return a change as an RDF Patch, named by the hash of its revision and of the one before it.

    Source: https://afs.github.io/rdf-patch/; RFC 6920 for the names.
    """
    lines = to_patch(change.removed, change.added).decode().split("\n")[:-1]
    return "".join(f"{row}\n" for row in patch_rows(lines, revision, previous))


def patch_rows(lines: Iterable[str], revision: Revision | None = None, previous: str = "") -> Iterator[str]:
    """Yield the rows of an RDF Patch, without their ends.

    Args:
        lines: those of what goes and comes, sorted.
        previous: the hash of the revision before it; "" before the first.
    """
    heads = [("id", revision.hash if revision else ""), ("prev", previous)]
    yield from (f"H {word} <{_hash_name(value)}> ." for word, value in heads if value)
    yield "TX ."
    yield from lines
    yield "TC ."


def as_json(value: object) -> str:
    """Return a document made of what the other functions here give, as JSON."""
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def revision_members(revision: Revision) -> dict[str, Any]:
    """Return a revision as members of a JSON object."""
    return {
        "revision": revision.number,
        "time": revision.time,
        "author": revision.author,
        "message": revision.message,
        "origin": revision.origin.path if revision.origin else None,
        "removed": revision.removed,
        "added": revision.added,
        "hash": revision.hash,
        "redacted": revision.redacted or None,
    }


def change_members(change: Delta) -> dict[str, Any]:
    """Return what went and came as members of a JSON object; objects of statements as N-Quads writes them."""
    return {
        "remove": [_statement_members(quad) for quad in sorted(change.removed, key=str)],
        "add": [_statement_members(quad) for quad in sorted(change.added, key=str)],
    }


def blamed_members(one: Blamed) -> dict[str, Any]:
    """Return a blamed statement as members of a JSON object."""
    return {**_statement_members(one.quad), **revision_members(one.revision)}


def _statement_members(quad: Quad) -> dict[str, str]:
    graph, subject = (getattr(term, "value", str(term)) for term in (quad.graph_name, quad.subject))
    return {"graph": graph, "subject": subject, "predicate": quad.predicate.value, "object": str(quad.object)}


def _title(revision: Revision, lang: str) -> str:
    told = (_flat(revision.author), _flat(revision.message))
    return _WORDS[lang][0].format(revision.number, _time(revision), *told)


def _counts(change: Delta, lang: str) -> str:
    return _WORDS[lang][1].format(len(change.removed), len(change.added))


def _blocks(change: Delta) -> str:
    """Return the statements by graph and subject, what went with `-` and what came with `+` before it."""

    def place(quad: Quad) -> tuple[str, str]:
        return str(quad.graph_name), str(quad.subject)

    lines: list[str] = []
    seen = ""
    for (graph, subject), together in groupby(sorted(change.statements(), key=place), place):
        if graph != seen:
            lines += ["", graph]
            seen = graph
        lines.append(f"  {subject}")
        block = list(together)
        for mark, part in (("-", change.removed), ("+", change.added)):
            lines += (f"    {mark} {text}" for text in _statements(quad for quad in block if quad in part))
    return "".join(f"{text}\n" for text in lines)


def _statements(quads: Iterable[Quad]) -> Iterator[str]:
    """Yield predicate and object of each statement, types first."""
    pairs = sorted((quad.predicate.value != _TYPE, trig.term(quad.predicate), trig.term(quad.object)) for quad in quads)
    for other, predicate, value in pairs:
        yield f"{predicate if other else 'a'} {value}"


def _time(revision: Revision) -> str:
    return f"{revision.time[:19]}Z" if revision.time.endswith("+00:00") else revision.time


def _flat(text: str) -> str:
    return " ".join(text.split())


def _hash_name(sha256: str) -> str:
    return f"ni:///sha-256;{base64.urlsafe_b64encode(bytes.fromhex(sha256)).decode().rstrip('=')}"
