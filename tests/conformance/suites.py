"""Which suites are run, and where the endpoint is known to deviate from them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

from tests.conformance import manifest
from tests.conformance.judges import UPDATES
from tests.conformance.manifest import Test

#: Manifests of a suite. Left out: those of updates and of the Graph Store Protocol.
SUITES = {
    "SPARQL 1.0": ("sparql10/manifest.ttl",),
    "SPARQL 1.1 query": ("sparql11/manifest-sparql11-query.ttl",),
    "SPARQL 1.1 results": ("sparql11/manifest-sparql11-results.ttl",),
    "SPARQL 1.1 protocol": ("sparql11/protocol/manifest.ttl",),
    "SPARQL 1.1 service description": ("sparql11/service-description/manifest.ttl",),
    "SPARQL 1.1 federation": ("sparql11/syntax-fed/manifest.ttl", "sparql11/service/manifest.ttl"),
    "SPARQL 1.1 entailment": ("sparql11/entailment/manifest.ttl",),
    "SPARQL 1.2": ("sparql12/manifest.ttl",),
}
#: Sections of deviations.toml that are not faults of what the endpoint offers.
BY_DESIGN = frozenset({"federation", "entailment", "update", "values"})


def tests(suite: str, root: Path) -> Iterator[Test]:
    """Yield the tests of a suite, without those of updates."""
    for path in SUITES[suite]:
        for test in manifest.read(root / path, root):
            if test.kind not in UPDATES:
                yield test


def deviations() -> dict[str, tuple[str, str]]:
    """Return the section and the reason of each known deviation, by the IRI of its test."""
    text = (Path(__file__).parent / "deviations.toml").read_text(encoding="utf-8")
    return {
        iri: (section, reason) for section, reasons in tomllib.loads(text).items() for iri, reason in reasons.items()
    }
