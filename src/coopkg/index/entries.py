"""What the index says of one thing: read from a store, by lookups of its neighbours alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields

from coopkg import names
from coopkg.index.facets import FACETS, LISTED, touched
from coopkg.rdf import Literal, NamedNode, Quad
from coopkg.store import QuadStore, Term

#: The kinds of entries, those that come first in a search first, with the class of each.
KINDS: Mapping[str, str] = {
    "action": f"{names.COOP}Action",
    "organisation": f"{names.PREFIXES['org']}Organization",
    "theme": "",  # the concepts of one scheme
    "territory": f"{names.COOP}Territory",
    "source": f"{names.COOP}SourceDocument",
    "lesson": f"{names.COOP}Lesson",
    "outcome": f"{names.COOP}Outcome",
    "perspective": f"{names.COOP}Perspective",
    "group": f"{names.COOP}StakeholderGroup",
    "concept": f"{names.SKOS}Concept",
}
_TYPE = f"{names.RDF}type"
_THEMES = f"{names.BASE}scheme/theme"
#: An action is of one of these classes, or of none and plain.
_TYPES = tuple(f"{names.COOP}{name}" for name in ("Project", "Experiment", "Event", "Programme"))
_ACTIONS = frozenset({KINDS["action"], *_TYPES})
#: By which a search may be narrowed: those of the kinds, and those of actions.
CLASSES = tuple(dict.fromkeys((*filter(None, KINDS.values()), *_TYPES)))
_LABELS = (f"{names.SKOS}prefLabel", f"{names.DCTERMS}title")
_NAMES = (f"{names.SKOS}altLabel", f"{names.SKOS}hiddenLabel")
_TEXTS = (
    f"{names.DCTERMS}description",
    f"{names.SKOS}definition",
    f"{names.SKOS}scopeNote",
    f"{names.COOP}sourceWording",
)
_IDENTIFIERS = (
    *(f"{names.COOP}{name}" for name in ("siren", "siret", "rna")),
    f"{names.PREFIXES['igeo']}codeINSEE",
)
_EARLIEST, _LATEST = f"{names.COOP}earliestDate", f"{names.COOP}latestDate"
_ISSUED, _POPULATION = f"{names.DCTERMS}issued", f"{names.COOP}population"
_MOST_YEARS = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """What the index says of a thing.

    Args:
        labels: its names by language ("" when none is said).
        names: its other names, also wrong ones, each with its language.
        texts: what is said of it in sentences, each with its language.
        earliest: the first day of it that is known, or "".
        weight: what makes it better known than others of its kind: the population of a territory.
        is_listed: whether it stands in the list of its kind; else it is only found by a search.
        facets: the values by which it is filtered, sorted, by the name of the facet.
    """

    iri: str
    kind: str
    labels: Mapping[str, str] = field(default_factory=dict)
    names: Sequence[tuple[str, str]] = ()
    texts: Sequence[tuple[str, str]] = ()
    identifiers: Sequence[str] = ()
    earliest: str = ""
    weight: int = 0
    is_listed: bool = True
    facets: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def label(self, lang: str) -> tuple[str, str]:
        """Return the name in a language, else in French, else in any, and the language that it is in."""
        for one in (lang, "", "fr", "en"):
            if one in self.labels:
                return self.labels[one], one
        return next(((text, one) for one, text in self.labels.items()), (names.short(self.iri).strip("<>"), ""))

    def content(self) -> str:
        """Return all of it as JSON, the same for equal entries."""
        return json.dumps({name: getattr(self, name) for name in _FIELDS}, ensure_ascii=False)

    @classmethod
    def from_content(cls, content: str) -> Entry:
        """Return the entry that `content` wrote."""
        return cls(**json.loads(content))


def class_of(kind: str) -> str:
    """Return the class of a kind; a theme is a concept, too."""
    return KINDS[kind] or KINDS["concept"]


_FIELDS = tuple(one.name for one in fields(Entry))


class Pass:
    """One reading of a store: what was looked up once is remembered."""

    def __init__(self, store: QuadStore) -> None:
        self._store = store
        self._ahead: dict[tuple[str, str], list[str]] = {}
        self._behind: dict[tuple[str, str], list[str]] = {}

    def ahead(self, node: str, predicate: str) -> list[str]:
        """Return the IRIs among the values of a property."""
        asked = node, predicate
        if asked not in self._ahead:
            found = self._store.triples(NamedNode(node), NamedNode(predicate), None)
            self._ahead[asked] = [triple.object.value for triple in found if isinstance(triple.object, NamedNode)]
        return self._ahead[asked]

    def behind(self, node: str, predicate: str) -> list[str]:
        """Return the IRIs of which a node is the value of a property."""
        asked = node, predicate
        if asked not in self._behind:
            found = self._store.triples(None, NamedNode(predicate), NamedNode(node))
            self._behind[asked] = [triple.subject.value for triple in found if isinstance(triple.subject, NamedNode)]
        return self._behind[asked]

    def entry(self, iri: str) -> Entry | None:
        """Return what the index says of a thing; None when it is of no kind that is indexed."""
        said: dict[str, list[Term]] = {}
        for triple in self._store.triples(NamedNode(iri), None, None):
            said.setdefault(triple.predicate.value, []).append(triple.object)
        kind = _kind(said)
        if not kind:
            return None
        is_listed = kind not in LISTED or self._is_linked(iri, kind)
        return Entry(
            iri,
            kind,
            dict(sorted(_labels(said).items())),
            _texts(said, _NAMES),
            _texts(said, _TEXTS),
            sorted({text for text, _ in _texts(said, _IDENTIFIERS)}),
            min((text for text, _ in _texts(said, (_EARLIEST, _ISSUED))), default=""),
            max((int(text) for text, _ in _texts(said, (_POPULATION,)) if text.isdecimal()), default=0),
            is_listed,
            self._facets(iri, kind, said) if is_listed else {},
        )

    def things(self) -> tuple[list[str], list[str]]:
        """Return the IRI of everything that may be an entry, each once: what is in a list, then what is only found.

        The second are the tens of thousands of territories in which nothing takes place.
        """
        first = dict.fromkeys(iri for kind in KINDS if kind not in LISTED for iri in self._of(kind))
        for route in LISTED.values():
            first |= dict.fromkeys(self._values(route.steps[0].predicate))
        rest = dict.fromkeys(iri for kind in LISTED for iri in self._of(kind) if iri not in first)
        return list(first), list(rest)

    def _of(self, kind: str) -> Iterator[str]:
        classes = _ACTIONS if kind == "action" else (KINDS[kind],)
        for cls in filter(None, classes):
            for triple in self._store.triples(None, NamedNode(_TYPE), NamedNode(cls)):
                if isinstance(triple.subject, NamedNode):
                    yield triple.subject.value

    def _values(self, predicate: str) -> Iterator[str]:
        for triple in self._store.triples(None, NamedNode(predicate), None):
            if isinstance(triple.object, NamedNode):
                yield triple.object.value

    def _is_linked(self, iri: str, kind: str) -> bool:
        (step,) = LISTED[kind].steps
        found = self._store.triples(None, NamedNode(step.predicate), NamedNode(iri))
        return next(iter(found), None) is not None

    def _facets(self, iri: str, kind: str, said: Mapping[str, list[Term]]) -> dict[str, list[str]]:
        facets = {name: sorted(route.values(self, iri)) for name, route in FACETS.get(kind, {}).items()}
        if kind == "action":
            types = {term.value for term in said[_TYPE] if isinstance(term, NamedNode)}
            facets["type"] = [cls for cls in _TYPES if cls in types] or [KINDS["action"]]
            facets["year"] = _years(_texts(said, (_EARLIEST, _LATEST)))
        elif kind == "source":
            facets["year"] = _years(_texts(said, (_ISSUED,)))
        return {name: values for name, values in sorted(facets.items()) if values}


def changed(store: QuadStore, quads: Sequence[Quad]) -> set[str]:
    """Return the IRIs of all things of which a change may have changed the entry, or that came or went.

    Args:
        store: as it is after the change.
        quads: those that went and those that came.
    """
    reader = Pass(store)
    found = {quad.subject.value for quad in quads if isinstance(quad.subject, NamedNode)}
    for subject, predicate, value in _statements(quads):
        found.update(touched(reader, subject, predicate, value))
    return found


def _statements(quads: Iterable[Quad]) -> Iterator[tuple[str, str, str]]:
    """Yield the statements that link one IRI with another."""
    for quad in quads:
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode):
            yield quad.subject.value, quad.predicate.value, quad.object.value


def _kind(said: Mapping[str, Sequence[Term]]) -> str:
    classes = {term.value for term in said.get(_TYPE, ()) if isinstance(term, NamedNode)}
    if classes & _ACTIONS:
        return "action"
    kind = next((kind for kind, cls in KINDS.items() if cls in classes), "")
    is_theme = kind == "concept" and NamedNode(_THEMES) in said.get(f"{names.SKOS}inScheme", ())
    return "theme" if is_theme else kind


def _labels(said: Mapping[str, Sequence[Term]]) -> dict[str, str]:
    """Return one name a language: the first of those that come first."""
    found: dict[str, str] = {}
    for predicate in _LABELS:
        for text, lang in _texts(said, (predicate,)):
            found.setdefault(lang, text)
    return found


def _texts(said: Mapping[str, Sequence[Term]], predicates: Sequence[str]) -> list[tuple[str, str]]:
    literals = [term for predicate in predicates for term in said.get(predicate, ()) if isinstance(term, Literal)]
    return sorted({(term.value, term.language or "") for term in literals})


def _years(dates: Iterable[tuple[str, str]]) -> list[str]:
    """Return every year that some dates cover, from the first to the last."""
    years = sorted(int(text[:4]) for text, _ in dates if text[:4].isdecimal() and len(text[:4]) == 4)
    return [f"{year:04}" for year in range(years[0], min(years[-1], years[0] + _MOST_YEARS) + 1)] if years else []
