"""What a contributor does with the page that checks a document, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.builders import a_source
from tests.e2e.browsing import NARROW, WIDE, opened
from tests.web.conftest import Served

BROKEN = a_source("another").replace("scheme/role/lead>", "scheme/role/nobody>")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=lambda size: f"{size[0]} px")
def test_a_contributor_checks_a_document_and_repairs_it(
    browser: Browser, served: Served, size: tuple[int, int]
) -> None:
    with opened(browser, size, script=False) as watched:
        page = watched.page
        page.goto(f"{served.url}/")
        page.get_by_role("link", name="Vérifier un document").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Vérifier un document")
        page.get_by_role("textbox").fill(BROKEN)
        page.get_by_role("button", name="Vérifier").click()
        expect(page.get_by_role("heading", name="Le document ne peut pas encore être publié")).to_be_in_viewport()
        fault = page.get_by_role("listitem").filter(has_text="coop:role").first
        expect(fault).to_contain_text("À corriger")
        expect(fault).to_contain_text("ligne 2")
        expect(page.get_by_role("textbox")).to_have_value(BROKEN)
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        page.get_by_role("textbox").fill(BROKEN.replace("role/nobody>", "role/lead>"))
        page.get_by_role("button", name="Vérifier").click()
        expect(page.get_by_role("heading", name="Le document peut être publié")).to_be_visible()
    assert watched.complaints == []
    assert watched.outside(served.url) == []
