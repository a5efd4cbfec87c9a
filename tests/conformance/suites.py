"""Which suites are run, where the endpoint is known to deviate from them, and how much that is."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tests.conformance import manifest, prose
from tests.conformance.manifest import Exchange, Test

#: Manifests of a suite. The older tests of the Graph Store Protocol are deprecated, and told in prose; each goes on
#: from the ones before it.
SUITES = {
    "SPARQL 1.0": ("sparql10/manifest.ttl",),
    "SPARQL 1.1 query": ("sparql11/manifest-sparql11-query.ttl",),
    "SPARQL 1.1 results": ("sparql11/manifest-sparql11-results.ttl",),
    "SPARQL 1.1 update": ("sparql11/manifest-sparql11-update.ttl",),
    "SPARQL 1.1 protocol": ("sparql11/protocol/manifest.ttl",),
    "SPARQL 1.1 graph store protocol": ("sparql11/graph-store-protocol/manifest.ttl",),
    "SPARQL 1.1 graph store protocol, in prose": ("sparql11/http-rdf-update/manifest.ttl",),
    "SPARQL 1.1 service description": ("sparql11/service-description/manifest.ttl",),
    "SPARQL 1.1 federation": ("sparql11/syntax-fed/manifest.ttl", "sparql11/service/manifest.ttl"),
    "SPARQL 1.1 entailment": ("sparql11/entailment/manifest.ttl",),
    "SPARQL 1.2": ("sparql12/manifest.ttl",),
}
#: What the endpoint does not offer, by design: these suites are run, and count in no share.
NOT_OFFERED = ("SPARQL 1.1 federation", "SPARQL 1.1 entailment")
#: Deprecated by those who wrote it; run, and counted in no share either.
DEPRECATED = ("SPARQL 1.1 graph store protocol, in prose",)
OFFERED = tuple(suite for suite in SUITES if suite not in NOT_OFFERED + DEPRECATED)
OFFERED_1_1 = tuple(suite for suite in OFFERED if suite.startswith("SPARQL 1.1"))


@dataclass(frozen=True, slots=True)
class Share:
    """How many tests were run, and how many of them deviate, by the section of deviations.toml."""

    run: int
    sections: Counter[str]

    def of(self, *sections: str) -> float:
        """Return the part of the tests that deviate in some sections, in any when none is given."""
        return sum(self.sections[name] for name in sections or self.sections) / self.run


def tests(suite: str, root: Path) -> Iterator[Test]:
    """Yield the tests of a suite."""
    earlier: tuple[Exchange, ...] = ()
    for path in SUITES[suite]:
        for test in manifest.read(root / path, root):
            if test.prose:
                one = prose.exchange(test.prose)
                test, earlier = replace(test, exchanges=prose.after(earlier, one)), (*earlier, one)
            yield test


def deviations() -> dict[str, tuple[str, str]]:
    """Return the section and the reason of each known deviation, by the IRI of its test."""
    text = (Path(__file__).parent / "deviations.toml").read_text(encoding="utf-8")
    return {
        iri: (section, reason) for section, reasons in tomllib.loads(text).items() for iri, reason in reasons.items()
    }


def shares(found: Mapping[str, Iterable[Test]], deviating: Mapping[str, str]) -> dict[str, Share]:
    """Return the shares that are counted, each with its name.

    Args:
        found: the tests of each suite.
        deviating: the section of each deviation, by the IRI of its test.
    """

    def share(suites: Iterable[str], *, only_approved: bool) -> Share:
        counted = {test.iri for suite in suites for test in found[suite] if test.is_approved or not only_approved}
        return Share(len(counted), Counter(deviating[iri] for iri in counted if iri in deviating))

    return {
        "SPARQL 1.1, approved": share(OFFERED_1_1, only_approved=True),
        "SPARQL 1.1, all": share(OFFERED_1_1, only_approved=False),
        "all suites, approved": share(OFFERED, only_approved=True),
        "all suites, all": share(OFFERED, only_approved=False),
    }
