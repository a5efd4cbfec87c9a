"""The commands that make, list and revoke the tokens of who may write."""

from __future__ import annotations

import os

import click

from coopkg.cli.terminal import settings_of
from coopkg.tokens import DAYS, Tokens

_COLUMNS = "{:<12}  {:<8}  {:<10}  {:<10}  {:<24}  {}"


@click.group()
def token() -> None:
    """Make, list and revoke the tokens of who may write over HTTP."""


@token.command()
@click.argument("name", metavar="NAME")
@click.option("--graphs", metavar="PATTERN", multiple=True, required=True, help="graphs that may change; repeatable")
@click.option("--days", type=int, default=DAYS, show_default=True, help="how long it counts, at most 366")
@click.pass_context
def add(context: click.Context, name: str, graphs: tuple[str, ...], days: int) -> None:
    """Make a token for the role NAME, and print it: it is told this once.

    NAME becomes the author of what is written with it: a role such as redaction-fonda, never a person. A PATTERN is
    the IRI of a graph, whole or from graph/ on; * stands for any characters.
    """
    made, text = _tokens(context).add(name, graphs, days)
    click.echo(text)
    click.echo(f"token {made.id} of {made.name}: {', '.join(made.scopes)}; until {made.expires:%Y-%m-%d}", err=True)
    click.echo("keep it like a password: it is not told again; 'coopkg token revoke' takes it back", err=True)


@token.command("list")
@click.pass_context
def list_(context: click.Context) -> None:
    """List all tokens: id, standing, dates, name and graphs; never a secret."""
    click.echo(_COLUMNS.format("id", "standing", "created", "expires", "name", "graphs"))
    for one, standing in _tokens(context).all():
        days = (f"{moment:%Y-%m-%d}" for moment in (one.created, one.expires))
        click.echo(_COLUMNS.format(one.id, standing, *days, one.name, " ".join(one.scopes)))


@token.command()
@click.argument("number", metavar="ID")
@click.pass_context
def revoke(context: click.Context, number: str) -> None:
    """Take the token ID back, for good; a server that runs refuses it from its next request on."""
    gone = _tokens(context).revoke(number)
    click.echo(f"token {gone.id} of {gone.name} is revoked", err=True)


def _tokens(context: click.Context) -> Tokens:
    settings = settings_of(context)
    return Tokens(settings.state_folder(os.environ))
