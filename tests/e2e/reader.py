"""A reader before a browser, so that a journey reads as a story: what they do, and what they then see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.browsing import WIDE, Watched, opened

_FOCUSED = "() => { const e = document.activeElement; return (e.ariaLabel || e.innerText || e.value || '').trim() }"


class Reader:
    """A reader of a site; each method is one thing that a reader does, or sees."""

    def __init__(self, watched: Watched, url: str, lang: str, folder: Path) -> None:
        self.page: Page = watched.page
        self.watched = watched
        self._url = url
        self._lang = lang
        self._folder = folder

    def word(self, french: str, english: str) -> str:
        """Return a word of the site as it stands in the reader's language."""
        return english if self._lang == "en" else french

    def opens(self, address: str) -> None:
        """Type an address; the language is the reader's."""
        self.page.goto(f"{self._url}{address}{'&' if '?' in address else '?'}lang={self._lang}")

    def searches(self, words: str) -> None:
        """Search from the head of the page that is open."""
        box = self.page.get_by_role("banner").get_by_role("searchbox")
        box.fill(words)
        box.press("Enter")

    def follows(self, name: str | re.Pattern[str], within: str = "main") -> None:
        """Click a link by its whole name, or by a part of it, in the content or another part of the page."""
        self._one(within, "link", name).click()

    def presses(self, name: str | re.Pattern[str], within: str = "main") -> None:
        """Click a button by its name."""
        self._one(within, "button", name).click()

    def writes(self, label: str | re.Pattern[str], text: str) -> None:
        """Fill a field."""
        self.page.get_by_role("main").get_by_label(label).first.fill(text)

    def unfolds(self, name: str) -> None:
        """Open what is folded below a name, unless it is open, or always open in a window as wide."""
        folded = self.page.get_by_role("main").locator("details", has=self.page.locator("summary", has_text=name)).first
        summary = folded.locator("summary").first
        if folded.get_attribute("open") is None and summary.is_visible():
            summary.click()

    def edits(self, more: str) -> None:
        """Write more at the end of the query in the editor."""
        self.page.get_by_role("main").get_by_role("textbox").first.click()
        self.page.keyboard.press("Control+End")
        self.page.keyboard.press("Enter")
        self.page.keyboard.insert_text(more)

    def ticks(self, label: str | re.Pattern[str]) -> None:
        """Tick a box, after unfolding what hides it."""
        box = self.page.get_by_role("main").get_by_label(label).first
        hiding = self.page.locator("details:not([open])", has=self.page.get_by_label(label))
        while not box.is_visible():
            hiding.locator("> summary:visible").first.click()
        box.check()

    def downloads(self, name: str | re.Pattern[str]) -> bytes:
        """Click a link or button that gives a file, and return the file."""
        with self.page.expect_download() as download:
            self.page.get_by_role("main").get_by_role("link", name=name).first.click()
        path = self._folder / download.value.suggested_filename
        download.value.save_as(path)
        return path.read_bytes()

    def prints(self) -> int:
        """Print the page on A4 and return the number of sheets."""
        return len(re.findall(rb"/Type\s*/Page\b", self.page.pdf(format="A4")))

    def tabs_to(self, name: str, at_most: int = 80) -> None:
        """Press Tab until what has the focus bears a name."""
        for _ in range(at_most):
            self.page.keyboard.press("Tab")
            if name in self.focus():
                return
        raise AssertionError(f"no {name!r} within {at_most} Tabs")

    def focus(self) -> str:
        """Return the name of what has the focus."""
        return str(self.page.evaluate(_FOCUSED))

    def types(self, keys: str) -> None:
        """Press a key, or several with "+"."""
        self.page.keyboard.press(keys)

    def sees(self, text: str | re.Pattern[str], within: str = "main") -> None:
        """See a text."""
        expect(self.page.get_by_role(within).get_by_text(text).first).to_be_visible()  # type: ignore[arg-type] # a role is a closed list of words there

    def sees_link(self, name: str | re.Pattern[str], within: str = "main") -> None:
        """See a link."""
        expect(self._one(within, "link", name)).to_be_visible()

    def sees_heading(self, text: str | re.Pattern[str]) -> None:
        """See what the page is about."""
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(text)

    def is_at(self, start: str, *fields: str) -> None:
        """Be at an address that begins so and holds some fields."""
        later = "".join(f"(?=.*{re.escape(field)})" for field in fields)
        expect(self.page).to_have_url(re.compile(f"^{re.escape(self._url + start)}{later}"))

    def is_read_in(self, lang: str) -> None:
        """Read a page in a language."""
        expect(self.page.locator("html")).to_have_attribute("lang", lang)

    def _one(self, within: str, role: str, name: str | re.Pattern[str]) -> Locator:
        part: Locator = self.page.get_by_role(within)  # type: ignore[arg-type] # a role is a closed list of words there
        return part.get_by_role(role, name=name, exact=isinstance(name, str)).first  # type: ignore[arg-type] # the same


@contextmanager
def reading(
    browser: Browser,
    url: str,
    folder: Path,
    lang: str = "fr",
    size: tuple[int, int] = WIDE,
    script: bool = True,
) -> Iterator[Reader]:
    """Give a reader, who at the end has met no complaint of the browser and nothing from elsewhere."""
    with opened(browser, size, script=script, lang=lang) as watched:
        yield Reader(watched, url, lang, folder)
        found = [*watched.complaints, *watched.outside(url)]
        assert not found, found
