"""The update operation of the SPARQL 1.1 Protocol (section 2.2): a request read into an update, and put to the writer.

Only an application that was composed with a writer comes here.
"""

from __future__ import annotations

from flask import Response, current_app

from coopkg.update import Update
from coopkg.web import public, writes
from coopkg.web.fields import Fields
from coopkg.writing import Act, Writing


def answer(fields: Fields) -> Response:
    """Have the update of a request done, all of it or nothing."""
    text = fields.update(current_app.config["DOCUMENT_MAX_BYTES"])
    token = writes.admitted(fields)
    update = Update(
        text=text,
        using_graphs=fields.iris("using-graph-uri"),
        using_named_graphs=fields.iris("using-named-graph-uri"),
        base=public.here(),
    )
    return writes.answer(Writing(Act.UPDATE, update), token, fields)
