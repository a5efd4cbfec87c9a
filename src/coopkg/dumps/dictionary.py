"""The data dictionary of the tables: what each column holds, in French and in English.

Source: Metadata Vocabulary for Tabular Data (CSVW), W3C, 2015.
"""

from __future__ import annotations

import json
from typing import Any

from coopkg.dumps.tables import SEPARATOR, TABLES, Column, Table

DICTIONARY = "tables.json"
MEDIA_TYPE = "application/csvm+json"
_DIALECT = {"encoding": "utf-8", "header": True, "delimiter": ",", "quoteChar": '"', "doubleQuote": True}


def _titles(name: str, fr: str, en: str) -> dict[str, list[str]]:
    # In no language: what stands in the first line of the file, with which readers compare all titles.
    return {"und": [name], "fr": [fr], "en": [en]}


_IRI = {
    "name": "iri",
    "titles": _titles("iri", "IRI", "IRI"),
    "datatype": "anyURI",
    "required": True,
    "suppressOutput": True,  # it is what the other cells speak of
}


def text() -> str:
    """Return the dictionary as JSON."""
    group = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "fr"}],
        "dialect": _DIALECT,
        "tables": [_table(table) for table in TABLES],
    }
    return json.dumps(group, indent=1, ensure_ascii=False) + "\n"


def _table(table: Table) -> dict[str, Any]:
    return {
        "url": table.file,
        "dc:title": [{"@value": table.fr, "@language": "fr"}, {"@value": table.en, "@language": "en"}],
        "tableSchema": {
            "aboutUrl": "{+iri}",
            "primaryKey": "iri",
            "columns": [_IRI, *map(_column, table.columns)],
            "foreignKeys": [_foreign_key(column) for column in table.columns if column.refers_to],
        },
    }


def _column(column: Column) -> dict[str, Any]:
    said: dict[str, Any] = {
        "name": column.name,
        "titles": _titles(column.name, column.fr, column.en),
        "datatype": column.datatype,
    }
    if column.lang:
        said["lang"] = column.lang
    if column.is_many:
        said["separator"] = SEPARATOR
    if column.then or column.is_inverse:  # said of another thing than that of the row
        said["suppressOutput"] = True
    said["propertyUrl"] = column.then[0] if column.then else column.first
    if column.datatype == "anyURI" and not column.is_many:
        said["valueUrl"] = f"{{+{column.name}}}"
    return said


def _foreign_key(column: Column) -> dict[str, Any]:
    return {
        "columnReference": column.name,
        "reference": {"resource": f"{column.refers_to}.csv", "columnReference": "iri"},
    }
