"""The portrait of a source document: who publishes, who tells, how much of it was read, and what it tells of."""

from __future__ import annotations

from dataclasses import dataclass

from coopkg.portrait import terms
from coopkg.portrait.bounded import Some, named_pointing, notes, values
from coopkg.portrait.naming import Named
from coopkg.view import Text, View


@dataclass(frozen=True, slots=True)
class Document:
    """What is said of a source document, or of another document."""

    page_kinds: tuple[Named, ...]
    publishers: tuple[Named, ...]
    narrators: tuple[Named, ...]
    programmes: tuple[Named, ...]
    read: tuple[Named, ...]
    languages: tuple[str, ...]
    issued: tuple[str, ...]
    page: str
    subjects: tuple[Named, ...]
    describes: Some[Named]
    part_of: tuple[Named, ...]
    parts: Some[Named]
    contained: Some[Named]
    see_also: tuple[Named, ...]
    notes: tuple[Text, ...]


def of(view: View, iri: str) -> Document:
    """Return the portrait of a document."""
    return Document(
        page_kinds=values(view, iri, terms.PAGE_KIND).items,
        publishers=values(view, iri, terms.PUBLISHER).items,
        narrators=values(view, iri, terms.NARRATOR).items,
        programmes=values(view, iri, terms.PRODUCED_UNDER).items,
        read=values(view, iri, terms.READ_EXTENT).items,
        languages=tuple(one.value for one in view.literals(iri, terms.LANGUAGE)),
        issued=tuple(one.value for one in view.literals(iri, terms.ISSUED)),
        page=view.iri(iri, terms.PAGE),
        subjects=values(view, iri, terms.SUBJECT).items,
        describes=values(view, iri, terms.DESCRIBES),
        part_of=values(view, iri, terms.IS_PART_OF).items,
        parts=values(view, iri, terms.HAS_PART),
        contained=named_pointing(view, terms.IS_PART_OF, iri),
        see_also=values(view, iri, terms.SEE_ALSO).items,
        notes=notes(view, iri),
    )
