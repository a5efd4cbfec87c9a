"""The command that makes dumps, and the key that signs them."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import click

from coopkg import upkeep
from coopkg.cli.terminal import collector_paused, report, settings_of
from coopkg.dumps import signing

_WORDS = {
    "fr": (
        "{} : fait",
        "{} : était déjà là",
        "  énoncés",
        "{} : clé privée, à garder ; réglez signing_key sur ce chemin",
    ),
    "en": (
        "{}: made",
        "{}: was there already",
        "  statements",
        "{}: private key, to be kept; set signing_key to this path",
    ),
}
_STEP = 10_000
_LOW_PRIORITY = 15


@click.command()
@click.option("--make-key", type=click.Path(path_type=Path), help="make the key that signs dumps, in a new file")
@click.option("--attached", is_flag=True, help="at a low priority, and only until standard input ends; for the server")
@click.pass_context
def dump(context: click.Context, make_key: Path | None, attached: bool) -> None:
    """Write what is published into files for anybody: N-Quads, Turtle, JSON-LD, tables.

    Each dump lies in the state folder under its day and its revision, and is served at /dumps/; none is made when that
    of this revision is there. Then what the catalogue tells is put into the graph, for who asks the endpoint.
    """
    settings = settings_of(context)
    made, there, label, key = _WORDS[settings.lang]
    if make_key:
        click.echo(signing.make_key(make_key).public_key().decode(), nl=False)
        click.echo(key.format(make_key), err=True)
        return
    if attached:
        _attach()

    def progress(lines: Iterator[bytes], expected: int) -> Iterator[bytes]:
        with click.progressbar(lines, expected, label, file=sys.stderr, update_min_steps=_STEP) as bar:
            yield from bar

    with collector_paused():
        folder, is_new = upkeep.dump(settings, os.environ, report, progress)
        click.echo((made if is_new else there).format(folder), err=True)
        upkeep.describe(settings, os.environ, report)


def _attach() -> None:
    """Give way to others, and end with whoever holds the other end of standard input."""
    os.nice(_LOW_PRIORITY)

    def wait() -> None:
        while os.read(0, 1):
            pass
        os._exit(143)  # what is left is swept by the next dump

    threading.Thread(target=wait, daemon=True).start()
