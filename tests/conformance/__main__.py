"""Print how many tests of each suite pass and deviate: `python -m tests.conformance`. Judges nothing."""

from __future__ import annotations

import sys
from collections import Counter

from tests.conformance import judges, manifest, suites, throwaway


def main() -> None:
    """Run every suite and print a table."""
    root = manifest.suites_folder()
    if root is None:
        sys.exit("the W3C suites are not here: COOPKG_TEST_SHARED leads to none")
    known = suites.deviations()
    print("suite | tests | pass | deviate, by section")
    print("---|---|---|---")
    with throwaway.running() as server:
        for suite in suites.SUITES:
            passed, sections = 0, Counter[str]()
            for test in suites.tests(suite, root):
                try:
                    judges.judge(test, server, root)
                    passed += 1
                except judges.Deviation:
                    sections[known.get(test.iri, ("NOT LISTED", ""))[0]] += 1
            found = ", ".join(f"{section} {count}" for section, count in sorted(sections.items()))
            print(f"{suite} | {passed + sections.total()} | {passed} | {found or '-'}")


if __name__ == "__main__":
    main()
