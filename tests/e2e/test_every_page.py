"""What holds for every page of the site, in both languages: one visit each, judged from all sides."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.pages import ALL, KINDS, LANGUAGES, Kind
from tests.e2e.tools import HtmlJudge
from tests.e2e.visits import Visit

every_page = pytest.mark.parametrize(("kind", "lang"), ALL, ids=[f"{kind.name}-{lang}" for kind, lang in ALL])
Visiting = Callable[[Kind, str], Visit]


def assert_none(faults: list[str]) -> None:
    """Show every fault, one a line."""
    assert faults == [], "\n".join(["", *faults])


@every_page
def test_the_page_answers_in_the_language_that_was_asked_for(visit: Visiting, kind: Kind, lang: str) -> None:
    found = visit(kind, lang)
    assert (found.status, found.lang, found.headers["content-language"]) == (kind.status, lang, lang)


@every_page
def test_axe_finds_nothing_in_light_and_dark_colours(visit: Visiting, kind: Kind, lang: str) -> None:
    assert_none(visit(kind, lang).axe)


@every_page
def test_the_html_is_valid(visit: Visiting, html: HtmlJudge, kind: Kind, lang: str) -> None:
    assert_none(html.faults(visit(kind, lang).html))


@every_page
def test_the_page_has_one_heading_a_title_and_a_description_and_no_code_of_its_own(
    visit: Visiting, kind: Kind, lang: str
) -> None:
    assert_none(visit(kind, lang).frame)


@every_page
def test_nothing_is_wider_than_the_window(visit: Visiting, kind: Kind, lang: str) -> None:
    assert_none(visit(kind, lang).sideways)


@every_page
def test_no_text_is_cut(visit: Visiting, kind: Kind, lang: str) -> None:
    assert_none(visit(kind, lang).cut)


@every_page
def test_no_text_lies_on_another_on_screen_or_on_paper(visit: Visiting, kind: Kind, lang: str) -> None:
    assert_none(visit(kind, lang).overlaps)


@every_page
def test_a_finger_finds_every_button_and_menu(visit: Visiting, kind: Kind, lang: str) -> None:
    assert_none(visit(kind, lang).small)


@every_page
def test_the_keyboard_passes_the_menus_and_is_seen_wherever_it_is(visit: Visiting, kind: Kind, lang: str) -> None:
    assert_none(visit(kind, lang).focus)


@every_page
def test_the_browser_has_nothing_to_complain_of(visit: Visiting, kind: Kind, lang: str) -> None:
    assert_none(visit(kind, lang).complaints)


@every_page
def test_nothing_is_asked_from_elsewhere(visit: Visiting, kind: Kind, lang: str) -> None:
    found = visit(kind, lang)
    policy = dict(part.split(maxsplit=1) for part in found.headers["content-security-policy"].split("; "))
    assert found.outside == []
    assert policy["default-src"] == "'none'"
    assert {"base-uri", "form-action", "frame-ancestors"} <= policy.keys()
    assert_none([rule for rule in policy.values() if "unsafe" in rule or "*" in rule or "http" in rule])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_title_tells_its_page_from_the_others(visit: Visiting, lang: str) -> None:
    titles: dict[str, set[str]] = {}
    for kind in KINDS:
        if not kind.name.startswith("hostile"):  # things that bear one name on purpose
            titles.setdefault(visit(kind, lang).title, set()).add(kind.address.partition("?")[0])
    assert_none([f"{title}: {sorted(paths)}" for title, paths in titles.items() if len(paths) > 1])
