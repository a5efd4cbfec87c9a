"""Where things are found: the address at which an IRI of ours is served, apart from the IRI itself.

Pure text. An identity never says who runs the server, an address always does (ADR 0022).
"""

from __future__ import annotations

from dataclasses import dataclass

from coopkg import names


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of a site.

    Args:
        root: its origin with a slash behind it, such as `https://coop.example/`.

    >>> site = Addresses("https://coop.example/")
    >>> site.of("https://w3id.org/coopkg/id/project/p"), site.of("https://w3id.org/coopkg/ns#Project")
    ('https://coop.example/doc/project/p', 'https://coop.example/ns#Project')
    """

    root: str

    def at(self, path: str) -> str:
        """Return the address of a path, which may begin with a slash."""
        return self.root + path.lstrip("/")

    def of(self, iri: str) -> str:
        """Return where an IRI leads a reader: to this site when it is one of ours, else it stays what it is."""
        if not iri.startswith(names.BASE):
            return iri
        rest = iri[len(names.BASE) :]
        return self.at("doc/" + rest.removeprefix("id/") if rest.startswith("id/") else rest)

    @property
    def endpoint(self) -> str:
        """The address of the SPARQL endpoint."""
        return self.at("sparql")
