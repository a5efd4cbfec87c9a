"""A page of a real browser, watched: what it asked for and what it complained about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

WIDE, NARROW, NARROWEST = (1280, 900), (390, 844), (320, 640)
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

    page.on("request", see)
    page.on("console", hear)
    page.on("pageerror", lambda error: watch.complaints.append(str(error)))
    page.on("requestfailed", lambda request: watch.complaints.append(f"failed: {request.url}"))
    return watch
