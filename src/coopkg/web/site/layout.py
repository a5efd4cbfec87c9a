"""What the pages of the site share: the reader's language, addresses, how numbers and dates are written, the answer.

A page is a template below `templates/` that extends `layout.html`. Nothing in it comes from elsewhere, and no script or
style stands in the page itself (ADR 0020).
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from flask import Flask, Response, current_app, g, render_template, request

from coopkg import names
from coopkg.errors import InputError
from coopkg.graph import Graph
from coopkg.service import QueryService
from coopkg.view import View, grouped
from coopkg.web import client, coding, keeping, public, representation
from coopkg.web.fields import Fields
from coopkg.web.site import files

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
#: What the names of the site's blueprints begin with.
BLUEPRINT = "site-"
_BEFORE_MARK = re.compile(" (?=[»;:!?](?:[\\s,.)]|$))")
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
_MONTHS = {
    "fr": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}


def install(app: Flask) -> None:
    """Give the templates of an application the words of the site."""
    app.jinja_env.globals.update(
        href=href, elsewhere=in_language, asset=files.address, doc=doc, site=public.addresses, short=names.short
    )
    app.jinja_env.filters.update(grouped=grouped, day=day, moment=moment, typeset=typeset, size=size)
    app.before_request(_begin)
    app.after_request(_compressed)
    app.teardown_request(_end)


def reader_lang() -> str:
    """Return the language of the reader: what the address says, else what the browser prefers, else French."""
    if "lang" not in g:
        lang_of(Fields(request, reads_body=False))
    lang: str = g.lang
    return lang


def lang_of(fields: Fields) -> str:
    """Return the language of a reader whose request says so in some fields, and remember it for the page."""
    wished = [wish for wish in fields.all("lang") if wish in client.LANGUAGES]
    g.lang = wished[0] if wished else client.language(client.LANGUAGES[0])
    return str(g.lang)


def opened() -> View:
    """Return the published graph as the present answer reads it, and note its revision for the answer."""
    if "view" not in g:
        graph: Graph = current_app.config["GRAPH"]
        g.generation = graph.generation()  # before all: what is read of a later one is not kept for this one
        g.published_at = graph.published_at()  # before the store: a date too early costs a request, one too late a page
        store, g.manifest = graph.current()
        g.view = View(store, reader_lang())
    view: View = g.view
    return view


def href(path: str, **fields: str | int | Sequence[str] | None) -> str:
    """Return the address of a page of the site in the reader's language; fields that are None are left out.

    Args:
        fields: a sequence stands for a field that is there once for each of its values.
    """
    path, hash_sign, fragment = path.partition("#")
    given = {name: value for name, value in fields.items() if value is not None}
    query = urlencode({"lang": reader_lang(), **given}, doseq=True)
    return f"{path}?{query}{hash_sign}{fragment}"


def in_language(lang: str) -> str:
    """Return the address of the present page in another language, with all that it says otherwise."""
    fields = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return f"{quote(request.path)}?{urlencode([('lang', lang), *fields])}"


def doc(iri: str) -> str:
    """Return the address at which a reader finds a thing: the page of ours, else its own; "" when it has no address.

    >>> doc("https://w3id.org/coopkg/id/project/a-project")  # doctest: +SKIP
    '/doc/project/a-project?lang=fr'
    """
    if iri.startswith(f"{names.BASE}id/"):
        return href("/doc/" + _path(iri[len(names.BASE) + 3 :]))
    if iri.startswith(names.BASE):
        return href("/" + _path(iri[len(names.BASE) :]))
    return iri if iri.startswith(("http://", "https://")) else ""


def day(value: str, lang: str) -> str:
    """Return a date as a reader writes it, no more precise than it is known.

    >>> day("2019-07", "fr"), day("2019-07-01", "fr"), day("2019-07-14", "en"), day("2019", "fr")
    ('juillet 2019', '1er juillet 2019', '14 July 2019', '2019')
    """
    year, _, rest = value[:10].partition("-")
    month, _, number = rest.partition("-")
    if not month.isdigit() or not 1 <= int(month) <= 12:
        return value
    parts = [_ordinal(int(number), lang)] if number.isdigit() else []
    return " ".join([*parts, _MONTHS[lang][int(month) - 1], year])


def typeset(value: str, lang: str) -> str:
    """Return a text as it is printed in its language: French marks keep to their words, apostrophes are curved.

    >>> typeset("Formation « Aller vers » : l'essai", "fr")
    'Formation «\xa0Aller vers\xa0»\xa0: l’essai'
    """
    if lang != "fr":
        return value
    return _APOSTROPHE.sub("’", _BEFORE_MARK.sub("\u00a0", value.replace("« ", "«\u00a0")))


def size(number: int, lang: str) -> str:
    """Return a number of bytes as a reader writes it.

    >>> size(999, "fr"), size(12_345, "fr"), size(1_500_000, "en")
    ('999\xa0octets', '12\xa0ko', '1.5\xa0MB')
    """
    units = ("octets", "ko", "Mo", "Go", "To") if lang == "fr" else ("bytes", "kB", "MB", "GB", "TB")
    power = min((len(str(number)) - 1) // 3, len(units) - 1)
    shown = round(number / 1000**power, 1 if number < 10 * 1000**power and power else None)
    return f"{grouped(shown, lang)}\u00a0{units[power]}"


def moment(seconds: float) -> str:
    """Return a moment, in seconds since the epoch, as an ISO date and time of UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def keep() -> None:
    """Let the present page be given again while the same is published: it shows that and nothing else."""
    opened()
    keeping.keep(g.generation)


def modified_at() -> float:
    """Return when the published graph, or else what shows it, last changed, in seconds since the epoch."""
    opened()
    return max(float(g.published_at), float(current_app.config["BEGAN"]))


def page(
    template: str, status: int = 200, *, csp: str = CSP, modified: float | None = None, **context: object
) -> Response:
    """Return a page of the site, in the reader's language; one that did not change is answered by 304.

    Args:
        modified: when what it says last changed, where that is known.
    """
    lang = reader_lang()
    response = Response(status=status, mimetype="text/html")
    response.headers["Content-Security-Policy"] = csp
    response.headers["Content-Language"] = lang
    response.headers["Referrer-Policy"] = "no-referrer"
    response.vary.add("Accept-Language")
    if "manifest" in g:
        response.headers["Coopkg-Revision"] = str(g.manifest.revision)
    return representation.completed(response, render_template(template, lang=lang, **context).encode(), modified)


def charged(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Return what yields the pieces of a long answer, and counts for the client what each of them cost."""
    service: QueryService = current_app.config["SERVICE"]
    who = client.asking()

    def counted() -> Iterator[bytes]:
        while True:
            began = time.thread_time()
            piece = next(pieces, None)
            service.charge(who, time.thread_time() - began)
            if piece is None:
                return
            yield piece

    return counted()


def page_number() -> int:
    """Return which page of a list is asked for, from 1.

    Raises:
        InputError: it is none.
    """
    wished = Fields(request, reads_body=False).all("page") or ["1"]
    if len(wished) > 1 or not re.fullmatch("[1-9][0-9]{0,6}", wished[0]):
        raise InputError(f"page={' and '.join(wished)!r}: give one whole number from 1 on")
    return int(wished[0])


def _begin() -> None:
    """Refuse a client that spent its budget; what a page costs is counted with its queries."""
    if (request.blueprint or "").startswith(BLUEPRINT):
        service: QueryService = current_app.config["SERVICE"]
        service.check(client.asking())
        g.began = time.thread_time()


def _compressed(response: Response) -> Response:
    """Return an answer of the site in the coding that its client likes best, where that saves anything."""
    is_of_site = (request.blueprint or "").startswith(BLUEPRINT)
    if not is_of_site or response.status_code not in (200, 304) or "Content-Encoding" in response.headers:
        return response
    response.vary.add("Accept-Encoding")  # of a 304, too: it says how the answer that it stands for would vary
    if response.status_code == 304:
        return response
    chosen, encode = coding.chosen(request.headers.get("Accept-Encoding", ""))
    if not chosen or (not response.is_streamed and (response.content_length or 0) < coding.WORTH_BYTES):
        return response
    response.headers["Content-Encoding"] = chosen
    if (etag := response.get_etag()[0]) is not None:
        response.set_etag(etag, weak=True)  # a strong one is of these bytes, and the client gets others
    if response.is_streamed:
        response.response = encode(response.iter_encoded())
        response.headers.pop("Content-Length", None)
    else:
        response.set_data(b"".join(encode(iter([response.get_data()]))))
    return response


def _end(_: BaseException | None) -> None:
    if "began" in g:
        service: QueryService = current_app.config["SERVICE"]
        service.charge(client.asking(), time.thread_time() - g.began)


def _ordinal(number: int, lang: str) -> str:
    return "1er" if number == 1 and lang == "fr" else str(number)


def _path(rest: str) -> str:
    path, hash_sign, fragment = rest.partition("#")
    return quote(path, safe="/-._~!$&'()*+,;=:@%") + hash_sign + fragment
