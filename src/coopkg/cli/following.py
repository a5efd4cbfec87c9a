"""The command that keeps a replica of another server's graph."""

from __future__ import annotations

import os
from contextlib import nullcontext
from pathlib import Path

import click

from coopkg import upkeep
from coopkg.cli.terminal import collector_paused, printable, report, settings_of

_EQUAL = {"fr": "révision   {}\nempreinte  {}", "en": "revision   {}\ndigest     {}"}


@click.command()
@click.argument("url", metavar="URL")
@click.option("--state", metavar="FOLDER", help="folder of the replica, empty at first; as before the command")
@click.option("--once", is_flag=True, help="end as soon as the replica is equal to the original")
@click.option(
    "--every",
    "every_s",
    metavar="SECONDS",
    type=click.FloatRange(1, 86_400),
    default=30,
    show_default=True,
    help="how long to wait from one look at the original to the next",
)
@click.option(
    "--key",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="public key (PEM, Ed25519) that the dump must be signed with",
)
@click.pass_context
def follow(context: click.Context, url: str, state: str | None, once: bool, every_s: float, key: Path | None) -> None:
    """Keep a replica of the graph that the site at URL publishes, equal to it and proved so by digest.

    It begins with a dump, then takes each change. Stop it at any moment, and run it again: it goes on. Serve it with
    `coopkg serve`, from the same state folder.
    """
    settings = settings_of(context, {"state": state} if state is not None else None)
    with collector_paused() if once else nullcontext():  # for as long as it may stay, cycles would pile up
        place = upkeep.follow(settings, os.environ, url, key, _report, once=once, every_s=every_s)
    click.echo(_EQUAL[settings.lang].format(place.revision, place.digest))


def _report(text: str) -> None:
    report(printable(text))  # what the other server sent may be told in it
