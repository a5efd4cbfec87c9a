"""Lighthouse, over a server that runs: prints the median of five visits to four kinds of page; judges nothing.

python -m tests.e2e.lighthouse http://127.0.0.1:8080
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
from urllib.parse import urljoin

from tests.e2e.tools import FOLDER

RUNS = 5
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
PAGES = {"home": "/", "list": "/projects", "project": "/doc/project/creathon-du-vivre-ensemble", "SPARQL": "/query"}
_PROGRAM = FOLDER / "lighthouse" / "node_modules" / "lighthouse" / "cli" / "index.js"
_CHROMIUM_FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-background-networking"


def scores(address: str) -> dict[str, float]:
    """Return what one visit to a page scores in each category, out of 100."""
    command = ["node", str(_PROGRAM), address, "--quiet", "--output=json", f"--chrome-flags={_CHROMIUM_FLAGS}"]
    chromium = shutil.which("chromium") or shutil.which("google-chrome") or ""
    said = subprocess.run(
        command, capture_output=True, text=True, timeout=180, check=True, env={**os.environ, "CHROME_PATH": chromium}
    )
    found = json.loads(said.stdout)["categories"]
    return {name: 100 * (found[name]["score"] or 0) for name in CATEGORIES}


def main(url: str) -> None:
    """Print a table: a line a page, its medians, and the lowest score of all visits."""
    print(f"{'page':10}", *(f"{name:>15}" for name in CATEGORIES), "  (median of 5, lowest)")
    for name, address in PAGES.items():
        runs = [scores(urljoin(url, address)) for _ in range(RUNS)]
        shown = [[run[category] for run in runs] for category in CATEGORIES]
        print(f"{name:10}", *(f"{f'{statistics.median(one):.0f} ({min(one):.0f})':>15}" for one in shown), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
