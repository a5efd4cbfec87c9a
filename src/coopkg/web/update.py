"""The update operation of the SPARQL 1.1 Protocol (section 2.2): a request read into an update, and put to its updater.

Only an application that was composed with an updater comes here. `coopkg serve` composes none, and no setting says it.
"""

from __future__ import annotations

from flask import Response, current_app, request

from coopkg.update import Update, Updater
from coopkg.web.fields import Fields


def answer(updater: Updater, fields: Fields) -> Response:
    """Carry out the update of a request, all of it or nothing; 204 says that it is done."""
    updater.update(
        Update(
            text=fields.update(current_app.config["QUERY_MAX_BYTES"]),
            using_graphs=fields.iris("using-graph-uri"),
            using_named_graphs=fields.iris("using-named-graph-uri"),
            base=request.base_url,
        )
    )
    return Response(status=204)
