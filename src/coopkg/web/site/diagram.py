"""The ontology drawn: classes as boxes around the one that has most to do with others, properties as arrows.

It decides where everything stands, and draws nothing: the template does. What arrow cannot be drawn without crossing
boxes is written inside the box that it leaves.
"""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from coopkg import names
from coopkg.vocabulary import Class, Link, Ontology, Property

# Sizes in pixels: four columns are as wide as a page.
_BOX_WIDTH, _GAP, _BETWEEN, _INDENT, _MARGIN = 172, 130, 22, 14, 12
_LINE, _PORT, _PADDING = 17, 38, 9
# A letter is at most 9 pixels wide in a name, 7.6 elsewhere.
_NAME_LETTERS, _ROW_LETTERS, _LABEL_LETTERS = 17, 20, 16
_MOST_LETTERS = 60
_CONCEPT = f"{names.SKOS}Concept"


@dataclass(frozen=True, slots=True)
class Edge:
    """A property from a class to a class."""

    property: Link
    source: Link
    target: Link
    is_derived: bool


@dataclass(slots=True)
class Box:
    """A class, with the lines of its name and of what it says about itself and about classes far away."""

    iri: str
    name: list[str]
    rows: list[str]
    is_derived: bool
    x: int = 0
    y: int = 0
    width: int = _BOX_WIDTH
    height: int = 0
    left: list[Edge] = field(default_factory=list)
    right: list[Edge] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rows = [line for row in self.rows for line in _wrapped(row, _ROW_LETTERS)]

    def measure(self) -> None:
        """Take the height that the lines and the ports need."""
        lines = _LINE * (len(self.name) + len(self.rows)) + 2 * _PADDING
        self.height = max(lines, _PORT * max(len(self.left), len(self.right)) + _PADDING)

    def port(self, edge: Edge) -> int:
        """Return the height at which an arrow touches the box."""
        side = self.left if edge in self.left else self.right
        return self.y + round(self.height * (2 * side.index(edge) + 1) / (2 * len(side)))

    @property
    def baselines(self) -> list[tuple[int, str]]:
        """Where each line of the name stands."""
        return [(self.y + _PADDING + 13 + _LINE * place, line) for place, line in enumerate(self.name)]

    @property
    def row_baselines(self) -> list[tuple[int, str]]:
        """Where each line below the name stands."""
        top = self.y + _PADDING + 13 + _LINE * len(self.name)
        return [(top + _LINE * place, line) for place, line in enumerate(self.rows)]


@dataclass(frozen=True, slots=True)
class Arrow:
    """An arrow between two boxes, with the lines of its name beside the outer one, each with its baseline."""

    path: str
    lines: tuple[tuple[int, str], ...]
    x: int
    anchor: str
    is_derived: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes, arrows, and the lines from narrower classes to the wider one."""

    width: int
    height: int
    boxes: Sequence[Box]
    arrows: Sequence[Arrow]
    branches: Sequence[str]
    edges: Sequence[Edge]


def drawn(ontology: Ontology) -> Drawing:
    """Return an ontology as a drawing that holds every class of ours."""
    edges = list(_edges(ontology))
    classes = {one.iri for one in ontology.classes}
    parents = _parents(ontology)
    columns = _columns(classes, edges, parents)
    boxes = _boxes(ontology, edges, columns)
    _give_ports(boxes, edges, columns)
    width, height = _place(boxes, columns, parents)
    _sort_ports(boxes)
    arrows = [_arrow(boxes, columns, edge) for edge in edges if _is_drawn(edge, columns)]
    branches = [_branch(boxes[parent], boxes[child]) for child, parent in sorted(parents.items())]
    return Drawing(width, height, list(boxes.values()), arrows, branches, edges)


def _edges(ontology: Ontology) -> Iterator[Edge]:
    """Yield the properties that lead from one class to one class, but for those that only follow from others."""
    derived = {one.iri for one in ontology.classes if one.is_derived}
    for one in ontology.properties:
        if _is_plain(one) and (not one.is_derived or one.domains[0].iri in derived):
            yield Edge(Link(one.iri, one.name), one.domains[0], one.ranges[0], one.is_derived)


def _parents(ontology: Ontology) -> dict[str, str]:
    """Return the first wider class of ours of each class that has one; what would close a circle is left out."""
    ours, found = {one.iri for one in ontology.classes}, dict[str, str]()
    for one in ontology.classes:
        for wider in one.parents:
            if wider.iri in ours and one.iri not in found and one.iri not in _upwards(wider.iri, found):
                found[one.iri] = wider.iri
    return found


def _upwards(iri: str, parents: dict[str, str]) -> list[str]:
    """Return a class and those above it."""
    chain = [iri]
    while chain[-1] in parents:
        chain.append(parents[chain[-1]])
    return chain


def _is_plain(one: Property) -> bool:
    ends = (*one.domains, *one.ranges)
    pair = len(one.domains) == len(one.ranges) == 1
    return pair and one.kind == "ObjectProperty" and all(end.iri != _CONCEPT for end in ends)


def _columns(classes: Iterable[str], edges: Sequence[Edge], parents: dict[str, str]) -> dict[str, int]:
    """Return in which column each class stands: 0 for the hub and what is narrower, others by how far they are.

    What leads to the hub stands on its left, what it leads to on its right. One far from it, with one neighbour alone,
    stands in the column of that one; one without any arrow stands leftmost.
    """
    tops = {edge.source.iri for edge in edges} | {edge.target.iri for edge in edges} | set(classes)
    tops -= set(parents)
    near = _neighbours(edges)
    hub = max(sorted(tops), key=lambda iri: len(near[iri]))
    columns, waiting = {hub: 0}, [hub]
    for iri in waiting:
        for other, side in sorted(near[iri].items(), key=lambda item: (item[1], item[0])):
            if other in tops and other not in columns:
                columns[other] = columns[iri] + (1 if columns[iri] > 0 else -1 if columns[iri] < 0 else side)
                waiting.append(other)
    for iri, others in near.items():
        if abs(columns.get(iri, 0)) > 1 and len(others) == 1:
            columns[iri] = columns.get(next(iter(others)), columns[iri])
    leftmost = min(columns.values())
    columns |= {iri: leftmost for iri in sorted(tops) if iri not in columns}
    return columns | {iri: columns[_upwards(iri, parents)[-1]] for iri in parents}


def _neighbours(edges: Sequence[Edge]) -> defaultdict[str, dict[str, int]]:
    """Return the neighbours of each class: 1 for one that it leads to, -1 for one that only leads to it."""
    near: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for edge in edges:
        if edge.source.iri != edge.target.iri:
            near[edge.source.iri][edge.target.iri] = 1
            near[edge.target.iri].setdefault(edge.source.iri, -1)
    return near


def _is_drawn(edge: Edge, columns: dict[str, int]) -> bool:
    return abs(columns[edge.source.iri] - columns[edge.target.iri]) == 1


def _boxes(ontology: Ontology, edges: Sequence[Edge], columns: dict[str, int]) -> dict[str, Box]:
    found: dict[str, Class | Link] = {end.iri: end for edge in edges for end in (edge.source, edge.target)}
    found |= {one.iri: one for one in ontology.classes}
    rows: defaultdict[str, list[str]] = defaultdict(list)
    for edge in edges:
        if not _is_drawn(edge, columns):
            itself = edge.source.iri == edge.target.iri
            rows[edge.source.iri].append(
                f"↻ {edge.property.name.value}" if itself else f"{edge.property.name.value} → {edge.target.name.value}"
            )
    return {
        iri: Box(
            iri,
            _wrapped(one.name.value, _NAME_LETTERS),
            rows[iri],
            is_derived=isinstance(one, Class) and one.is_derived,
        )
        for iri, one in sorted(found.items(), key=lambda item: item[1].name.value)
    }


def _give_ports(boxes: dict[str, Box], edges: Sequence[Edge], columns: dict[str, int]) -> None:
    for edge in edges:
        if _is_drawn(edge, columns):
            ends = sorted((edge.source.iri, edge.target.iri), key=columns.__getitem__)
            boxes[ends[0]].right.append(edge)
            boxes[ends[1]].left.append(edge)
    for box in boxes.values():
        box.measure()


def _place(boxes: dict[str, Box], columns: dict[str, int], parents: dict[str, str]) -> tuple[int, int]:
    """Give each box its place, column by column from the hub outwards; return the size of the whole."""
    order = _ordered(boxes, columns, parents)
    heights = {column: sum(boxes[iri].height + _BETWEEN for iri in iris) - _BETWEEN for column, iris in order.items()}
    first, tallest = min(order), max(heights.values())
    for column, iris in order.items():
        y = _MARGIN + (tallest - heights[column]) // 2
        for iri in iris:
            box, depth = boxes[iri], len(_upwards(iri, parents)) - 1
            box.x = _MARGIN + (column - first) * (_BOX_WIDTH + _GAP) + depth * _INDENT
            box.width = _BOX_WIDTH - depth * _INDENT
            box.y = y
            y += box.height + _BETWEEN
    return len(order) * (_BOX_WIDTH + _GAP) - _GAP + 2 * _MARGIN, tallest + 2 * _MARGIN


def _ordered(boxes: dict[str, Box], columns: dict[str, int], parents: dict[str, str]) -> dict[int, list[str]]:
    """Return the classes of each column from top to bottom: narrower ones below theirs, others by their neighbours."""
    order: dict[int, list[str]] = {}
    for column in sorted(set(columns.values()), key=lambda one: (abs(one), one)):
        inner = order.get(column - 1 if column > 0 else column + 1, [])
        tops = [iri for iri in boxes if columns[iri] == column and iri not in parents]
        tops.sort(key=lambda iri: _nearness(boxes[iri], inner))
        order[column] = [one for top in tops for one in _with_children(top, boxes, parents)]
    return order


def _nearness(box: Box, inner: Sequence[str]) -> float:
    ends = [end.iri for edge in (*box.left, *box.right) for end in (edge.source, edge.target)]
    places = [inner.index(iri) for iri in ends if iri in inner]
    return sum(places) / len(places) if places else len(inner)


def _with_children(iri: str, boxes: dict[str, Box], parents: dict[str, str]) -> Iterator[str]:
    yield iri
    for child in boxes:
        if parents.get(child) == iri:
            yield from _with_children(child, boxes, parents)


def _sort_ports(boxes: dict[str, Box]) -> None:
    """Let the arrows of a side stand in the order of what they lead to, so that they cross less."""
    for box in boxes.values():
        for side in (box.left, box.right):
            side.sort(key=lambda edge: (_other(boxes, box, edge).y, edge.property.name.value))


def _other(boxes: dict[str, Box], box: Box, edge: Edge) -> Box:
    return boxes[edge.target.iri if edge.source.iri == box.iri else edge.source.iri]


def _arrow(boxes: dict[str, Box], columns: dict[str, int], edge: Edge) -> Arrow:
    """Return an arrow that stays level beside the outer box, where its name stands, and bends at the inner one."""
    ends = (boxes[edge.source.iri], boxes[edge.target.iri])
    outer, inner = sorted(ends, key=lambda box: -abs(columns[box.iri]))
    side = 1 if outer.x < inner.x else -1
    start = (outer.x + outer.width if side > 0 else outer.x, outer.port(edge))
    end = (inner.x if side > 0 else inner.x + inner.width, inner.port(edge))
    bend = f"{start[0] + side * round(_GAP * 0.7)} {start[1]} {end[0] - side * round(_GAP * 0.3)} {end[1]}"
    back = f"{end[0] - side * round(_GAP * 0.3)} {end[1]} {start[0] + side * round(_GAP * 0.7)} {start[1]}"
    path = f"M{start[0]} {start[1]}C{bend} {end[0]} {end[1]}"
    if outer.iri != edge.source.iri:
        path = f"M{end[0]} {end[1]}C{back} {start[0]} {start[1]}"
    lines = _wrapped(edge.property.name.value, _LABEL_LETTERS)
    baselines = (start[1] - 4 + _LINE * place for place in range(len(lines)))  # the first above the line
    return Arrow(
        path=path,
        lines=tuple(zip(baselines, lines, strict=True)),
        x=start[0] + side * 12,
        anchor="start" if side > 0 else "end",
        is_derived=edge.is_derived,
    )


def _branch(parent: Box, child: Box) -> str:
    """Return the line from a narrower class to the wider one above it."""
    x = parent.x + _INDENT // 2
    return f"M{child.x} {child.y + child.height // 2}H{x}V{parent.y + parent.height}"


def _wrapped(text: str, letters: int) -> list[str]:
    """Return a text as lines of so many letters; what is too long for a drawing is cut."""
    return textwrap.wrap(text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]}…", letters)
