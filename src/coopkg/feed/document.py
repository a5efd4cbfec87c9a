"""The documents of the feed, as lines of N-Quads: its root, a page of it, a version. Pure.

The root says what the feed is, leads to each page that is full, and has the versions that are on none yet: it alone
changes. Nodes are addresses, the stream and the versions identities (ADR 0022).
Source: LDES, https://w3id.org/ldes/specification; TREE, https://w3id.org/tree/specification.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from coopkg import names
from coopkg.feed.table import Page
from coopkg.feed.version import AS, OF, SEQUENCE, TIME, Version
from coopkg.rdf import Literal

#: The stream.
FEED = f"{names.BASE}feed"
TREE = "https://w3id.org/tree#"
LDES = "https://w3id.org/ldes#"
#: Besides those of the project.
PREFIXES = {"as": AS, "ldes": LDES, "tree": TREE}
#: A client that polls asks again after so long, where it heeds this.
POLLING_S = 60
_SHAPE = f"{FEED}#shape"
_RETENTION = f"{FEED}#retention"
_TITLES = (("fr", "Ce qui change dans le graphe coopkg"), ("en", "What changes in the coopkg graph"))
_KEPT = (
    (
        "fr",
        "Toutes les versions sont gardées ; celles d’où un terme a été effacé reviennent sans lui, ailleurs.",
    ),
    ("en", "All versions are kept; those from which a term was erased come back without it, elsewhere."),
)


def root(
    node: str, begun: str, pages: Iterable[Page], address_of: Callable[[Page], str], rest: Iterable[Version]
) -> Iterator[str]:
    """Yield the lines of the root.

    Args:
        node: its address.
        begun: the time of the first revision; "" when there is none.
        pages: those that are full.
        rest: the versions that are on none of them.
    """
    yield from _stream(node)
    yield from _retention(node, begun)
    for page in pages:
        yield from _relations(node, page, address_of(page))
    yield from _members(rest)


def page(node: str, versions: Iterable[Version]) -> Iterator[str]:
    """Yield the lines of a page that is full.

    Args:
        node: its address.
    """
    yield _line(node, f"{names.RDF}type", _iri(f"{TREE}Node"))
    yield _line(node, f"{LDES}immutable", _value("true", "boolean"))
    yield from _members(versions)


def _stream(node: str) -> Iterator[str]:
    yield _line(FEED, f"{names.RDF}type", _iri(f"{LDES}EventStream"))
    yield from (_line(FEED, f"{names.DCTERMS}title", str(Literal(text, language=lang))) for lang, text in _TITLES)
    said = {
        f"{TREE}view": node,
        f"{TREE}shape": _SHAPE,
        f"{LDES}timestampPath": TIME,
        f"{LDES}sequencePath": SEQUENCE,
        f"{LDES}versionOfPath": OF,
        **{f"{LDES}version{kind}Path": f"{names.RDF}type" for kind in ("Create", "Update", "Delete")},
        **{f"{LDES}version{kind}Object": f"{AS}{kind}" for kind in ("Create", "Update", "Delete")},
    }
    yield from (_line(FEED, predicate, _iri(value)) for predicate, value in said.items())
    yield _line(FEED, f"{LDES}pollingInterval", _value(str(POLLING_S), "integer"))
    yield from _shape()


def _shape() -> Iterator[str]:
    yield _line(_SHAPE, f"{names.RDF}type", _iri(f"{names.SH}NodeShape"))
    for path in (OF, TIME, SEQUENCE):
        part = f"{_SHAPE}-{path.rpartition('/')[2].rpartition('#')[2]}"
        yield _line(_SHAPE, f"{names.SH}property", _iri(part))
        yield _line(part, f"{names.SH}path", _iri(path))
        yield from (_line(part, f"{names.SH}{bound}", _value("1", "integer")) for bound in ("minCount", "maxCount"))


def _retention(node: str, begun: str) -> Iterator[str]:
    yield _line(node, f"{names.RDF}type", _iri(f"{TREE}Node"))
    yield _line(node, f"{LDES}retentionPolicy", _iri(_RETENTION))
    yield _line(_RETENTION, f"{names.RDF}type", _iri(f"{LDES}RetentionPolicy"))
    if begun:
        yield _line(_RETENTION, f"{LDES}startingFrom", _value(begun, "dateTime"))
    yield from (_line(_RETENTION, f"{names.RDFS}comment", str(Literal(text, language=lang))) for lang, text in _KEPT)


def _relations(node: str, page: Page, address: str) -> Iterator[str]:
    for name, kind, time in (
        ("from", "GreaterThanOrEqualToRelation", page.first),
        ("to", "LessThanOrEqualToRelation", page.last),
    ):
        relation = f"{node}#{name}-{page.number}"
        yield _line(node, f"{TREE}relation", _iri(relation))
        yield _line(relation, f"{names.RDF}type", _iri(TREE + kind))
        yield _line(relation, f"{TREE}node", _iri(address))
        yield _line(relation, f"{TREE}path", _iri(TIME))
        yield _line(relation, f"{TREE}value", _value(time, "dateTime"))


def _members(versions: Iterable[Version]) -> Iterator[str]:
    for version in versions:
        yield _line(FEED, f"{TREE}member", _iri(version.iri))
        yield from version.lines()


def _line(subject: str, predicate: str, value: str) -> str:
    return f"<{subject}> <{predicate}> {value} ."


def _iri(iri: str) -> str:
    return f"<{iri}>"


def _value(text: str, datatype: str) -> str:
    return f'"{text}"^^<{names.XSD}{datatype}>'
