"""What the commands share: their settings, what they say on standard error, and how they say it."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

import click

from coopkg import reports
from coopkg.content import ContentFile
from coopkg.errors import InputError, WriteRejected
from coopkg.findings import Finding, Tier
from coopkg.journal import Revision
from coopkg.settings import Settings, load

_COLOURS = {Tier.VIOLATION: "red", Tier.WARNING: "yellow", Tier.INFO: "blue"}
_READING = {"fr": "  lecture du journal", "en": "  reading the journal"}


def open_standard_streams() -> None:
    """Open those of the three standard streams that are closed, as empty ones.

    Else the next file that is opened, a journal perhaps, has their number and takes what is meant for a terminal.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8"))


def settings_of(context: click.Context, more: dict[str, str | None] | None = None) -> Settings:
    """Return the settings of a command, from the options of the program and of the command."""
    flags, config = context.obj
    return load({**flags, **(more or {})}, os.environ, config)


def report(text: str) -> None:
    """Say what is being done."""
    click.echo(f"  {text}", err=True)


def reading_files(files: list[ContentFile]) -> Iterator[ContentFile]:
    """Pass files through and show how many are left."""
    with click.progressbar(files, label="  reading files", file=sys.stderr, item_show_func=_path) as bar:
        yield from bar


def reading_journal(lang: str) -> Callable[[Sequence[Revision]], Iterator[Revision]]:
    """Return what passes revisions through and shows how much of their bodies is left."""

    def read(revisions: Sequence[Revision]) -> Iterator[Revision]:
        size = sum(revision.body_bytes for revision in revisions)
        with click.progressbar(length=size, label=_READING[lang], file=sys.stderr) as bar:
            for revision in revisions:
                yield revision
                bar.update(revision.body_bytes)

    return read


def printable(text: str) -> str:
    """Return a message without what would act on a terminal: a file's name may hold anything."""
    return "".join(c if c.isprintable() or c == "\n" else f"\\x{ord(c):02x}" for c in text)


def print_findings(found: Iterable[Finding], lang: str) -> None:
    """Print findings on standard error, one a line, and below it what would mend it."""
    for finding in found:
        click.secho(printable(finding.line(lang)), fg=_COLOURS[finding.tier], err=True)
        for line in reports.below(finding, lang):
            click.echo(printable(line), err=True)


def span(numbers: Sequence[int]) -> str:
    """Return the numbers of a batch of revisions, as they are told.

    >>> span([60, 61, 62])
    '60-62'
    """
    return f"{numbers[0]}-{numbers[-1]}" if len(numbers) > 1 else "".join(map(str, numbers))


@contextmanager
def showing_findings(lang: str) -> Iterator[None]:
    """Print each finding of a refusal, which goes on its way."""
    try:
        yield
    except WriteRejected as fault:
        print_findings(fault.findings, lang)
        raise


def one_line(option: str, text: str) -> str:
    """Return the text of an option without blanks around it.

    Raises:
        InputError: it has several lines, or control characters.
    """
    if not text.isprintable():
        raise InputError(f"{option} {text!r}: must be one line, without control characters")
    return text.strip()


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep Python from looking for cycles among millions of terms that make none: a fifth of a cold build."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _path(file: ContentFile | None) -> str:
    return file.path if file else ""
