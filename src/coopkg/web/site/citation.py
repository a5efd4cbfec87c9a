"""How this graph is cited: by what `CITATION.cff` says, and by the revision, so that an answer can be found again.

The only module that reads that file.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Self

import yaml

from coopkg import resources


@dataclass(frozen=True, slots=True)
class Citation:
    """What to name: who made it, its title, its version, and the year of that version."""

    authors: str
    title: str
    version: str
    year: str
    doi: str = ""

    @classmethod
    def shipped(cls) -> Self:
        """Return what the citation file that comes with coopkg says."""
        said = yaml.safe_load((resources.shipped() / "CITATION.cff").read_text(encoding="utf-8"))
        return cls(
            authors=", ".join(author["name"] for author in said["authors"]),
            title=said["title"],
            version=str(said["version"]),
            year=str(said["date-released"])[:4],
            doi=str(said.get("doi", "")),
        )

    def text(self, lang: str, revision: int, address: str = "") -> str:
        """Return the line to copy into a list of references.

        Args:
            address: where this graph is published; "" when it is not.
        """
        version, said = ("version", "révision") if lang == "fr" else ("version", "revision")
        line = f"{self.authors} ({self.year}). {self.title}, {version} {self.version}, {said} {revision}."
        return f"{line} {address}" if address else line

    def bibtex(self, revision: int, address: str = "") -> str:
        """Return the entry for BibTeX; the same in every language.

        Args:
            address: see `text`.
        """
        fields = {
            "author": f"{{{self.authors}}}",  # braces within: a body, not a first and a last name
            "title": self.title,
            "year": self.year,
            "version": self.version,
            "note": f"revision {revision}",
            **({"doi": self.doi} if self.doi else {}),
            **({"url": address} if address else {}),
        }
        body = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
        return f"@misc{{coopkg,\n{body}\n}}\n"


@functools.cache
def citation() -> Citation:
    """Return the citation of what is installed, read once."""
    return Citation.shipped()
