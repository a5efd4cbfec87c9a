"""The site for readers: server-rendered pages, whole without JavaScript, French first.

One module a kind of page, each with a blueprint of its own; `layout` is what they share.
"""

from __future__ import annotations

from flask import Blueprint

from coopkg.web.site import (
    about,
    atlas,
    catalog,
    changes,
    completion,
    docs,
    downloads,
    examples,
    feed,
    files,
    forms,
    home,
    interface,
    lists,
    networks,
    quality,
    query,
    robots,
    search,
    shapes,
    sitemap,
    things,
    vocabulary,
)

#: Each is named "site-...": what its pages cost is counted for the client.
BLUEPRINTS: tuple[Blueprint, ...] = (
    about.blueprint,
    atlas.blueprint,
    catalog.blueprint,
    changes.blueprint,
    completion.blueprint,
    docs.blueprint,
    downloads.blueprint,
    examples.blueprint,
    feed.blueprint,
    files.blueprint,
    forms.blueprint,
    home.blueprint,
    interface.blueprint,
    lists.blueprint,
    networks.blueprint,
    quality.blueprint,
    query.blueprint,
    robots.blueprint,
    search.blueprint,
    shapes.blueprint,
    sitemap.blueprint,
    things.blueprint,
    vocabulary.blueprint,
)
