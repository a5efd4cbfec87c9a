"""Where a Turtle or TriG file speaks of IRIs, as `file:line`. Reads lines, not the grammar: for messages alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from coopkg import names

_TERM = re.compile(r"<([^<>\"{}|^`\\\s]+)>|(?<![\w:-])([A-Za-z][\w-]*|):([A-Za-z_][\w-]*)")
_PREFIX = re.compile(r"^\s*@?prefix\s+([\w-]*):\s*<([^>\s]*)>", re.IGNORECASE | re.MULTILINE)
_BASE = re.compile(r"^\s*@?base\s+<([^>\s]*)>", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Places:
    """Where each IRI of a file first begins a block, and where it is first named."""

    blocks: dict[str, str]
    mentions: dict[str, str]

    @classmethod
    def of(cls, path: Path, shown: str) -> Places:
        """Return the places of a file.

        Args:
            shown: its path as messages say it.
        """
        text = path.read_text(encoding="utf-8", errors="replace")
        prefixes = names.PREFIXES | dict(_PREFIX.findall(text))
        base = "".join(_BASE.findall(text)[:1])
        places = cls({}, {})
        for number, line in enumerate(map(str.strip, text.splitlines()), start=1):
            if line.startswith(("#", "@prefix", "PREFIX", "@base", "BASE")):
                continue
            for match in _TERM.finditer(line):
                iri = prefixes.get(match[2], "") + match[3] if match[1] is None else urljoin(base, match[1])
                place = f"{shown}:{number}"
                places.mentions.setdefault(iri, place)
                if match.start() == 0 and line[match.end() :].lstrip()[:1] not in (",", ";", "."):
                    places.blocks.setdefault(iri, place)
        return places
