"""What follows from made-up documents, found some blocks at a time: the ontology's rules, run on what can meet.

A rule that needs two documents needs them of one block, or what each of two blocks says of a thing that they share; of
such a thing the kind is enough. Only counts run over blocks: they are added up. A test compares with the whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from coopkg import names
from coopkg.inference import Logic
from coopkg.rdf import Literal, NamedNode, Quad, RdfFormat, Triple, parse_quads
from coopkg.synth import forms
from coopkg.synth.draft import Document
from coopkg.synth.tables import Tables

_TYPE = NamedNode(f"{names.RDF}type")
#: Things that blocks share and describe once, by the beginning of their IRIs.
_SHARED = {
    f"{names.BASE}id/programme/synth-": NamedNode(f"{names.COOP}Programme"),
    f"{names.BASE}id/organisation/synth-": NamedNode(f"{names.PREFIXES['org']}Organization"),
}


class Entailed:
    """Infers from documents; keeps the counts until all of them came.

    Args:
        ontology: the quads of the ontology graph.
        always: statements that every block is read with, the ontology and the schemes among them.
        rules: CONSTRUCT queries by name.
    """

    def __init__(
        self, ontology: Iterable[Quad], always: Sequence[Quad], tables: Tables, rules: Mapping[str, str]
    ) -> None:
        self._logic = Logic.of(ontology, rules)
        self._always = always
        self._tables = tables
        self._counted = {rule.head.predicate for rule in self._logic.rules if rule.counts and rule.head}
        self._counts: Counter[tuple[object, NamedNode]] = Counter()

    def of(self, documents: Iterable[Document]) -> Iterator[Triple]:
        """Yield what follows from some whole blocks, but for counts; what they share may follow from others again."""
        text = "".join(map(forms.triples, documents))
        quads = parse_quads(text.encode(), RdfFormat.N_TRIPLES, "made-up documents")
        objects = {quad.object for quad in quads if isinstance(quad.object, NamedNode)}
        around = [*self._always, *_kinds(objects), *self._tables.around(objects)]
        for triple in self._logic.entailed(self._logic.reasoner([*around, *quads])):
            if triple.predicate in self._counted and isinstance(triple.object, Literal):
                self._counts[triple.subject, triple.predicate] += int(triple.object.value)
            else:
                yield triple

    def of_tables(self, tables: Iterable[Quad]) -> Iterable[Triple]:
        """Return what follows from reference tables, the ontology and the schemes."""
        return self._logic.entailed(self._logic.reasoner([*self._always, *tables]))

    def counts(self) -> Iterator[Triple]:
        """Yield what was counted over all blocks."""
        integer = NamedNode(f"{names.XSD}integer")
        for (subject, predicate), number in self._counts.items():
            yield Triple(subject, predicate, Literal(str(number), datatype=integer))  # type: ignore[arg-type]  # a node


def _kinds(nodes: Iterable[NamedNode]) -> Iterator[Quad]:
    for node in nodes:
        for beginning, kind in _SHARED.items():
            if node.value.startswith(beginning):
                yield Quad(node, _TYPE, kind)
