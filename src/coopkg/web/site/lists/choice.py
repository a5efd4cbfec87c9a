"""What a reader chose of a list: the filters, words, order and page that an address says; what in it is wrong, and how
to repair it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from coopkg import names, spelling
from coopkg.index import Wanted
from coopkg.view import View, folded
from coopkg.web.fields import Fields
from coopkg.web.site.lists.catalogue import BY_RELEVANCE, Catalogue, Facet, Order

#: Longer words are refused: the index would cut them without a word.
WORDS_MAX = 200
_ONCE = ("q", "sort", "page")
_SHOWN_MAX = 60
_NEAREST = 3
_LEVELS = f"{names.BASE}scheme/territory-level/"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in an address.

    Args:
        field, value: where and what, the value cut to a length that can be shown.
        fr, en: what is expected.
        nearest: values that may be meant, each as it is written and as it is called.
    """

    field: str
    value: str
    fr: str
    en: str
    nearest: tuple[tuple[str, str], ...] = ()

    def sentence(self) -> str:
        """Return all of it as one English sentence."""
        meant = ", ".join(f"{short} ({label})" if label != short else short for short, label in self.nearest)
        return f"{self.field}={self.value!r}: {self.en}" + (f"; near: {meant}" if meant else "")


@dataclass(frozen=True, slots=True)
class Choice:
    """What is chosen of a list.

    Args:
        filters: for each facet that is used the IRIs (or years) of which one is enough, each once.
        sort: "" for the usual order.
    """

    of: Catalogue
    filters: Mapping[str, tuple[str, ...]]
    q: str = ""
    sort: str = ""
    page: int = 1

    @property
    def orders(self) -> tuple[Order, ...]:
        """The orders that are possible, the usual one first."""
        return (BY_RELEVANCE, *self.of.orders) if self.q else self.of.orders

    @property
    def is_narrowed(self) -> bool:
        """Whether it is less than the whole list."""
        return bool(self.filters or self.q)

    def wanted(self, lang: str) -> Wanted:
        """Return it as the index is asked."""
        return Wanted(self.of.kind, dict(self.filters), self.q, self.sort or self.orders[0].name, lang)

    def without(self, facet: str, value: str = "") -> Choice:
        """Return it without a value, or without all of a facet; from the first page on."""
        kept = {name: values for name, values in self.filters.items() if name != facet}
        if value and (rest := tuple(one for one in self.filters[facet] if one != value)):
            kept[facet] = rest
        return replace(self, filters=kept, page=1)

    def wordless(self) -> Choice:
        """Return it without its words; from the first page on."""
        return replace(self, q="", sort="" if self.sort == BY_RELEVANCE.name else self.sort, page=1)

    def at(self, page: int) -> Choice:
        """Return another page of it."""
        return replace(self, page=page)

    def address(self, lang: str, ending: str = "") -> str:
        """Return the address of it; with an ending such as "csv", that of the file with all rows."""
        fields = [("lang", lang), *self._fields()]
        if self.page > 1 and not ending:
            fields.append(("page", str(self.page)))
        return f"/{self.of.name}{f'.{ending}' if ending else ''}?{urlencode(fields)}"

    def _fields(self) -> Iterator[tuple[str, str]]:
        for facet in self.of.facets:
            for value in self.filters.get(facet.name, ()):
                yield facet.name, facet.short(value)
        yield from ((name, text) for name, text in (("q", self.q), ("sort", self.sort)) if text)


def read(fields: Fields, of: Catalogue, view: View, *, takes_page: bool = True) -> tuple[Choice, list[Fault]]:
    """Return what an address chooses, as far as it is right, and all that is wrong in it.

    Args:
        view: tells which values there are.
    """
    known = ["lang", *_ONCE, *(facet.name for facet in of.facets)]
    if not takes_page:
        known.remove("page")
    faults = [*_unknown(fields, known), *_repeated(fields)]
    filters: dict[str, tuple[str, ...]] = {}
    for facet in of.facets:
        found, wrong = _values(fields.all(facet.name), facet, view)
        faults += wrong
        if found:
            filters[facet.name] = found
    words = _plain("".join(fields.all("q")[:1]))
    if len(words) > WORDS_MAX:
        faults.append(
            Fault("q", _cut(words), f"{WORDS_MAX} caractères au plus", f"give at most {WORDS_MAX} characters")
        )
    choice = Choice(of, filters, words[:WORDS_MAX])
    sort, wrong = _sort(fields.all("sort")[:1], choice)
    page, more = _page(fields.all("page")[:1] if takes_page else [])
    return replace(choice, sort=sort, page=page), [*faults, *wrong, *more]


def _unknown(fields: Fields, known: Sequence[str]) -> Iterator[Fault]:
    """Yield the fields that mean nothing: left out in silence, a misspelt filter would give the whole list."""
    for name in sorted(fields.names() - set(known)):
        nearest = spelling.nearest_of(name, {one: one for one in known})
        yield Fault(
            _cut(_plain(name)),
            _cut(_plain("".join(fields.all(name)[:1]))),
            f"ce champ n’existe pas ici\u00a0; il y a {', '.join(known)}",
            f"there is no such field here; there are {', '.join(known)}",
            ((nearest, nearest),) if nearest else (),
        )


def _repeated(fields: Fields) -> Iterator[Fault]:
    for name in _ONCE:
        if len(given := fields.all(name)) > 1:
            yield Fault(name, _cut(_plain(given[1])), "une seule valeur est possible", "give one value")


def _values(texts: Iterable[str], facet: Facet, view: View) -> tuple[tuple[str, ...], list[Fault]]:
    found, faults = dict[str, None](), []
    for text in dict.fromkeys(texts):
        value = facet.iri(text)
        if value and (facet.fixed or not facet.prefix or view.exists(value)):
            found[value] = None
        elif text:  # an empty choice of a form chooses nothing
            faults.append(_no_value(text, facet, view))
    return tuple(found), faults


def _no_value(text: str, facet: Facet, view: View) -> Fault:
    if not facet.prefix:
        return Fault(
            facet.name, _cut(_plain(text)), "donnez une année de quatre chiffres", "give a year of four digits"
        )
    return Fault(
        facet.name,
        _cut(_plain(text)),
        f"cette valeur n’existe pas ({facet.fr})",
        f"there is no such value ({facet.en})",
        tuple(_nearest(text, facet, view)),
    )


def _nearest(text: str, facet: Facet, view: View) -> Iterator[tuple[str, str]]:
    """Yield the values that may be meant, by their short forms or their names."""
    values = list(_known(facet, view))
    spelt = {facet.short(value).lower(): value for value in values}
    spelt |= {folded(view.label(value).value): value for value in values}
    word, met = folded(_cut(text)), set[str]()
    while spelt and len(met) < _NEAREST and (value := spelling.nearest_of(word, spelt)):
        spelt = {spelling_: one for spelling_, one in spelt.items() if one != value}
        met.add(value)
        yield facet.short(value), view.label(value).value


def _known(facet: Facet, view: View) -> Iterable[str]:
    """Return values of a facet, for who may have misspelt one; none where they are too many to be compared."""
    if facet.fixed:
        return facet.fixed.values()
    if facet.level:
        return view.subjects(f"{names.COOP}territoryLevel", _LEVELS + facet.level)
    if facet.prefix.startswith(f"{names.BASE}scheme/"):
        return view.subjects(f"{names.SKOS}inScheme", facet.prefix.rstrip("/"))
    return ()


def _sort(given: Sequence[str], choice: Choice) -> tuple[str, list[Fault]]:
    possible = [order.name for order in choice.orders]
    if not any(given) or given[0] in possible:
        return "".join(given), []
    listed = ", ".join(possible)
    nearest = spelling.nearest_of(given[0][:_SHOWN_MAX], {one: one for one in possible})
    meant = ((nearest, nearest),) if nearest else ()
    return "", [Fault("sort", _cut(_plain(given[0])), f"les ordres sont {listed}", f"the orders are {listed}", meant)]


def _page(given: Sequence[str]) -> tuple[int, list[Fault]]:
    text = "".join(given)
    if not text:
        return 1, []
    if text.isascii() and text.isdecimal() and len(text) <= 9 and int(text) > 0:
        return int(text), []
    return 1, [Fault("page", _cut(_plain(text)), "donnez un nombre à partir de 1", "give a number from 1 on")]


def _plain(text: str) -> str:
    """Return a text on one line, without what cannot be seen: control characters, marks of direction."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}…"
