"""What a rebuilt reference file adds, removes and changes, by subject. Pure text: lines in, report out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from coopkg import names

_LABEL = f"<{names.SKOS}prefLabel>"
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Difference:
    """The subjects of one file that differ; each list sorted, as `short IRI "label"`."""

    name: str
    before: int
    after: int
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.added or self.removed or self.changed)

    def report(self, shown: int = _SHOWN) -> list[str]:
        """Return lines to print: counts first, then at most `shown` subjects of each kind."""
        head = f"{self.name}: {self.before} -> {self.after} subjects"
        if not self:
            return [f"{head}, no difference"]
        parts = [("+", self.added), ("-", self.removed), ("~", self.changed)]
        counts = f"{len(self.added)} added, {len(self.removed)} removed, {len(self.changed)} changed"
        lines = [f"{head}: {counts}"]
        for sign, subjects in parts:
            lines += [f"  {sign} {subject}" for subject in subjects[:shown]]
            if len(subjects) > shown:
                lines.append(f"  {sign} ... and {len(subjects) - shown} more")
        return lines


def compare(name: str, committed: Iterable[str], rebuilt: Iterable[str]) -> Difference:
    """Return the difference between two versions of a file, given as canonical N-Quads lines.

    Args:
        name: how the report names the file.
    """
    old, new = _by_subject(committed), _by_subject(rebuilt)
    return Difference(
        name,
        len(old),
        len(new),
        _shown(new, new.keys() - old.keys()),
        _shown(old, old.keys() - new.keys()),
        _shown(new, {subject for subject in new.keys() & old.keys() if new[subject] != old[subject]}),
    )


def _by_subject(lines: Iterable[str]) -> dict[str, frozenset[str]]:
    subjects: defaultdict[str, set[str]] = defaultdict(set)
    for line in lines:
        subject, _, rest = line.partition(" ")
        subjects[subject].add(rest)
    return {subject: frozenset(rests) for subject, rests in subjects.items()}


def _shown(statements: dict[str, frozenset[str]], subjects: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(_named(subject, statements[subject]) for subject in subjects))


def _named(subject: str, rests: frozenset[str]) -> str:
    short = subject.strip("<>").removeprefix(f"{names.BASE}id/")
    labels = sorted(rest.split(" ", 1)[1] for rest in rests if rest.startswith(_LABEL))
    french = [label.partition("@fr ")[0] for label in labels if "@fr " in label]
    return " ".join([short, *french[:1]])
