"""The content folder: `ontology/`, `shapes/` and `data/`, as files on disk.

Each RDF file states one named graph, which its path decides. A file that is not understood stops the build: nothing
is dropped silently. The only module that knows where things lie in the folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from coopkg import names
from coopkg.errors import DiskFullError, InputError
from coopkg.findings import Finding, Tier
from coopkg.places import Places
from coopkg.rdf import DefaultGraph, NamedNode, Quad, read_quads, skolemised
from coopkg.store import normalised

_GRAPHS = {
    "ontology/coop.ttl": names.ONTOLOGY_GRAPH,
    "data/editorial.trig": names.EDITORIAL_GRAPH,
    "data/organisations.trig": names.ORGANISATIONS_GRAPH,
    "data/territories.trig": names.TERRITORIES_GRAPH,
    "data/licences.ttl": names.LICENCES_GRAPH,
}
_FOLDERS = (
    (re.compile(r"ontology/schemes/([a-z0-9-]+)\.ttl"), names.SCHEMES_GRAPHS),
    (re.compile(r"data/sources/([a-z0-9-]+)\.trig"), names.GRAPH),
    (re.compile(r"data/reference/([a-z0-9-]+)\.nq(?:\.gz)?"), names.REFERENCE_GRAPHS),
)
#: Shape files that have something to say about reference tables.
_REFERENCE_SHAPES = frozenset({"common", "concept", "geometry", "kind", "territory", "text"})
_VOUCHER = "data/reference/judged.json"
_NOT_GRAPHS = re.compile(
    r"ontology/(CHANGELOG\.md|rules/[a-z-]+\.rq|versions/[0-9.]+\.ttl)|shapes/(README\.md|(quality/)?[a-z0-9-]+\.ttl)"
    r"|data/(README\.md|reference/(tables/.*\.tsv|[a-z]+\.toml|judged\.json))|.*/\.[^/]*"
)
_RDF_FILE = re.compile(r"[^.].*\.(?:trig|ttl|nq|nq\.gz)")
_TOPS = ("ontology", "shapes", "data")
_KNOWN_FOLDERS = frozenset(
    {
        "ontology/rules",
        "ontology/schemes",
        "ontology/versions",
        "shapes/quality",
        "data/sources",
        "data/reference",
        "data/reference/tables",
    }
)
#: Without one of these a build would judge less, or remove what a missing folder held.
_NEEDED = ("ontology/coop.ttl", "ontology/rules/*.rq", "shapes/*.ttl", "data/sources/*.trig")


@dataclass(frozen=True, slots=True)
class ContentFile:
    """An RDF file of the content folder, and the named graph that it states."""

    path: str
    full: Path
    graph: str
    sha256: str


class Content:
    """The files of a content folder, found once."""

    def __init__(self, folder: Path) -> None:
        if missing := [needed for needed in _NEEDED if not any(path.is_file() for path in folder.glob(needed))]:
            raise InputError(
                f"{folder}: holds no {', no '.join(missing)}; give (with --content) the folder that holds ontology/, "
                "shapes/ and data/, or restore what is missing"
            )
        self.folder = folder
        self.files = self._find()
        self._paths = {file.graph: file for file in self.files}
        self._replaced: set[str] = set()
        self._places: dict[str, Places] | None = None

    def read(self, file: ContentFile) -> list[Quad]:
        """Return the quads of a file, all in its graph, without blank nodes, as a store would give them back.

        Raises:
            InputError: the file cannot be parsed, states nothing, or states another graph than its own.
        """
        quads = normalised(read_quads(file.full, file.path))
        if not quads:
            raise _refused(
                file.path,
                "ce fichier n'énonce rien ; rétablissez son contenu, ou supprimez-le si son graphe doit disparaître",
                "states nothing; restore its content, or delete the file if its graph must go",
            )
        if file.path.endswith(".ttl"):
            graph = NamedNode(file.graph)
            quads = [Quad(q.subject, q.predicate, q.object, graph) for q in quads]
            return skolemised(quads, file.graph.removeprefix(names.GRAPH).replace("/", "-"))
        for quad in quads:
            if isinstance(quad.graph_name, DefaultGraph) or getattr(quad.graph_name, "value", "") != file.graph:
                nowhere = isinstance(quad.graph_name, DefaultGraph)
                where = _line_of(file.full, getattr(quad.subject if nowhere else quad.graph_name, "value", ""))
                raise _refused(
                    f"{file.path}{where}",
                    f"un énoncé sur {quad.subject} est "
                    f"{'hors de tout graphe nommé' if nowhere else f'dans {quad.graph_name}'}, or ce fichier ne peut "
                    f"énoncer que <{file.graph}> ; déplacez l'énoncé, ou renommez le fichier",
                    f"a statement about {quad.subject} stands in "
                    f"{'no named graph' if nowhere else quad.graph_name}, but this file may state only <{file.graph}>; "
                    "move the statement to the file of its graph, or rename the file",
                )
        return quads

    def read_all(self) -> list[Quad]:
        """Return the quads of every file.

        Raises:
            InputError: the first file that cannot be understood.
        """
        return [quad for file in self.files for quad in self.read(file)]

    def shapes(self) -> list[Path]:
        """Return the shape files that judge data, sorted."""
        return shape_files(self.folder)

    def vouched(self, graph: str) -> bool:
        """Return whether a reference graph was judged whole, by these shapes, byte for byte as it is."""
        file = self._paths.get(graph)
        try:
            record = json.loads((self.folder / _VOUCHER).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return (
            file is not None
            and isinstance(record, dict)
            and record == {**record, "shapes": self._reference_shapes_digest()}
            and record.get("files", {}).get(file.path) == file.sha256
        )

    def vouch(self) -> None:
        """Record that the reference tables were judged whole, by these shapes, as they are."""
        files = {file.path: file.sha256 for file in self.files if names.is_reference(file.graph)}
        record = {"shapes": self._reference_shapes_digest(), "files": files}
        try:
            (self.folder / _VOUCHER).write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        except OSError as fault:
            raise DiskFullError(
                f"{self.folder / _VOUCHER}: cannot be written ({fault.strerror}); make its folder writable"
            ) from fault

    def replace(self, path: Path, name: str = "") -> list[ContentFile]:
        """Let a file stand in for the one of the same name in the folder, or beside it when it is new; return those.

        Args:
            path: a file; or a folder, of which every RDF file stands in, those of folders below it included.
            name: a path that says the graph and is shown, where the file has another.
        Raises:
            InputError: a name says no graph, or a folder holds no RDF file.
        """
        if not path.is_dir():
            return [self._replace(path, name)]
        inside = [one for one in sorted(path.rglob("*")) if _RDF_FILE.fullmatch(one.name) and one.is_file()]
        # What judges lies beside what is judged in the content folder itself.
        stating = [one for one in inside if not _NOT_GRAPHS.fullmatch(self._inside(one))]
        if not stating:
            raise InputError(f"{path}/: holds no RDF file that states a graph; name files, or another folder")
        return [self._replace(one, "") for one in stating]

    def _replace(self, path: Path, name: str) -> ContentFile:
        shown = name or str(path)
        base = Path(shown).name
        same = [file.path for file in self.files if Path(file.path).name == base]
        places = [name or self._inside(path), *same, f"data/sources/{base}"]
        graph = next((graph for place in places if (graph := graph_of(place))), None)
        if graph is None:
            raise InputError(f"{shown}: its name says no graph; name it as a file of data/, for example my-source.trig")
        if graph in self._replaced:
            raise InputError(
                f"{shown}: states the same graph <{graph}> as {self._paths[graph].path}; give one of the two"
            )
        file = ContentFile(shown, path, graph, _sha256(path, shown))
        self.files = [known for known in self.files if known.graph != graph] + [file]
        self._paths = {known.graph: known for known in self.files}
        self._replaced.add(graph)
        self._places = None
        return file

    def _inside(self, path: Path) -> str:
        """Return a path below the content folder, or "" for one that lies elsewhere."""
        full, folder = path.resolve(), self.folder.resolve()
        return full.relative_to(folder).as_posix() if full.is_relative_to(folder) else ""

    def replaced(self) -> list[ContentFile]:
        """Return the files that stand in for others, or beside them."""
        return [file for file in self.files if file.graph in self._replaced]

    def leave_data(self) -> None:
        """Forget what was curated and for which no file stands in; the ontology and the reference tables stay."""
        self.files = [
            file
            for file in self.files
            if file.graph in self._replaced or file.path.startswith("ontology/") or names.is_reference(file.graph)
        ]
        self._paths = {file.graph: file for file in self.files}
        self._places = None

    def _reference_shapes_digest(self) -> str:
        total = hashlib.sha256()
        for path in self.shapes():
            if path.stem not in _REFERENCE_SHAPES:
                continue
            total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        return total.hexdigest()

    def rules(self) -> dict[str, str]:
        """Return the rules (CONSTRUCT queries) of the ontology by name.

        Raises:
            InputError: a rule cannot be read.
        """
        rules = {}
        for path in sorted((self.folder / "ontology" / "rules").glob("*.rq")):
            try:
                rules[path.stem] = path.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as fault:
                raise InputError(f"ontology/rules/{path.name}: cannot be read ({fault}); save it as UTF-8") from fault
        return rules

    def locate(self, iri: str, graph: str = "") -> str:
        """Return `file:line` of each file's block about an IRI, joined by ", "; else of its first mention, or "".

        Args:
            graph: the named graph whose file alone is looked at, when it has one.
        """
        if self._places is None:
            read = [file for file in self.files if not names.is_reference(file.graph)]
            self._places = {file.graph: _places_of(file) for file in read}
        looked_at = [self._places[graph]] if graph in self._places else list(self._places.values())
        blocks = [places.blocks[iri] for places in looked_at if iri in places.blocks]
        mentions = (places.mentions[iri] for places in looked_at if iri in places.mentions)
        return ", ".join(blocks) or next(mentions, "")

    def _find(self) -> list[ContentFile]:
        found: dict[str, ContentFile] = {}
        faults: list[str] = []
        for path in _walk(self.folder, faults):
            graph = graph_of(path)
            if graph is None:
                if not _NOT_GRAPHS.fullmatch(path):
                    faults.append(
                        f"{path}: is not understood by the build; see data/README.md for the names, or move it away"
                    )
            elif graph in found:
                faults.append(
                    f"{path}: states the same graph <{graph}> as {found[graph].path}; keep one of the two files"
                )
            else:
                full = self.folder / path
                try:
                    found[graph] = ContentFile(path, full, graph, _sha256(full, path))
                except InputError as fault:
                    faults.append(str(fault))
        if faults:
            raise InputError("\n".join(faults))
        return list(found.values())


def shape_files(folder: Path) -> list[Path]:
    """Return the shape files of a content folder that judge data, sorted."""
    return sorted((folder / "shapes").glob("*.ttl"))


def ontology_changes(folder: Path) -> str:
    """Return what a content folder says of the versions of its ontology, as Markdown; "" when it says nothing."""
    try:
        return (folder / "ontology" / "CHANGELOG.md").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def ontology_version(folder: Path, number: str) -> Path | None:
    """Return the file in which a content folder keeps a version of its ontology that is not the present one.

    Args:
        number: figures and points, such as 0.1.0.
    """
    path = folder / "ontology" / "versions" / f"{number}.ttl"
    return path if path.is_file() else None


def _refused(where: str, french: str, english: str) -> InputError:
    """Return the refusal of a file, with a finding that says it in both languages."""
    messages = (("en", english), ("fr", french))
    return InputError(f"{where}: {english}", [Finding(Tier.VIOLATION, "", messages, component="File", where=where)])


def graph_of(path: str) -> str | None:
    """Return the named graph that a file states, by its path below the content folder; None when it states none.

    >>> graph_of("data/sources/fonda-vrac.trig")
    'https://w3id.org/coopkg/graph/fonda-vrac'
    """
    if path in _GRAPHS:
        return _GRAPHS[path]
    for pattern, namespace in _FOLDERS:
        graph = namespace + match.group(1) if (match := pattern.fullmatch(path)) else ""
        if graph and not names.is_derived(graph) and graph not in _GRAPHS.values():
            return graph
    return None


def path_of(graph: str) -> str | None:
    """Return where a curated named graph is exported to, below the content folder; None when it has no file there.

    >>> path_of("https://w3id.org/coopkg/graph/fonda-vrac")
    'data/sources/fonda-vrac.trig'
    """
    for path, known in _GRAPHS.items():
        if graph == known:
            return path
    path = f"data/sources/{graph.removeprefix(names.GRAPH)}.trig"
    return path if graph_of(path) == graph else None


def paths_of(graphs: Iterable[str]) -> list[str]:
    """Return where some curated named graphs are exported to, sorted; those without a file are left out."""
    return sorted(path for graph in graphs if (path := path_of(graph)))


def _walk(folder: Path, faults: list[str]) -> list[str]:
    """Return the paths of the files, sorted; put folders that cannot be read or understood into `faults`."""
    found: list[str] = []

    def unreadable(fault: OSError) -> None:
        # os.walk would take an unreadable folder for an empty one, and the build would remove what it holds.
        faults.append(f"{fault.filename}: cannot be read ({fault.strerror}); make the folder readable")

    for top in _TOPS:
        for parent, folders, files in os.walk(folder / top, onerror=unreadable, followlinks=True):
            here = Path(parent).relative_to(folder)
            for name in sorted(folders):
                path = (here / name).as_posix()
                if path not in _KNOWN_FOLDERS:
                    folders.remove(name)
                    if not name.startswith("."):
                        faults.append(f"{path}/: is a folder that the build does not understand; move it away")
            found.extend((here / name).as_posix() for name in files)
    return sorted(found)


def _sha256(path: Path, shown: str) -> str:
    try:
        if path.exists() and not path.is_file():
            raise InputError(f"{shown}: is not a regular file; move it away")
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as fault:
        raise InputError(
            f"{shown}: cannot be read ({fault.strerror}); make the file readable, or move it away"
        ) from fault


@lru_cache(maxsize=1_024)
def _places_of(file: ContentFile) -> Places:
    """Return the places of a file; remembered by its digest, so that those that did not change are not read again."""
    return Places.of(file.full.read_text(encoding="utf-8", errors="replace"), file.path)


def _line_of(path: Path, text: str) -> str:
    if not text or path.suffix == ".gz":
        return ""
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
        if text in line:
            return f":{number}"
    return ""
