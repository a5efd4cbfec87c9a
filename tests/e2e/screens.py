"""Pictures of every kind of page over the published data, for docs/screens/.

    python -m tests.e2e.screens http://127.0.0.1:8080 docs/screens [name...]

With names, only those kinds of page are taken again.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.conftest import CHROMIUM_FLAGS, CHROMIUMS
from tests.e2e.browsing import NARROW, WIDE
from tests.e2e.pages import KINDS, Kind

#: A long page is taken down to here, by width.
HEIGHTS = {WIDE[0]: 1100, NARROW[0]: 1300}
COLOURS = 16
_INDEX = """# Screens

En bref : une image de chaque sorte de page, à 1280 et à 390 pixels de large, prise sur les données publiées.
`make screens` les refait.

Each kind of page of the site at 1280 and 390 pixels, over the published data. Long pages are cut at the bottom.
`make screens` takes them again; look at them before you commit them.

| page | address | 1280 px | 390 px |
|---|---|---|---|
"""


def main(url: str, folder: str, *names: str) -> None:
    """Take the pictures and write their index."""
    kinds = [kind for kind in KINDS if kind.published]
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    chromium = next(filter(None, map(shutil.which, CHROMIUMS)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        for width, height in (WIDE, NARROW):
            context = browser.new_context(viewport={"width": width, "height": height}, locale="fr-FR")
            page = context.new_page()
            for kind in kinds:
                if not names or kind.name in names:
                    answer = page.goto(f"{url.rstrip('/')}{kind.published}", wait_until="networkidle")
                    if answer is None or answer.status != kind.status:
                        print(f"{kind.published}: answers {answer and answer.status}, not {kind.status}; no picture")
                        continue
                    _take(page, target / _picture(kind, width), width)
        browser.close()
    rows = (
        f"| {kind.name} | `{kind.published}` | [{WIDE[0]}]({_picture(kind, WIDE[0])}) | "
        f"[{NARROW[0]}]({_picture(kind, NARROW[0])}) |\n"
        for kind in kinds
    )
    (target / "README.md").write_text(_INDEX + "".join(rows), encoding="utf-8")
    print(f"{sum(path.stat().st_size for path in target.glob('*.png')) / 1e6:.1f} MB in {target}")


def _picture(kind: Kind, width: int) -> str:
    return f"{kind.name}-{width}.png"


def _take(page: Page, path: Path, width: int) -> None:
    """Write the picture of a page in few colours, which is a third of its size."""
    long = page.evaluate("document.documentElement.scrollHeight")
    page.screenshot(
        path=path, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": min(long, HEIGHTS[width])}
    )
    with Image.open(path) as picture:
        few = picture.convert("RGB").quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
