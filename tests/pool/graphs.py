"""A small published graph, and questions that are quick, long, endless or too heavy on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from coopkg.generations import Generations, Manifest
from coopkg.rdf import NamedNode, Quad

EXAMPLE = "https://example.org/"
QUICK = "SELECT ?a ?b { ?a <https://example.org/next> ?b } ORDER BY ?a LIMIT 5"
#: A second or more: every pair, compared.
LONG = "SELECT (COUNT(*) AS ?count) { ?a ?p ?b . ?c ?q ?d FILTER(STR(?b) < STR(?d)) }"
ENDLESS = (
    "SELECT (COUNT(*) AS ?count) { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f FILTER(STR(?a) < STR(?d) && STR(?b) < STR(?f)) }"
)
BOMB = "SELECT * { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f } ORDER BY ?f"
#: Begins at once and never ends.
FLOOD = "SELECT * { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f }"


def changed(state: Path, remove: Sequence[Quad] = (), add: Sequence[Quad] = (), *, noted: bool = True) -> Path:
    """Publish the current generation of a state folder with a change, as the next revision; return its folder.

    Args:
        noted: whether the generation says what changed, as the gate's do.
    """
    generations = Generations(state / "generations", keep=3)
    manifest = generations.manifest()
    with generations.candidate(generations.current()) as candidate:
        candidate.store.change(remove, add)
        candidate.store.flush()
        candidate.store.close()
        manifest = replace(manifest, revision=manifest.revision + 1)
        return generations.publish(candidate.folder, manifest, candidate.difference if noted else None)


def published(state: Path, revision: int, nodes: int = 500) -> Generations:
    """Publish a ring of some nodes as a revision of a state folder."""
    generations = Generations(state / "generations", keep=3)
    graph = NamedNode(f"{EXAMPLE}graph")
    ring = [
        Quad(NamedNode(f"{EXAMPLE}{n}"), NamedNode(f"{EXAMPLE}next"), NamedNode(f"{EXAMPLE}{(n + 1) % nodes}"), graph)
        for n in range(nodes)
    ]
    with generations.candidate(None) as candidate:
        candidate.store.change((), ring)
        candidate.store.flush()
        candidate.store.close()
        manifest = Manifest(revision, "", "", "", nodes, 0, 0, 0, {}, {})
        generations.publish(candidate.folder, manifest)
    return generations
