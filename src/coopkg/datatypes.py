"""Which lexical forms a datatype has. Pure text.

Source: XML Schema 1.1 part 2. The datatypes are those whose ill-formed literals SHACL wants found (those of SPARQL
1.1), and the dates and times, which pySHACL finds as well.
"""

from __future__ import annotations

import calendar
import re

from coopkg import names

_ZONE = r"(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?"
_YEAR = r"-?(?:[1-9]\d{3,}|0\d{3})"
_DAY = rf"(?P<year>{_YEAR})-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12]\d|3[01])"
_HOUR = r"(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?|24:00:00(?:\.0+)?)"
_FLOAT = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?INF|NaN"
_FORMS = {
    f"{names.XSD}{name}": re.compile(form)
    for name, form in {
        "integer": r"[+-]?\d+",
        "decimal": r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)",
        "float": _FLOAT,
        "double": _FLOAT,
        "boolean": "true|false|0|1",
        "date": _DAY + _ZONE,
        "dateTime": f"{_DAY}T{_HOUR}{_ZONE}",
        "time": _HOUR + _ZONE,
    }.items()
}
#: The datatypes whose literals SPARQL reads, so that a cast fails for those that are not well formed.
CASTS = frozenset(_FORMS)


def well_formed(text: str, datatype: str) -> bool:
    """Whether a text is a lexical form of a datatype; true for the datatypes that are not looked into.

    >>> well_formed("2023-02-29", "http://www.w3.org/2001/XMLSchema#date")
    False
    """
    if (form := _FORMS.get(datatype)) is None:
        return True
    if (found := form.fullmatch(text)) is None:
        return False
    if "day" not in form.groupindex:
        return True
    year, month, day = (int(found[part]) for part in ("year", "month", "day"))
    return day <= (
        29 if month == 2 and calendar.isleap(year) else (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]
    )
