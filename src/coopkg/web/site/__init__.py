"""The site for readers: server-rendered pages, whole without JavaScript, French first.

One module a kind of page, each with a blueprint of its own; `layout` is what they share.
"""

from __future__ import annotations

from flask import Blueprint

from coopkg.web.site import home, shapes, vocabulary

#: Each is named "site-...": what its pages cost is counted for the client.
BLUEPRINTS: tuple[Blueprint, ...] = (home.blueprint, vocabulary.blueprint, shapes.blueprint)
