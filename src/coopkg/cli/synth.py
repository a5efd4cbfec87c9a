"""The command that makes a graph up: into a file, to standard output, or into a state folder of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import click

from coopkg.cli.terminal import printable, report, settings_of
from coopkg.content import Content
from coopkg.dumps.outlet import Write, writing
from coopkg.settings import Settings
from coopkg.synth import forms, publication
from coopkg.synth.country import Country
from coopkg.synth.draft import Document
from coopkg.synth.places import Places

_COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}
_LABELS = {"fr": "  triplets inventés", "en": "  made-up triples"}
_SHOWN_EVERY = 10_000
_STANDARD_OUTPUT = Path("-")


@click.command()
@click.option(
    "--triples", "size", type=click.IntRange(1, 100_000_000), default=100_000, show_default=True, help="about how many"
)
@click.option("--seed", type=click.IntRange(0, 2**32), default=0, show_default=True, help="another one, another graph")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="file, packed where it ends in .gz or .zst; - for standard output [default: -]",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(forms.FORMS)),
    help="nq and trig tell the named graphs [default: from the file's name, else nq]",
)
@click.option("--state", type=click.Path(file_okay=False, path_type=Path), help="make a state folder, for serve")
@click.option("--all-territories", "all_places", is_flag=True, help="with --state: every commune, named or not")
@click.pass_context
def synth(
    context: click.Context,
    size: int,
    seed: int,
    out: Path | None,
    form: str | None,
    state: Path | None,
    all_places: bool,
) -> None:
    """Make up a graph with the shape of the real one, to measure and to try things out; nothing in it is true.

    The same seed gives the same bytes. With --state FOLDER a state folder is made that 'coopkg --state FOLDER serve'
    serves and nobody can write to: what is made up, the ontology, the tables and what follows from them. With --out
    besides, all of that is written as N-Triples, each triple once, for other servers.
    """
    _refuse(out is not None and not out.name, "--out '' names no file; give one, or - for standard output")
    settings = settings_of(context)
    content = Content(settings.content_folder())
    if state is None:
        _refuse(all_places, "--all-territories is for a state folder: give --state FOLDER")
        with _opened(out) as write, _progress(settings, size) as seen:
            for piece in forms.written(seen(Country(Places.of(content), seed).documents(size)), _form(form, out)):
                write(piece)
        return
    _refuse(form not in (None, "nt"), "beside --state, --out is N-Triples: leave --format")
    with _opened(out) if out else nullcontext() as write:  # first: what cannot be written is told before the work
        with _progress(settings, size) as seen:
            manifest = publication.publish(state, content, size, seed, all_places=all_places, progress=seen)
        report(f"{manifest.asserted:,} statements, {manifest.inferred:,} inferred")
        report(f"to serve: coopkg --state {printable(str(state))} serve")
        if write:
            publication.dump(state, write)


def _refuse(wrong: bool, told: str) -> None:
    if wrong:
        raise click.UsageError(told)


def _form(chosen: str | None, out: Path | None) -> str:
    """Return the form that was asked for, or that the name of the file tells; else N-Quads."""
    endings = [suffix.removeprefix(".") for suffix in out.suffixes] if out else []
    return chosen or next((ending for ending in endings if ending in forms.FORMS), "nq")


@contextmanager
def _opened(out: Path | None) -> Iterator[Write]:
    """Give what writes to standard output, or to a file that has its name once it is whole."""
    if out is None or out == _STANDARD_OUTPUT:
        yield sys.stdout.buffer.write
        return
    if out.exists() and not out.is_file():  # a device or a pipe keeps its name
        with out.open("wb") as file:
            yield file.write
        return
    part = out.with_name(f"{out.name}.part-{os.getpid()}")
    try:
        with writing(part, "", _COMPRESSIONS.get(out.suffix, "")) as outlet:
            yield outlet.write
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _progress(settings: Settings, size: int) -> Iterator[publication.Progress]:
    """Give what documents pass through and shows how many triples are left."""
    with click.progressbar(length=size, label=_LABELS[settings.lang], file=sys.stderr) as bar:

        def seen(documents: Iterable[Document]) -> Iterator[Document]:
            waiting = 0
            for document in documents:
                yield document
                waiting += len(document)
                if waiting >= _SHOWN_EVERY:
                    bar.update(waiting)
                    waiting = 0
            bar.update(waiting)

        yield seen
