"""What a write is made to depend on: If-Match and If-None-Match, where a revision is the entity tag of every graph.

Pure text. Source: RFC 9110, sections 8.8.3, 13.1.1 and 13.1.2; ADR 0015.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from coopkg.errors import ConditionFailed, InputError

_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_REVISION = re.compile("0|[1-9][0-9]{0,17}")


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions of a write.

    Args:
        revisions: one of these must be in force; None where any may be. Weak tags, and those that are no revision,
            match nothing, and are left out.
        is_there, is_new: the graph must be there, or must not.
    """

    revisions: tuple[int, ...] | None = None
    is_there: bool = False
    is_new: bool = False

    def expected(self, published: int, is_known: bool) -> int | None:
        """Return the revision that must be in force when the write is done, or None.

        What depends on whether a graph is there holds for the revision in which one looked.

        Args:
            published: the revision in which one looked.
            is_known: whether the graph was there.
        Raises:
            ConditionFailed: it cannot be done whatever is in force.
        """
        if self.is_new and is_known:
            raise ConditionFailed(
                "the graph is there already, and If-None-Match: * asks that it be new; use another name"
            )
        if self.is_there and not is_known:
            raise ConditionFailed("the graph is not there, and If-Match: * asks that it be; look up its name")
        if self.revisions is None:
            return published if self.is_new or self.is_there else None
        if not self.revisions:
            raise ConditionFailed(
                f'If-Match names no revision; revision {published} is in force: send If-Match: "{published}"'
            )
        return published if published in self.revisions else max(self.revisions)


def read(if_match: str | None, if_none_match: str | None) -> Conditions:
    """Return the conditions of two headers; None where one is absent.

    Raises:
        InputError: a header is not of its form, or asks for what a write cannot be made to depend on.
    """
    if if_none_match is not None and if_none_match.strip() != "*":
        raise InputError(
            'of If-None-Match a write knows "*" alone, for a graph that must be new; use If-Match with a revision'
        )
    is_new = if_none_match is not None
    if if_match is None:
        return Conditions(is_new=is_new)
    if if_match.strip() == "*":
        return Conditions(is_there=True, is_new=is_new)
    return Conditions(tuple(int(tag) for tag in _strong_tags(if_match) if _REVISION.fullmatch(tag)), is_new=is_new)


def _strong_tags(header: str) -> list[str]:
    """Return the strong tags of a list; weak ones match nothing here."""
    found, place, text = [], 0, header.strip(" \t,")
    while tag := _TAG.match(text, place):
        if not tag[1]:
            found.append(tag[2])
        place = tag.end()
        if place == len(text):
            return found
        between = re.compile(r"[ \t]*,[ \t,]*").match(text, place)
        if between is None:
            break
        place = between.end()
    raise InputError('If-Match is no list of entity tags; give the revision in quotes, as ETag says it: If-Match: "12"')
