"""A page of a real browser, watched: what it asked for and what it complained about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

WIDE, NARROW, NARROWEST = (1280, 900), (390, 844), (320, 640)
#: The contrast of every text with the ground behind it, lowest first (WCAG 1.4.3).
_CONTRASTS = """() => {
  const channel = c => (c /= 255) <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
  const rgba = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
  const ground = e => { for (; e; e = e.parentElement) {
    const c = rgba(getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] > 0) return c; } };
  const found = [];
  for (const e of document.querySelectorAll("body *")) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || !e.offsetHeight) continue;
    const [a, b] = [light(rgba(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
    found.push([(a + .05) / (b + .05), e.tagName + " " + e.textContent.trim().slice(0, 30)]);
  }
  return found.sort((x, y) => x[0] - y[0]);
}"""
LOCALES = {"fr": "fr-FR", "en": "en-GB"}


@dataclass
class Watched:
    """A page, with what it asked for and what it complained about."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def outside(self, url: str) -> list[str]:
        """Return the requests that went elsewhere than to a server."""
        return [asked for asked in self.requests if not asked.startswith((f"{url}/", "data:", "blob:"))]


@contextmanager
def opened(
    browser: Browser,
    size: tuple[int, int] = WIDE,
    scheme: str = "light",
    script: bool = True,
    lang: str = "fr",
) -> Iterator[Watched]:
    """Open an empty page for a reader and watch it."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if scheme == "dark" else "light",
        locale=LOCALES[lang],
        java_script_enabled=script,
        accept_downloads=True,
    )
    try:
        yield _watched(context)
    finally:
        context.close()


def contrasts_of(browser: Browser, address: str, scheme: str) -> list[tuple[float, str]]:
    """Return the contrast of each text of a page with its ground, lowest first."""
    with opened(browser, scheme=scheme) as watched:
        watched.page.goto(address)
        ground = watched.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (ground == "rgb(255, 255, 255)") is (scheme == "light")
        found: list[tuple[float, str]] = watched.page.evaluate(_CONTRASTS)
        return found


def _watched(context: BrowserContext) -> Watched:
    """Return a new page of a context, watched. An address that answers an error is itself no complaint."""
    page = context.new_page()
    page.set_default_timeout(15_000)
    watch = Watched(page)
    gone_to: set[str] = set()

    def see(request: Request) -> None:
        watch.requests.append(request.url)
        if request.is_navigation_request():
            gone_to.add(request.url.partition("#")[0])

    def hear(message: ConsoleMessage) -> None:
        if not (message.text.startswith("Failed to load resource") and message.location["url"] in gone_to):
            watch.complaints.append(f"{message.type}: {message.text}")

    def lose(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # who goes on to another page leaves what was still coming
            watch.complaints.append(f"failed: {request.url} ({request.failure})")

    page.on("request", see)
    page.on("console", hear)
    page.on("pageerror", lambda error: watch.complaints.append(str(error)))
    page.on("requestfailed", lose)
    return watch
