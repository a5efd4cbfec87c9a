"""Likeness: when two resources of a kind may be one and the same, by their identifiers, or by names, places and pages.

Names are folded, so that case, accents, punctuation, articles and legal forms make no difference. Pure: what is
compared was read elsewhere. Decides nothing but what is alike; a reader decides what is the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from coopkg import names

_ORG, _SKOS, _FOAF = (names.PREFIXES[prefix] for prefix in ("org", "skos", "foaf"))
#: The kinds whose resources are named once for the whole graph, hence can be named twice by mistake.
_KINDS = frozenset(
    {f"{_ORG}Organization", *(f"{names.COOP}{kind}" for kind in ("Project", "Programme", "Experiment", "Event"))}
)
_TYPE = f"{names.RDF}type"
_LABELS = frozenset({f"{_SKOS}prefLabel", f"{_SKOS}altLabel"})
_IDENTIFIERS = frozenset(f"{names.COOP}{identifier}" for identifier in ("siren", "siret", "rna"))
_PLACES = frozenset(f"{names.COOP}{place}" for place in ("coversTerritory", "hasJurisdictionOver"))
_HOMEPAGE = f"{_FOAF}homepage"
_COMPARED = _LABELS | _IDENTIFIERS | _PLACES | {_TYPE, _HOMEPAGE}
_UNLETTERED = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "&": " et ", "+": " et "})
_INITIALS = re.compile(r"(?<!\w)(?:\w\.){2,}\w?(?!\w)")
_WORD = re.compile(r"\w+")
_ARTICLES = frozenset(
    ("le", "la", "les", "l", "un", "une", "des", "de", "du", "d", "au", "aux", "à", "the", "a", "an", "of")
)
_LEGAL_FORMS = frozenset(
    (
        *("association", "associations", "asso", "loi", "1901", "scop", "scic", "sarl", "sas", "sasu", "eurl", "sa"),
        *("sci", "gie", "gip", "ong", "asbl", "ev", "inc", "ltd"),
    )
)
_SHORT_FORMS = {
    "st": "saint",
    "ste": "sainte",
    "sts": "saints",
    "stes": "saintes",
    "cte": "communaute",
    "cc": "communaute communes",
    "ca": "communaute agglomeration",
    "cu": "communaute urbaine",
    "dpt": "departement",
    "dept": "departement",
}
#: Before the names of agglomerations, of groups of communes and of urban communities, as written and as folded.
_KIND = re.compile(r"(?:c[acu]|communaute (?:agglomeration|communes|urbaine)) ", re.IGNORECASE)
#: A name or a number that more resources than these share tells nothing of them.
MOST_ALIKE = 8
_LAID_OVER_MAX = 1_000


def folded(name: str) -> str:
    """Return a name as its words alone, without what two spellings of it may differ in.

    >>> folded("L’Association « La Fonda »"), folded("FONDA")
    ('fonda', 'fonda')
    """
    text = _INITIALS.sub(lambda found: found[0].replace(".", ""), name.casefold().translate(_UNLETTERED))
    bare = "".join(mark for mark in unicodedata.normalize("NFKD", text) if not unicodedata.combining(mark))
    words = [_SHORT_FORMS.get(word, word) for word in _WORD.findall(bare)]
    telling = [word for word in words if word not in _ARTICLES and word not in _LEGAL_FORMS]
    return " ".join(telling or words)


@dataclass(frozen=True, slots=True)
class Named:
    """A resource, as far as likeness looks at it.

    Args:
        label: a name to show.
        names: its names, folded.
        identifiers: what registers call it, each as "property value".
        places, pages: where it is said to be: territories, and homepages without what two spellings may differ in.
    """

    iri: str
    label: str = ""
    kinds: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    identifiers: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    pages: frozenset[str] = frozenset()

    @classmethod
    def of(cls, iri: str, said: Iterable[tuple[str, str]]) -> Named:
        """Return a resource by what is said of it: property and value, as texts."""
        pairs = sorted(said)
        labels = [value for term, value in pairs if term in _LABELS]
        preferred = (value for term, value in pairs if term == f"{_SKOS}prefLabel")
        return cls(
            iri,
            next(preferred, ""),
            frozenset(value for term, value in pairs if term == _TYPE and value in _KINDS),
            frozenset(filter(None, map(folded, labels))),
            frozenset(f"{term} {value}" for term, value in pairs if term in _IDENTIFIERS),
            frozenset(value for term, value in pairs if term in _PLACES),
            frozenset(page(value) for term, value in pairs if term == _HOMEPAGE),
        )

    def common(self) -> Iterator[str]:
        """Yield what a resource that is like this one has in common with it: one of these at least."""
        for kind in self.kinds:
            yield from (f"{kind} {text}" for text in (*self.identifiers, *self.names))


def alike(one: Named, other: Named) -> str:
    """Return the property by which two resources may be the same; "" when nothing says so.

    The same name is enough only where nothing tells them apart: they share a territory or a homepage, or one of them
    says neither.
    """
    if one.iri == other.iri or one.kinds.isdisjoint(other.kinds):
        return ""
    if shared := sorted(one.identifiers & other.identifiers):
        return shared[0].partition(" ")[0]
    if one.names.isdisjoint(other.names) or _told_apart(one, other):
        return ""
    return f"{_SKOS}prefLabel"


def _told_apart(one: Named, other: Named) -> bool:
    """Whether two resources of one name are said to be two: by numbers of one register, or by where they are."""
    if not _registers(one).isdisjoint(_registers(other)):
        return True  # the numbers themselves are not shared, or they would be alike by them
    if not (one.places.isdisjoint(other.places) and one.pages.isdisjoint(other.pages)):
        return False
    return bool((one.places and other.places) or (one.pages and other.pages))


def _registers(named: Named) -> frozenset[str]:
    return frozenset(identifier.partition(" ")[0] for identifier in named.identifiers)


def page(address: str) -> str:
    """Return an address without what two spellings of it may differ in: its scheme, www, and a final slash."""
    return re.sub(r"^https?://(?:www\.)?", "", address.casefold()).rstrip("/")


class Register:
    """Resources by what others may have in common with them. Never changed: a change gives another one.

    What it costs to look one up, or to give another register, follows what is asked, not what is registered.
    """

    def __init__(self, known: Iterable[Named] = ()) -> None:
        self._base = _Layer.of(known)
        self._over = _Layer()

    def with_changed(self, changed: Collection[Named]) -> Register:
        """Return a register in which some resources are as given; one without a name or identifier is in it no more."""
        fresh = Register()
        fresh._base = self._base
        fresh._over = _Layer(dict(self._over.named), dict(self._over.sharing))
        for named in changed:
            fresh._put(named)
        if len(fresh._over.named) > _LAID_OVER_MAX:
            fresh._base, fresh._over = fresh._base.under(fresh._over), _Layer()
        return fresh

    def like(self, named: Named) -> Iterator[tuple[Named, str]]:
        """Yield the resources that may be the same as one, sorted, each with the property that says so."""
        for iri in sorted(self._around(named, MOST_ALIKE) - {named.iri}):
            other = self.get(iri)
            if other and (why := alike(named, other)):
                yield other, why

    def near(self, iri: str) -> set[str]:
        """Return the resources of which this one may have a say, itself among them, if it is registered."""
        named = self.get(iri)
        # One more: those that shared a name with as many as may, and do not any more.
        return self._around(named, MOST_ALIKE + 1) if named else set()

    def get(self, iri: str) -> Named | None:
        """Return a resource that is registered."""
        return self._over.named.get(iri) or self._base.named.get(iri)

    def every(self) -> Iterator[Named]:
        """Yield every resource."""
        yield from {**self._base.named, **self._over.named}.values()

    def _around(self, named: Named, most: int) -> set[str]:
        groups = map(self._sharing, named.common())
        return {iri for group in groups if len(group) <= most for iri in group}

    def _sharing(self, key: str) -> frozenset[str]:
        found = self._over.sharing.get(key)
        return self._base.sharing.get(key, frozenset()) if found is None else found

    def _put(self, named: Named) -> None:
        before = self.get(named.iri)
        for key in before.common() if before else ():
            self._over.sharing[key] = self._sharing(key) - {named.iri}
        for key in named.common():
            self._over.sharing[key] = self._sharing(key) | {named.iri}
        self._over.named[named.iri] = named


@dataclass(frozen=True, slots=True)
class _Layer:
    named: dict[str, Named] = field(default_factory=dict)
    sharing: dict[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, known: Iterable[Named]) -> _Layer:
        sharing: dict[str, set[str]] = {}
        layer = cls({named.iri: named for named in known})
        for named in layer.named.values():
            for key in named.common():
                sharing.setdefault(key, set()).add(named.iri)
        layer.sharing.update({key: frozenset(iris) for key, iris in sharing.items()})
        return layer

    def under(self, over: _Layer) -> _Layer:
        return _Layer({**self.named, **over.named}, {**self.sharing, **over.sharing})


def said_by(triples: Iterable[tuple[str, str, str]]) -> Mapping[str, list[tuple[str, str]]]:
    """Return what triples of texts say of the subjects that likeness looks at: those of its kinds, and no others."""
    said: dict[str, list[tuple[str, str]]] = {}
    compared = set()
    for subject, predicate, value in triples:
        if predicate == _TYPE and value in _KINDS:
            compared.add(subject)
        if predicate in _COMPARED:
            said.setdefault(subject, []).append((predicate, value))
    return {subject: pairs for subject, pairs in said.items() if subject in compared}


def called(name: str) -> tuple[str, ...]:
    """Return a name, folded or not, and what people say: that of an intercommunal body begins with its kind.

    One that has a single word besides is called like its town, which is another thing.

    >>> called("CA Morlaix Communauté"), called("CA de Bastia")
    (('CA Morlaix Communauté', 'Morlaix Communauté'), ('CA de Bastia',))
    """
    kind = _KIND.match(name)
    short = name[kind.end() :] if kind else ""
    return (name, short) if len(folded(short).split()) > 1 else (name,)
