"""A visit to a page: all that is judged of it, found in one stay.

The only module that runs axe-core. What each judgement means is said in `test_every_page`.
"""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page

from tests.e2e.browsing import NARROW, NARROWEST, WIDE, Watched
from tests.e2e.tools import AXE, FOLDER

#: The width of the paper between its margins, in CSS pixels.
PAPER = (718, 1040)
_AUDIT = (FOLDER / "audit.js").read_text(encoding="utf-8")
_AXE_OPTIONS = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
#: What the colours of the other scheme can change.
_AXE_COLOURS = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast"]}}
#: Runs axe-core. A name in a drawing stands in lines, below its figure: the same words in another order, which the rule
#: about names takes for others.
_AXE_RUN = """async options => {
  const { violations } = await axe.run(document, options);
  const isDrawn = node => document.querySelector(node.target[0])?.closest("svg");
  return violations.flatMap(rule => rule.nodes
    .filter(node => rule.id !== "label-content-name-mismatch" || !isDrawn(node))
    .map(node => `${rule.id}: ${node.target} ${node.failureSummary.split("\\n").at(-1).trim()}`));
}"""
_SKIP = """() => {
  const e = document.activeElement;
  return e.closest("main") !== null || document.querySelector("main :is(a[href], button, summary)") === null;
}"""


@dataclass(frozen=True)
class Visit:
    """What was found in a page; each list holds one sentence a fault."""

    status: int
    headers: dict[str, str]
    html: str
    title: str
    lang: str
    axe: list[str]
    frame: list[str]
    sideways: list[str]
    cut: list[str]
    overlaps: list[str]
    small: list[str]
    focus: list[str]
    complaints: list[str]
    outside: list[str]


def visited(watched: Watched, url: str, address: str) -> Visit:
    """Go to an address of a server, look at the page at each width, in each colour scheme and on paper."""
    page = watched.page
    watched.requests.clear()
    watched.complaints.clear()
    answer = page.goto(f"{url}{address}", wait_until="load")
    assert answer is not None
    page.evaluate(_AUDIT)
    axe = violations(page)
    sideways, cut, overlaps, small = [], [], [], []
    for size in (WIDE, NARROW, NARROWEST):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        sideways += _told(page, "sideways", f"{size[0]} px")
        cut += _told(page, "cut", f"{size[0]} px")
        overlaps += _told(page, "overlaps", f"{size[0]} px")
        small += _told(page, "small", f"{size[0]} px")
    overlaps += _on_paper(page)
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    return Visit(
        answer.status,
        answer.headers,
        answer.text(),
        page.title(),
        page.evaluate("document.documentElement.lang"),
        axe,
        page.evaluate("audit.frame()"),
        sideways,
        cut,
        overlaps,
        small,
        _by_keyboard(page),
        list(watched.complaints),
        watched.outside(url),
    )


def violations(page: Page) -> list[str]:
    """Return what axe-core finds in light colours, and what the dark ones change."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = [f"light: {fault}" for fault in page.evaluate(_AXE_RUN, _AXE_OPTIONS)]
    page.emulate_media(color_scheme="dark")
    found += [f"dark: {fault}" for fault in page.evaluate(_AXE_RUN, _AXE_COLOURS)]
    page.emulate_media(color_scheme="light")
    return found


def _told(page: Page, judgement: str, where: str) -> list[str]:
    return [f"{where}: {fault}" for fault in page.evaluate(f"audit.{judgement}()")]


def _on_paper(page: Page) -> list[str]:
    page.set_viewport_size({"width": PAPER[0], "height": PAPER[1]})
    page.emulate_media(media="print")
    found = [*_told(page, "overlaps", "print"), *_told(page, "cut", "print"), *_told(page, "sideways", "print")]
    page.emulate_media(media="screen")
    return found


def _by_keyboard(page: Page) -> list[str]:
    """Return what a reader without a mouse misses: the way past the menus, and where the focus is."""
    page.evaluate("scrollTo(0, 0); document.activeElement?.blur()")
    page.keyboard.press("Tab")
    if not page.evaluate(
        "document.activeElement.matches('.skip') && document.activeElement.getBoundingClientRect().left >= 0"
    ):
        return ["the first Tab shows no way past the menus"]
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    found = [] if page.evaluate(_SKIP) else ["the way past the menus does not lead to the content"]
    found += page.evaluate("audit.unseenFocus()")
    return found
