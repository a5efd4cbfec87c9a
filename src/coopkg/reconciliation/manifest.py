"""What the service says of itself: who it is, what it offers, and where. Source: section 3.1 of the specification."""

from __future__ import annotations

from collections.abc import Sequence

from coopkg import names
from coopkg.addresses import Addresses
from coopkg.reconciliation import properties, types
from coopkg.view import View

VERSIONS = ("0.1", "0.2")
#: How many questions are answered at once.
MOST_QUESTIONS = 50
PREVIEW_WIDTH, PREVIEW_HEIGHT = 430, 300
#: OpenRefine shows these words as they are.
_SETTINGS = {
    "fr": (
        ("Nombre de valeurs", "Au plus autant de valeurs par case ; 0 : toutes, jusqu’à 100."),
        ("Contenu", "Ce que la case montre d’une chose."),
        ("Noms", "Identifiants"),
    ),
    "en": (
        ("Number of values", "As many values a cell at most; 0: all, up to 100."),
        ("Content", "What a cell shows of a thing."),
        ("Names", "Identifiers"),
    ),
}


def manifest(site: Addresses, view: View, logo: str) -> dict[str, object]:
    """Return the manifest, in the language of a view.

    Args:
        logo: the address of a square picture.
    """
    lang = view.lang
    of_id = f"?lang={lang}&id={{{{id}}}}"
    return {
        "versions": list(VERSIONS),
        "name": "coopkg – coopérations" if lang == "fr" else "coopkg – cooperation projects",
        "identifierSpace": names.BASE,
        "schemaSpace": names.COOP,
        "documentation": site.at("docs/reconciliation.md"),
        "logo": logo,
        "batchSize": MOST_QUESTIONS,
        "defaultTypes": named_types(types.DEFAULT, view),
        "view": {"url": site.at("reconcile/view") + of_id},
        "preview": {
            "url": site.at("reconcile/preview") + of_id,
            "width": PREVIEW_WIDTH,
            "height": PREVIEW_HEIGHT,
        },
        "suggest": {what: _suggesting(site, what, lang) for what in ("entity", "type", "property")},
        "extend": {
            # OpenRefine puts "?type=" behind this path: it can have no fields of its own.
            "propose_properties": {"service_url": site.at("").rstrip("/"), "service_path": "/reconcile/properties"},
            "property_settings": _settings(lang),
        },
    }


def named_types(iris: Sequence[str], view: View) -> list[dict[str, str]]:
    """Return types as the protocol names them: each with its name in the language of a view."""
    return [{"id": iri, "name": types.name(iri, view)} for iri in iris]


def proposed(type_iri: str, lang: str) -> list[dict[str, str]]:
    """Return the properties that things of a type can have; of any type for ""."""
    kinds = types.kinds_of([type_iri] if type_iri else ())
    return [{"id": one.id, "name": one.name(lang)} for one in properties.of_kinds(kinds)]


def _suggesting(site: Addresses, what: str, lang: str) -> dict[str, str]:
    return {
        "service_url": site.at("").rstrip("/"),
        "service_path": f"/reconcile/suggest/{what}?lang={lang}",
        "flyout_service_url": site.at("").rstrip("/"),
        "flyout_service_path": f"/reconcile/flyout?lang={lang}&id=${{id}}",
    }


def _settings(lang: str) -> list[dict[str, object]]:
    (values, values_help), (content, content_help), (by_name, by_id) = _SETTINGS[lang]
    choices = [{"value": "name", "name": by_name}, {"value": "id", "name": by_id}]
    return [
        {"type": "number", "default": 10, "label": values, "name": "limit", "help_text": values_help},
        {
            "type": "select",
            "default": "name",
            "label": content,
            "name": "content",
            "help_text": content_help,
            "choices": choices,
        },
    ]
