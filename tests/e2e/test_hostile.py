"""Texts and addresses that wish harm are shown as text, and nothing else: a whole site of them, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browsing import NARROWEST, opened
from tests.e2e.pages import KINDS, LANGUAGES
from tests.e2e.tools import FOLDER
from tests.rich import BREAKOUT, HOSTILE, LONG_WORD, SCRIPT
from tests.web.conftest import Served

#: Wherever the hostile things are named, besides their own pages.
_LISTS = ("/projects?sort=name", "/organisations", "/lessons", "/sources", "/doc/organisation/une-ville", "/map")
ADDRESSES = [
    kind.in_language(lang) for kind in KINDS if HOSTILE in kind.name or kind.address in _LISTS for lang in LANGUAGES
]


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """Give a narrow page in which any dialog is remembered in its title."""
    with opened(browser, NARROWEST) as watched:
        yield watched.page


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_text_acts_and_no_address_is_dangerous(page: Page, site: Served, address: str) -> None:
    dialogs: list[str] = []

    def told(dialog: object) -> None:
        dialogs.append(str(dialog))

    page.on("dialog", told)
    page.goto(f"{site.url}{address}")
    page.evaluate((FOLDER / "audit.js").read_text(encoding="utf-8"))
    assert page.locator("[href^='javascript:' i], [href^='data:' i], [src=x], [onload], [onerror]").count() == 0
    assert page.locator("script:not([src])").count() == 0
    assert page.evaluate("audit.turned()") == []
    assert page.evaluate("audit.sideways()") == []
    page.remove_listener("dialog", told)
    assert dialogs == []


@pytest.mark.parametrize("kind", ["project", "organisation", "lesson", "source"])
def test_markup_in_a_name_is_read_as_it_is_written(page: Page, site: Served, kind: str) -> None:
    page.goto(f"{site.url}/doc/{kind}/{HOSTILE}?lang=fr")
    expect(page.get_by_role("heading", level=1)).to_contain_text(SCRIPT)
    expect(page).to_have_title(re.compile(re.escape(SCRIPT[:20])))


def test_quotes_and_closing_tags_leave_no_element_early(page: Page, site: Served) -> None:
    page.goto(f"{site.url}/doc/lesson/{HOSTILE}?lang=en")
    expect(page.get_by_role("heading", level=1)).to_contain_text(BREAKOUT)
    page.goto(f"{site.url}/search?lang=fr&q=%22%3E%3Cscript%3Ealert(9)%3C/script%3E")
    expect(page.get_by_role("searchbox").first).to_have_value('"><script>alert(9)</script>')


def test_a_dangerous_address_is_told_and_leads_nowhere(page: Page, site: Served) -> None:
    page.goto(f"{site.url}/doc/organisation/{HOSTILE}?lang=fr")
    assert page.get_by_role("link").filter(has_text=re.compile("javascript:", re.IGNORECASE)).count() == 0


def test_a_word_without_end_is_broken_and_a_text_without_end_does_not_hide_the_page(page: Page, site: Served) -> None:
    page.goto(f"{site.url}/doc/project/{HOSTILE}?lang=fr")
    expect(page.get_by_text(LONG_WORD[:60]).first).to_be_visible()
    page.goto(f"{site.url}/doc/project/{HOSTILE}?lang=en")
    expect(page.get_by_role("contentinfo")).to_be_visible()
