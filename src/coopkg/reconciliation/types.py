"""The types of what can be meant: classes, the levels of territories, and the themes.

A type is an IRI; so is each level, for whoever has a column of communes means no département of the same name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from coopkg import names
from coopkg.errors import InputError
from coopkg.index import Entry
from coopkg.view import View

ORGANISATION = f"{names.PREFIXES['org']}Organization"
ACTION, TERRITORY, CONCEPT = f"{names.COOP}Action", f"{names.COOP}Territory", f"{names.SKOS}Concept"
THEMES, LEVELS = f"{names.BASE}scheme/theme", f"{names.BASE}scheme/territory-level"
LEVEL = f"{names.COOP}territoryLevel"
_IN_SCHEME = f"{names.SKOS}inScheme"
#: The kinds of the index that can be meant, by the types that say no more than this.
_KINDS: Mapping[str, tuple[str, ...]] = {
    ORGANISATION: ("organisation",),
    TERRITORY: ("territory",),
    f"{names.COOP}Project": ("action",),
    f"{names.COOP}Programme": ("action",),
    f"{names.COOP}Experiment": ("action",),
    f"{names.COOP}Event": ("action",),
    ACTION: ("action",),
    THEMES: ("theme",),
    CONCEPT: ("concept", "theme"),
}
#: Of classes that others define, and that no ontology of ours names; the same in both languages.
_NAMES = {ORGANISATION: "Organisation", CONCEPT: "Concept"}
KINDS = ("action", "organisation", "theme", "territory", "concept")
#: What is chosen most often.
DEFAULT = (ORGANISATION, f"{names.COOP}Project", TERRITORY, THEMES)


def known(view: View) -> list[str]:
    """Return all types: those of `DEFAULT` first."""
    levels = [iri for iri in view.subjects(_IN_SCHEME, LEVELS) if iri.startswith(f"{LEVELS}/")]
    return list(dict.fromkeys((*DEFAULT, *_KINDS, *levels)))


def kinds_of(types: Iterable[str]) -> tuple[str, ...]:
    """Return the kinds of the index in which things of some types are found; all kinds when there are no types."""
    found = {kind for one in types for kind in _KINDS.get(one, ("territory",))}
    return tuple(kind for kind in KINDS if kind in found) if found else KINDS


def types_of(entry: Entry, view: View) -> list[str]:
    """Return the types of a thing, the one that says most first."""
    if entry.kind == "organisation":
        return [ORGANISATION]
    if entry.kind == "territory":
        return [*view.iris(entry.iri, LEVEL), TERRITORY]
    if entry.kind == "action":
        return list(dict.fromkeys((*entry.facets.get("type", ()), ACTION)))
    return [THEMES, CONCEPT] if entry.kind == "theme" else [CONCEPT]


def name(iri: str, view: View) -> str:
    """Return the name of a type in the language of a view."""
    return _NAMES[iri] if iri in _NAMES else view.label(iri).value


def checked(types: Iterable[str], view: View, place: str) -> tuple[str, ...]:
    """Return types that are known.

    Args:
        place: where they stand, for the refusal.
    Raises:
        InputError: one is unknown; lists those that are known.
    """
    chosen, every = tuple(types), known(view)
    if unknown := [one for one in chosen if one not in every]:
        raise InputError(f"{place}: {unknown[0][:200]!r} is no type here; there are {', '.join(every)}")
    return chosen
