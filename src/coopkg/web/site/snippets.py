"""A query as a program asks it: for a shell, in Python, in R, in JavaScript. Nothing but the language itself is needed.

Each language quotes in its own way; what a reader copies must ask exactly what was written.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Snippet:
    """A program that asks a query and shows the rows as CSV.

    Args:
        slug: its name in identifiers.
        name: what readers call the language.
    """

    slug: str
    name: str
    code: str


def of(query: str, endpoint: str) -> list[Snippet]:
    """Return the programs that ask a query of an endpoint."""
    # No shell and no R can hold a NUL; SPARQL has another way to write it.
    query = query.replace("\0", "\\u0000")
    return [
        Snippet("curl", "curl", _CURL.format(_in_shell(endpoint), _in_shell(f"query={query}"))),
        Snippet("python", "Python", _PYTHON.format(_in_python(query), _in_python(endpoint))),
        Snippet("r", "R", _R.format(_in_r(query), _in_r(endpoint))),
        Snippet("javascript", "JavaScript", _JAVASCRIPT.format(_in_javascript(query), _in_javascript(endpoint))),
    ]


_CURL = """\
curl --silent --show-error --fail-with-body -H 'Accept: text/csv' {} \\
  --data-urlencode {}
"""
_PYTHON = """\
import urllib.parse
import urllib.request

query = {}
body = urllib.parse.urlencode({{"query": query}}).encode()
request = urllib.request.Request({}, body, {{"Accept": "text/csv"}})
with urllib.request.urlopen(request) as answer:
    print(answer.read().decode())
"""
_R = """\
query <- {}
address <- paste0({}, "?format=csv&query=", URLencode(enc2utf8(query), reserved = TRUE))
rows <- read.csv(address, encoding = "UTF-8")
print(rows)
"""
_JAVASCRIPT = """\
const query = {};
const answer = await fetch({}, {{
  method: "POST",
  headers: {{ Accept: "text/csv" }},
  body: new URLSearchParams({{ query }}),
}});
console.log(await answer.text());
"""


def _quoted(text: str) -> str:
    """Return a text between quotes that it does not hold, if any; Python and R read it alike but for line breaks."""
    quote = "'" if '"' in text and "'" not in text else '"'
    escaped = text.replace("\\", "\\\\").replace(quote, f"\\{quote}").replace("\r", "\\r")
    return f"{quote}{escaped}{quote}"


def _in_shell(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _in_python(text: str) -> str:
    quoted = _quoted(text)
    return f"{quoted[0] * 2}{quoted}{quoted[0] * 2}" if "\n" in quoted else quoted


def _in_r(text: str) -> str:
    return _quoted(text)


def _in_javascript(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${").replace("\r", "\\r")
    return f"`{escaped}`"
