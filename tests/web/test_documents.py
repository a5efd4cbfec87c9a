"""The documents of `docs/`: pages for a browser, the text as it is written for everybody else."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from coopkg.web.site.markdown import rendered
from tests.conftest import REPOSITORY
from tests.web.held import BROWSER

DOCS = REPOSITORY / "docs"
NAMES = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))


def nowhere(_: str) -> str:
    return ""


@pytest.mark.parametrize("name", NAMES)
def test_each_document_is_served_as_it_is_written(client: FlaskClient, name: str) -> None:
    answer = client.get(f"/docs/{name}")
    assert answer.mimetype == "text/plain"
    assert answer.text == (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("accepted", "given"),
    [
        ("*/*", "text/plain"),
        ("text/markdown", "text/markdown"),
        ("text/plain", "text/plain"),
        ("application/json", "text/plain"),
        (BROWSER["Accept"], "text/html"),
        ("text/html", "text/html"),
    ],
)
def test_a_document_comes_in_the_form_that_is_asked(client: FlaskClient, accepted: str, given: str) -> None:
    answer = client.get("/docs/model.md", headers={"Accept": accepted})
    assert answer.mimetype == given
    assert "Accept" in re.split(", *", answer.headers["Vary"])


@pytest.mark.parametrize("name", NAMES)
def test_each_link_of_each_page_leads_to_something(client: FlaskClient, name: str) -> None:
    page = client.get(f"/docs/{name}", headers=BROWSER).text
    article = page[page.index("<article") :]
    for target in re.findall(r'<a href="([^"]*)"', article):
        path, _, fragment = target.partition("#")
        if path.startswith("http"):
            continue
        answer = client.get(path, headers=BROWSER) if path.startswith("/docs") else None
        assert answer is None or answer.status_code == 200, target
        assert not fragment or f'id="{fragment}"' in (answer.text if answer else page), target


def test_links_between_documents_lead_to_their_pages(client: FlaskClient) -> None:
    model = client.get("/docs/model.md", headers=BROWSER).text
    assert '<a href="/docs/adr/0012-inference.md">ADR 0012</a>' in model
    assert '<a href="/docs/commands.md#coopkg-rename">commands.md</a>' in model
    decision = client.get("/docs/adr/0019-a-gate-that-stays.md", headers=BROWSER).text
    assert '<a href="/docs/adr/0015-writing-over-http.md">' in decision


def test_a_page_is_english_but_for_its_summary(client: FlaskClient) -> None:
    page = client.get("/docs/model.md?lang=fr", headers=BROWSER).text
    assert '<html lang="fr">' in page
    assert '<article class="document" lang="en">' in page
    assert '<p lang="fr">En bref' in page
    assert page.count('<p lang="fr">') == 1


def test_the_list_names_every_document_once(client: FlaskClient) -> None:
    page = client.get("/docs/?lang=fr").text
    for name in NAMES:
        assert page.count(f'href="/docs/{name}?lang=fr"') == 1
    assert "La «" not in page
    assert client.get("/docs?lang=fr").headers["Location"].endswith("/docs/?lang=fr")


@pytest.mark.parametrize(
    "name",
    [
        *("nothing.md", "../README.md", "..%2FREADME.md", "%2e%2e/README.md", "adr", "adr/", "adr/../model.md"),
        *("model.md/", "model.md%00", "/etc/passwd", "//etc/passwd", "MODEL.md", "model", "x" * 5_000, ".", ".."),
        *("%FF", "%", "%zz", "%ED%A0%80", "<script>", "javascript:alert(1)", "model.md%0a", "adr\\README.md", "*.md"),
    ],
)
def test_nothing_but_the_documents_is_served(client: FlaskClient, name: str) -> None:
    for headers in ({}, BROWSER):
        answer = client.get(f"/docs/{name}", headers=headers)
        assert answer.status_code in (404, 308), name
        assert "<script>" not in answer.text


# ---- the text as HTML ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "a <img src=x onerror=alert(1)> b",
        "```\n<script>\n```",
        "    <script>",
        "`<script>`",
        "# <script>\n",
        "[a](javascript:alert(1))",
        "[a](data:text/html,<script>)",
        '<a href="javascript:x">a</a>',
        "| a |\n|---|\n| <script> |",
        "```<script>\n```",
    ],
)
def test_markup_in_a_document_is_shown_as_text(text: str) -> None:
    html = rendered(f"# Title\n\n{text}\n", lambda target: target).html
    assert not re.search(r"<(script|img)|href=\"(javascript|data)", html)


def test_a_link_that_leads_nowhere_is_its_text() -> None:
    assert rendered("# T\n\nSee [the *notice*](../NOTICE) and [b](b.md).", nowhere).html == (
        "<p>See the <em>notice</em> and b.</p>\n"
    )


def test_who_follows_a_link_out_of_a_document_does_not_say_from_where() -> None:
    text = "# T\n\n[out](https://example.org/) [in](/docs/b.md) [here](#t)"
    html = rendered(text, lambda target: target).html
    assert html == (
        '<p><a href="https://example.org/" rel="noreferrer">out</a> '
        '<a href="/docs/b.md">in</a> <a href="#t">here</a></p>\n'
    )


def test_a_picture_is_fetched_where_it_is_served_or_told_in_words() -> None:
    text = "# T\n\n![The *home* page](screens/home.png)"
    assert rendered(text, lambda name: f"/docs/{name}").html == (
        '<p><img src="/docs/screens/home.png" alt="The home page" /></p>\n'
    )
    assert "<img" not in rendered(text, nowhere).html
    assert "The" in rendered(text, nowhere).html


def test_headings_have_ids_by_their_words_each_once() -> None:
    html = rendered(
        "# T\n\n## What `a` says\n\n## What a says\n\n### Été, à 5 h !\n\n## content\n\n## `/`\n", nowhere
    ).html
    assert re.findall(r'<h[23] id="([^"]+)"', html) == [
        "what-a-says",
        "what-a-says-1",
        "été-à-5-h-",
        "content-1",
        "heading",
    ]


def test_tables_and_code_scroll_and_are_reached_by_keyboard_each_under_its_name() -> None:
    html = rendered("# T\n\n| a |\n|---|\n| b |\n\n```sh\ncurl\n```\n\n    more\n", nowhere).html
    regions = re.findall(r'<(\w+) class="scroll" tabindex="0" role="region" aria-label="([^"]+)">', html)
    assert regions == [("div", "Table 1"), ("pre", "Code 1"), ("pre", "Code 2")]
    assert '<th scope="col">a</th>' in html
    assert "<code>curl\n</code></pre>" in html


def test_comments_are_left_out() -> None:
    assert rendered("# T\n\n<!-- made by\na program -->\n\ntext\n", nowhere).html == "<p>text</p>\n"
