"""The judges of pages see what they are for: each is shown a page that is wrong in one way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.browsing import NARROW, opened
from tests.e2e.tools import AXE, FOLDER, HtmlJudge, need
from tests.e2e.visits import violations

_FRAME = """<!doctype html><html lang=fr><head><title>Un titre</title><meta name=description content=x>
<style>body {{ margin: 8px; font: 16px/1.6 sans-serif }}</style></head>
<body><main><h1>Un titre</h1>{0}</main></body></html>"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Give an empty page as wide as a telephone."""
    with opened(browser, NARROW) as watched:
        yield watched.page


def _judged(page: Page, judgement: str, body: str) -> list[str]:
    page.set_content(_FRAME.format(body))
    page.evaluate((FOLDER / "audit.js").read_text(encoding="utf-8"))
    page.keyboard.press("Tab")
    found: list[str] = page.evaluate(f"audit.{judgement}()")
    return found


@pytest.mark.parametrize(
    ("judgement", "right", "wrong", "told"),
    [
        (
            "overlaps",
            "<p>Un texte</p><p>Un autre</p>",
            "<p>Un texte</p><p style='margin-top: -36px'>Un autre</p>",
            "<p> Un texte lies on <p> Un autre",
        ),
        (
            "overlaps",
            "<svg width=200 height=80><text x=5 y=20>Ain</text><text x=5 y=60>Aisne</text></svg>",
            "<svg width=200 height=80><text x=5 y=20>Ain</text><text x=9 y=22>Aisne</text></svg>",
            "<text> Ain lies on <text> Aisne",
        ),
        (
            "overlaps",
            "<div style='height: 20px; overflow: auto'><p>Un</p><p>Deux</p></div><p>Trois</p>",
            "<div style='height: 20px'><p>Un</p><p>Deux</p></div><p>Trois</p>",
            "lies on",
        ),
        (
            "cut",
            "<p style='overflow: auto; white-space: nowrap; width: 50px'>Un texte bien trop long</p>",
            "<p style='overflow: hidden; white-space: nowrap; width: 50px'>Un texte bien trop long</p>",
            "<p> Un texte bien trop long: cut in width",
        ),
        (
            "cut",
            "<p style='max-height: 200px; overflow: hidden'>Un<br>deux<br>trois</p>",
            "<p style='max-height: 30px; overflow: hidden'>Un<br>deux<br>trois</p>",
            "cut in height",
        ),
        (
            "cut",
            "<label>L <select><option>Une région au nom long</select></label>",
            "<label>L <select style='width: 60px'><option>Une région au nom long</select></label>",
            "the choice is cut",
        ),
        (
            "cut",
            "<svg width=100 height=40><text x=5 y=20>Ain</text></svg>",
            "<svg width=100 height=40><text x=90 y=20>Ain</text></svg>",
            "<text> Ain: outside of its drawing",
        ),
        (
            "sideways",
            "<p style='overflow-wrap: anywhere'>" + "x" * 200,
            "<p>" + "x" * 200,
            "px in 390: <p> xxx",
        ),
        (
            "turned",
            "<p><bdi>\u202egro</bdi> : 12 projets</p>",
            "<p><span>\u202egro</span><span> : 12 projets</span></p>",
            "<span> : 12 projets",
        ),
        ("small", "<p>Un <a href=/>mot</a></p>", "<button style='height: 12px'>Va</button>", "<button> Va: "),
        (
            "unseenFocus",
            "<p><a href=/>Un lien</a></p>",
            "<p><a href=/ style='outline: none'>Un lien</a></p>",
            "<a> Un lien: focus is not seen",
        ),
        ("frame", "<p><a href='http://a/'>x</a></p>", "<h1>Encore</h1>", "2 h1"),
        ("frame", "<p>x</p>", "<p onclick='alert(1)'>x</p>", "<p> x: handler in an attribute"),
        ("frame", "<p>x</p>", "<p><a href='javascript:alert(1)'>x</a></p>", "<a> x: leads to javascript:alert(1)"),
    ],
)
def test_a_judge_tells_a_wrong_page_from_a_right_one(
    page: Page, judgement: str, right: str, wrong: str, told: str
) -> None:
    own_styles = ["inline style or script"] if judgement == "frame" else []  # those of this test's frame
    assert _judged(page, judgement, right) == own_styles
    found = [fault for fault in _judged(page, judgement, wrong) if fault not in own_styles]
    assert found != []
    assert told in found[0]


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        ("color-contrast", "<p style='color: #aaa; background: #fff'>Un texte</p>"),
        ("label", "<input>"),
        ("heading-order", "<h4>Trop bas</h4>"),
        (
            "target-size",
            "<button style='font-size: 5px; padding: 0'>a</button><button style='font-size: 5px'>b</button>",
        ),
        ("link-name", "<a href='/'></a>"),
    ],
)
def test_axe_is_asked_for_all_that_it_knows(page: Page, rule: str, wrong: str) -> None:
    need(AXE, "axe-core")
    page.set_content(_FRAME.format(wrong))
    assert [fault for fault in violations(page) if fault.startswith(f"light: {rule}: ")] != []


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        ("no-inline-style", "<p style='color: red'>x</p>"),
        ("no-dup-id", "<p id='a'>x</p><p id='a'>y</p>"),
        ("element-permitted-content", "<ul><div>x</div></ul>"),
        ("close-order", "<p>x</div>"),
    ],
)
def test_the_html_judge_names_the_rule_that_a_page_breaks(html: HtmlJudge, rule: str, wrong: str) -> None:
    found: list[Any] = html.faults(_FRAME.format(wrong))
    assert [fault for fault in found if fault.startswith(f"{rule}: ")] != []
