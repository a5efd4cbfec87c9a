"""The published graph as a page reads it: labels in the reader's language, values, what points here.

One view serves one answer: it remembers what it read. Everything is a lookup of a node's neighbours, so that a page
costs the same in a small graph and in a large one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from coopkg import names
from coopkg.rdf import Literal, NamedNode
from coopkg.store import QuadStore, Term
from coopkg.words import folded as folded  # pages sort by it as labels are sorted here

TYPE = f"{names.RDF}type"
LABELS = (
    f"{names.SKOS}prefLabel",
    f"{names.DCTERMS}title",
    f"{names.RDFS}label",
    f"{names.PREFIXES['schema']}name",
)
_DATES = ("date", "dateTime", "gYear", "gYearMonth")


@dataclass(frozen=True, slots=True)
class Text:
    """A text that is shown: in which language it is ("" when none is said), and whether another one was wished for."""

    value: str
    lang: str = ""
    is_fallback: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """What is said of a thing.

    Args:
        graphs: the named graphs that state it, sorted; the inferred one alone when it only follows from others.
    """

    subject: str
    predicate: str
    value: Term
    graphs: tuple[str, ...]

    @property
    def is_inferred(self) -> bool:
        """Whether no graph states it: it follows from what others state."""
        return self.graphs == (names.INFERRED_GRAPH,)


class View:
    """A store read in a reader's language ("fr" or "en")."""

    def __init__(self, store: QuadStore, lang: str) -> None:
        self.store = store
        self.lang = lang
        self._objects: dict[tuple[str, str], list[Term]] = {}
        self._labels: dict[str, Text] = {}

    def objects(self, subject: str, predicate: str) -> list[Term]:
        """Return the values of a property, asserted or inferred, each once, in the order of their texts."""
        asked = subject, predicate
        if asked not in self._objects:
            found = self.store.triples(NamedNode(subject), NamedNode(predicate), None)
            self._objects[asked] = sorted((triple.object for triple in found), key=str)
        return self._objects[asked]

    def iris(self, subject: str, predicate: str) -> list[str]:
        """Return the IRIs among the values of a property, sorted."""
        return [term.value for term in self.objects(subject, predicate) if isinstance(term, NamedNode)]

    def iri(self, subject: str, predicate: str) -> str:
        """Return the first IRI among the values of a property, or ""."""
        return next(iter(self.iris(subject, predicate)), "")

    def subjects(self, predicate: str, value: str) -> list[str]:
        """Return the IRIs of the things for which a property has an IRI as its value, sorted."""
        found = self.store.triples(None, NamedNode(predicate), NamedNode(value))
        return sorted({triple.subject.value for triple in found if isinstance(triple.subject, NamedNode)})

    def literals(self, subject: str, predicate: str) -> list[Literal]:
        """Return the literals among the values of a property, in the order of their texts."""
        return [term for term in self.objects(subject, predicate) if isinstance(term, Literal)]

    def value(self, subject: str, predicate: str) -> str:
        """Return the first literal of a property as text, or ""."""
        return next((literal.value for literal in self.literals(subject, predicate)), "")

    def text(self, subject: str, predicate: str) -> Text | None:
        """Return the text of a property in the reader's language, else in French, else in any; None without one."""
        return self._chosen(self.literals(subject, predicate))

    def texts(self, subject: str, predicate: str) -> list[Text]:
        """Return all texts of a property in the reader's language; those of others where it has none."""
        literals = self.literals(subject, predicate)
        own = [Text(one.value, self.lang) for one in literals if one.language in (self.lang, None)]
        return own or [Text(one.value, one.language or "", is_fallback=True) for one in literals]

    def label(self, iri: str) -> Text:
        """Return the name of a thing: the one it has in the reader's language, else another, else its short IRI."""
        if iri not in self._labels:
            found = (self.text(iri, predicate) for predicate in LABELS)
            self._labels[iri] = next((text for text in found if text), Text(names.short(iri).strip("<>")))
        return self._labels[iri]

    def sorted_by_label(self, iris: Iterable[str]) -> list[str]:
        """Return things in the order of their names, as a reader expects it: without regard to case and accents."""
        return sorted(set(iris), key=lambda iri: (folded(self.label(iri).value), iri))

    def kinds(self, iri: str) -> list[str]:
        """Return the classes of a thing, sorted."""
        return self.iris(iri, TYPE)

    def exists(self, iri: str) -> bool:
        """Return whether anything is said of a thing; of what is no IRI nothing is."""
        try:
            thing = NamedNode(iri)
        except ValueError:
            return False
        return next(iter(self.store.triples(thing, None, None)), None) is not None

    def statements(self, iri: str) -> list[Statement]:
        """Return all that is said of a thing, by predicate and value, each with the graphs that state it."""
        graphs: dict[tuple[str, Term], set[str]] = {}
        for quad in self.store.about(iri):
            if isinstance(quad.graph_name, NamedNode):
                graphs.setdefault((quad.predicate.value, quad.object), set()).add(quad.graph_name.value)
        ordered = sorted(graphs.items(), key=lambda item: (item[0][0], str(item[0][1])))
        return [Statement(iri, predicate, value, _stating(found)) for (predicate, value), found in ordered]

    def _chosen(self, literals: Sequence[Literal]) -> Text | None:
        for lang in dict.fromkeys((self.lang, None, "fr", "en")):
            for literal in literals:
                if literal.language == lang:
                    return Text(literal.value, lang or "", is_fallback=lang not in (self.lang, None))
        return Text(literals[0].value, literals[0].language or "", is_fallback=True) if literals else None


def is_date(literal: Literal) -> bool:
    """Return whether a literal is a date, known to the year, the month, the day or the second."""
    return literal.datatype.value.startswith(names.XSD) and literal.datatype.value[len(names.XSD) :] in _DATES


def grouped(number: object, lang: str) -> str:
    """Return a number as a reader writes it, from its text too; what is none stays as it is.

    >>> grouped(10000, "en"), grouped("10000.5", "fr"), grouped("about ten", "fr")
    ('10,000', '10\u202f000,5', 'about ten')
    """
    try:
        written = f"{Decimal(str(number)):,}"
    except InvalidOperation:
        return str(number)
    return written if lang == "en" else written.replace(",", "\u202f").replace(".", ",")


def _stating(graphs: set[str]) -> tuple[str, ...]:
    stated = tuple(sorted(graphs - {names.INFERRED_GRAPH}))
    return stated or (names.INFERRED_GRAPH,)
