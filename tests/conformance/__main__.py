"""Print how many tests of each suite pass and deviate: `python -m tests.conformance`. Judges nothing."""

from __future__ import annotations

import sys
from collections import Counter

from tests.conformance import judges, manifest, suites, throwaway

_SECTIONS = ("engine", "values", "federation")


def main() -> None:
    """Run every suite and print a table of them, and one of the shares that are counted."""
    root = manifest.suites_folder()
    if root is None:
        sys.exit("the W3C suites are not here: COOPKG_TEST_SHARED leads to none")
    known = suites.deviations()
    found = {suite: list(suites.tests(suite, root)) for suite in suites.SUITES}
    deviating: dict[str, str] = {}
    with throwaway.running() as reading, throwaway.running(takes_updates=True) as updating:
        for test in (test for tests in found.values() for test in tests):
            try:
                judges.judge(test, updating if judges.needs_updates(test) else reading, root)
            except judges.Deviation:
                deviating[test.iri] = known.get(test.iri, ("NOT LISTED", ""))[0]
    print("suite | tests | approved | pass | deviate, by section")
    print("---|---|---|---|---")
    for suite, tests in found.items():
        sections = Counter(deviating[test.iri] for test in tests if test.iri in deviating)
        said = ", ".join(f"{section} {count}" for section, count in sorted(sections.items()))
        approved = sum(test.is_approved for test in tests)
        print(f"{suite} | {len(tests)} | {approved} | {len(tests) - sections.total()} | {said or '-'}")
    left_out = ", ".join(suites.NOT_OFFERED + suites.DEPRECATED)
    print(f"\nwithout {left_out} | tests | {' | '.join(_SECTIONS)} | share | of the engine")
    print("---|---|---|---|---|---|---")
    for name, share in suites.shares(found, deviating).items():
        counts = " | ".join(str(share.sections[section]) for section in _SECTIONS)
        print(f"{name} | {share.run} | {counts} | {share.of():.2%} | {share.of('engine'):.2%}")


if __name__ == "__main__":
    main()
