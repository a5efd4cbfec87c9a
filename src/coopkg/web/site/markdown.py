"""A Markdown document as HTML: headings that can be linked to, links between documents, wide tables that scroll.

The only module that calls markdown-it. HTML in a document is shown as text, never passed on.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

_FRENCH = "En bref"
_COMMENT = re.compile(r"(?ms)^<!--.*?-->\n?")
#: The ids of the page around a document.
_TAKEN = ("content", "find", "suggestions")
_Environment = MutableMapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A document: its title as text, and what follows the title as HTML that we made."""

    title: str
    html: str


def rendered(text: str, address: Callable[[str], str]) -> Rendered:
    """Return a document as HTML.

    Args:
        text: Markdown; its first heading is the title.
        address: where a relative link leads, "" when nowhere: its text then stands without a link.
    """
    parser = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer).enable("table")
    tokens = parser.parse(_COMMENT.sub("", text))
    title = ""
    if tokens and tokens[0].type == "heading_open":
        title, tokens = _words(tokens[1]), tokens[3:]
    _mark_headings(tokens)
    _mark_french(tokens)
    for token in tokens:
        token.children = _led(token.children, address) if token.children else token.children
    return Rendered(title, str(parser.renderer.render(tokens, parser.options, {})))


class _Renderer(RendererHTML):
    """Renders tables and code so that they scroll in themselves, each a region with a name of its own."""

    def table_open(self, _tokens: Sequence[Token], _place: int, _options: OptionsDict, env: _Environment) -> str:
        return f"<div {_scrolling('Table', env)}><table>\n"

    def table_close(self, *_: object) -> str:
        return "</table></div>\n"

    def th_open(self, *_: object) -> str:
        return '<th scope="col">'

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Environment) -> str:
        return f"<pre {_scrolling('Code', env)}><code>{escapeHtml(tokens[idx].content)}</code></pre>\n"

    def code_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Environment) -> str:
        return self.fence(tokens, idx, options, env)


def _scrolling(what: str, env: _Environment) -> str:
    """Return the attributes of the next region of a kind, by its number in the document."""
    env[what] = env.get(what, 0) + 1
    return f'class="scroll" tabindex="0" role="region" aria-label="{what} {env[what]}"'


def _mark_headings(tokens: Sequence[Token]) -> None:
    """Give each heading an id of its words, as the hosts of code do, so that links of the documents hold here too."""
    taken = dict.fromkeys(_TAKEN, 0)
    for opening, inside in itertools.pairwise(tokens):
        if opening.type == "heading_open":
            slug = "-".join(re.sub(r"[^\w\- ]", "", _words(inside).lower()).split(" "))
            slug = slug or "heading"  # of signs alone, such as the home page's "/"
            taken[slug] = taken.get(slug, -1) + 1
            opening.attrSet("id", f"{slug}-{taken[slug]}" if taken[slug] else slug)


def _mark_french(tokens: Sequence[Token]) -> None:
    """Say of the paragraph that sums up a document in French that it is French: the rest is English."""
    for opening, inside in itertools.pairwise(tokens):
        if opening.type == "paragraph_open" and inside.content.startswith(_FRENCH):
            opening.attrSet("lang", "fr")


def _led(children: Sequence[Token], address: Callable[[str], str]) -> list[Token]:
    """Return the tokens of a line with their links led to where they are served."""
    kept, dropped = list[Token](), False
    for token in children:
        if token.type == "image":
            kept.append(_seen(token, address(str(token.attrGet("src") or ""))))
            continue
        if token.type == "link_open":
            target = address(str(token.attrGet("href") or ""))
            dropped = not target
            token.attrSet("href", target)
            if not target.startswith(("/", "#")):
                token.attrSet("rel", "noreferrer")
        if not (dropped and token.type in ("link_open", "link_close")):
            kept.append(token)
        dropped = dropped and token.type != "link_close"
    return kept


def _seen(picture: Token, target: str) -> Token:
    """Return a picture that is fetched where it is served; one that is not served stands as what it shows."""
    if not target:
        return Token("text", "", 0, content=picture.content)
    picture.attrSet("src", target)
    return picture


def _words(token: Token) -> str:
    return "".join(child.content for child in token.children or ())
