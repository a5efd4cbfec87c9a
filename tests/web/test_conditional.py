"""The conditions of a request to read: what is given, what is not given again, and what is refused."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

ADDRESSES = (
    "/ns.ttl",
    "/catalog.ttl",
    "/",
    "/feed.nq",
    "/changes/1",
    "/sitemap.xml",
    "/examples.ttl",
    "/context.jsonld",
)
LONG_AGO, LATER = "Tue, 28 Nov 2000 00:00:00 GMT", "Sat, 28 Nov 2093 00:00:00 GMT"


@pytest.mark.harvest(10)
@pytest.mark.parametrize("address", ADDRESSES)
def test_what_is_asked_for_only_as_it_was_is_refused_with_a_sentence(client: FlaskClient, address: str) -> None:
    for condition in ({"If-Match": '"another"'}, {"If-Match": 'W/"weak"'}):
        answer = client.get(address, headers=condition, buffered=True)
        assert (answer.status_code, answer.mimetype) == (412, "text/plain")
        assert answer.text.startswith("If-Match: what is here has another tag")


@pytest.mark.harvest(10)
@pytest.mark.parametrize("address", ADDRESSES)
def test_what_is_as_it_was_is_given_or_is_known_already(client: FlaskClient, address: str) -> None:
    tag = client.get(address, buffered=True).headers["ETag"]
    for condition in ({"If-Match": "*"}, {"If-Match": f'"x", {tag}'}, {"If-Unmodified-Since": LATER}):
        assert client.get(address, headers=condition, buffered=True).status_code == 200
        known = client.get(address, headers={**condition, "If-None-Match": tag}, buffered=True)
        assert (known.status_code, known.data, known.headers["ETag"]) == (304, b"", tag)


def test_what_changed_since_is_refused_unless_a_tag_decides(client: FlaskClient) -> None:
    answer = client.get("/ns.ttl", headers={"If-Unmodified-Since": LONG_AGO})
    assert (answer.status_code, answer.text.partition(":")[0]) == (412, "If-Unmodified-Since")
    assert client.get("/ns.ttl", headers={"If-Unmodified-Since": "rubbish"}).status_code == 200
    assert client.get("/ns.ttl", headers={"If-Unmodified-Since": LONG_AGO, "If-Match": "*"}).status_code == 200
