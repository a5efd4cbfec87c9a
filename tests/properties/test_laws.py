"""Laws that hold for any graph: canonical forms, round trips, normal form, the journal, the guard."""

from __future__ import annotations

import contextlib
import io
import random
import tempfile
from pathlib import Path

import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import CanonicalizationAlgorithm, Dataset

from coopkg import names, store, trig
from coopkg.errors import QueryError, StateDamaged
from coopkg.evaluation import evaluated
from coopkg.guard import refuse_remote
from coopkg.journal import Change, Journal
from coopkg.rdf import (
    BlankNode,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    canonical_lines,
    digest,
    parse_quads,
    serialize,
    skolemised,
)
from coopkg.segments import HEAD_BYTES
from coopkg.store import QuadStore, normalised
from coopkg.update import Update
from tests.builders import segment
from tests.datasets import UpdatableStore

few = settings(max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])

NASTY = st.sampled_from(
    ['"', "\\", "'", "\n", "\r", "\t", "\0", "\x1f", "\x7f", "\x85", "\u2028", "\ufeff", "é", "😀", "@", "<"]
)
TEXTS = st.text(st.one_of(NASTY, st.characters(exclude_categories=["Cs"])), max_size=12)
LOCALS = st.sampled_from(
    [
        "",
        "a",
        "role",
        "_x",
        "1",
        "a/b",
        "a.b",
        "a.",
        "-a",
        "é",
        "a%20b",
        "a'b",
        "a(b)",
        "a~b",
        "a;b",
        "a?b=c&d",
        "a:b",
    ]
)
NAMESPACES = st.sampled_from([*names.PREFIXES.values(), f"{names.BASE}id/project/", "https://example.org/", "urn:x:"])
IRIS = st.builds(lambda space, local: NamedNode(f"{space}{local}"), NAMESPACES, LOCALS)
LANGUAGES = st.sampled_from(["fr", "en", "fr-FR", "zh-Hant-TW", "x-a"])
NUMBERS = st.sampled_from(
    ["0", "1", "-1", "+1", "007", "1.0", "1.50", "-0.0", ".5", "1.", "1e3", "abc", "", "12345678901234567890"]
)
DATES = st.sampled_from(["2015", "2015-03", "2015-03-24", "2015-02-30", "2015-03-24T00:00:00Z", "true", "1", "P1Y"])
DATATYPES = st.sampled_from(
    [
        f"{names.XSD}{name}"
        for name in ("string", "integer", "decimal", "double", "boolean", "date", "gYear", "gYearMonth")
    ]
    + [f"{names.XSD}{name}" for name in ("dateTime", "duration", "token", "language", "int", "anyURI")]
    + ["https://example.org/own"]
)
LITERALS = st.one_of(
    st.builds(Literal, TEXTS),
    st.builds(lambda text, tag: Literal(text, language=tag), TEXTS, LANGUAGES),
    st.builds(lambda text, kind: Literal(text, datatype=NamedNode(kind)), st.one_of(TEXTS, NUMBERS, DATES), DATATYPES),
    st.builds(lambda number: Literal(str(number), datatype=NamedNode(f"{names.XSD}integer")), st.integers()),
    st.builds(
        lambda number: Literal(format(number, "f"), datatype=NamedNode(f"{names.XSD}decimal")),
        st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9),
    ),
)
GRAPHS = st.sampled_from([NamedNode(f"{names.GRAPH}{slug}") for slug in ("a", "b", "editorial/organisations")])
QUADS = st.lists(st.builds(Quad, IRIS, IRIS, st.one_of(IRIS, LITERALS), GRAPHS), max_size=12)
BLANKS = st.sampled_from([BlankNode(label) for label in ("a", "b", "c", "d", "c14n0", "c14n1")])
BLANK_QUADS = st.lists(
    st.builds(Quad, st.one_of(BLANKS, IRIS), st.sampled_from([NamedNode("urn:p"), NamedNode("urn:q")]), BLANKS, GRAPHS),
    min_size=1,
    max_size=6,
)


@few
@given(QUADS)
def test_canonical_lines_are_those_of_rdfc10(quads: list[Quad]) -> None:
    oracle = Dataset(quads)
    oracle.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    lines = (serialize(oracle, format=RdfFormat.N_QUADS) or b"").decode().removesuffix("\n")
    assert canonical_lines(quads) == sorted(lines.split("\n") if lines else [])


@few
@given(QUADS)
def test_canonical_lines_are_read_back_as_the_same_quads(quads: list[Quad]) -> None:
    text = "".join(f"{line}\n" for line in canonical_lines(quads))
    assert text.count("\n") == len(set(quads))
    assert set(parse_quads(text.encode(), RdfFormat.N_QUADS, "x")) == set(quads)


@few
@given(QUADS, QUADS)
def test_two_graphs_have_one_digest_when_and_only_when_they_are_equal(one: list[Quad], two: list[Quad]) -> None:
    assert (digest(one) == digest(two)) == (set(one) == set(two))
    assert digest(one) == digest([*reversed(one), *one])


@few
@given(BLANK_QUADS, st.permutations(range(6)), st.randoms())
def test_skolem_iris_do_not_depend_on_labels_or_order(
    quads: list[Quad], order: list[int], shuffler: random.Random
) -> None:
    labels = ["a", "b", "c", "d", "c14n0", "c14n1"]
    renamed = {labels[index]: f"z{position}" for position, index in enumerate(order)}

    def other(term: object) -> object:
        return BlankNode(renamed[term.value]) if isinstance(term, BlankNode) else term

    twin = [Quad(other(q.subject), q.predicate, other(q.object), q.graph_name) for q in quads]  # type: ignore[arg-type]  # terms of the kind they were
    shuffler.shuffle(twin)
    named = skolemised(quads, "here")
    assert digest(named) == digest(skolemised(twin, "here"))
    assert "_:" not in "".join(canonical_lines(named))
    assert len(set(named)) == len(set(quads))


@few
@given(QUADS, st.randoms())
def test_canonical_trig_does_not_depend_on_order(quads: list[Quad], shuffler: random.Random) -> None:
    shuffled = [*quads, *quads]
    shuffler.shuffle(shuffled)
    assert trig.write(shuffled) == trig.write(quads)


@few
@given(QUADS)
def test_canonical_trig_is_read_back_by_pyoxigraph_as_the_same_graph_and_written_alike(quads: list[Quad]) -> None:
    text = trig.write(quads)
    read = parse_quads(text.encode(), RdfFormat.TRIG, "x")
    assert set(normalised(read)) == set(normalised(quads))
    assert trig.write(read) == text
    # A graph in normal form is written alike before and after a passage through the store.
    normal = trig.write(normalised(quads))
    assert trig.write(normalised(parse_quads(normal.encode(), RdfFormat.TRIG, "x"))) == normal


def collapsed_by_rdflib(term: object) -> bool:
    """Whether rdflib collapses the spaces of a literal, which it does to tokens even when asked to leave them."""
    return isinstance(term, Literal) and term.datatype.value.endswith("#token") and term.value.split() != [term.value]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # rdflib 7.6 uses what it deprecates itself
@few
@given(QUADS)
def test_canonical_trig_is_read_back_by_rdflib_as_the_same_graph(quads: list[Quad]) -> None:
    text = trig.write(quad for quad in quads if not collapsed_by_rdflib(quad.object))
    before = rdflib.NORMALIZE_LITERALS
    rdflib.NORMALIZE_LITERALS = False
    try:
        read = rdflib.Dataset()
        read.parse(data=text, format="trig")
        lines = read.serialize(format="nquads")
    finally:
        rdflib.NORMALIZE_LITERALS = before
    assert set(parse_quads(lines.encode(), RdfFormat.N_QUADS, "x")) == set(
        parse_quads(text.encode(), RdfFormat.TRIG, "x")
    )


@few
@given(QUADS)
def test_normal_form_is_what_a_store_gives_back_and_normalising_again_changes_nothing(quads: list[Quad]) -> None:
    engine = QuadStore.in_memory(quads)
    given_back = {quad for graph in engine.graphs() for quad in engine.quads(graph)}
    assert set(normalised(quads)) == given_back
    assert set(normalised(normalised(quads))) == given_back


@few
@given(QUADS, QUADS, QUADS)
def test_a_change_is_applied_exactly(before: list[Quad], remove: list[Quad], add: list[Quad]) -> None:
    before, remove, add = (normalised(quads) for quads in (before, remove, add))
    # Triples that two graphs state, of which one lets go.
    before += [Quad(quad.subject, quad.predicate, quad.object, NamedNode(f"{names.GRAPH}c")) for quad in before[:4]]
    engine = QuadStore.in_memory(before)
    engine.change([*remove, *before[:2]], add)
    found = {quad for graph in engine.graphs() for quad in engine.quads(graph)}
    assert found == (set(before) - set(remove) - set(before[:2])) | set(add)
    # Queries see each triple once, however many graphs state it.
    triples = {(quad.subject, quad.predicate, quad.object) for quad in found}
    assert store.rows(engine.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")) == [(str(len(triples)),)]


@settings(few, max_examples=20)
@given(st.lists(st.lists(st.tuples(QUADS, QUADS, TEXTS), min_size=1, max_size=3), max_size=3), st.data())
def test_a_journal_is_read_back_and_a_cut_costs_only_the_batch_it_falls_into(
    batches: list[list[tuple[list[Quad], list[Quad], str]]], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal"
        journal, ends, written = Journal(path, writing=True), [0], list[Change]()
        for batch in batches:
            changes = [Change(frozenset(removed), frozenset(added), text) for removed, added, text in batch]
            journal.append(changes)
            ends.append(segment(path).stat().st_size)
            written += changes

        def read(opened: Journal) -> list[tuple[set[Quad], set[Quad], str]]:
            bodies = [(opened.change(revision), revision.message) for revision in opened.revisions]
            return [(set(removed), set(added), message) for (removed, added), message in bodies]

        expected = [(set(change.remove), set(change.add), change.message) for change in written]
        assert read(Journal(path)) == expected
        if not written:
            return
        content = segment(path).read_bytes()
        cut = data.draw(st.integers(HEAD_BYTES, len(content)))
        segment(path).write_bytes(content[:cut])
        whole = sum(len(batch) for batch, end in zip(batches, ends[1:], strict=True) if end <= cut)
        assert read(Journal(path, writing=True)) == expected[:whole]
        flipped = bytearray(content)
        flipped[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
        segment(path).write_bytes(flipped)
        with pytest.raises(StateDamaged):
            read(Journal(path, writing=True))


ADDRESS = "<http://127.0.0.1:9/>"
PIECES = st.sampled_from(
    [
        *(
            "SERVICE",
            "service",
            f"SERVICE {ADDRESS} {{ ?s ?p 'x' }}",
            "SERVICE?e#>\n{}",
            "SERVICESILENT",
            "SERVICEa:b {}",
        ),
        *(
            "'",
            '"',
            "'''",
            '"""',
            "\\",
            "\\q",
            "\\u0027",
            "#",
            "\n",
            " ",
            ".",
            "<",
            ">",
            "<=",
            "{",
            "}",
            "(",
            ")",
            "a:",
            ":b",
        ),
        *(
            "?s ?p ?o",
            "?s ?p 5",
            "?s ?p true",
            "?s ?p a:",
            "?s ?p a:b.c",
            "?s ?p 'x'",
            "FILTER(1<2)",
            "FILTER('a'<'>')",
        ),
        *(
            "VALUES ?x { 'y' }",
            f"VALUES ?e {{ {ADDRESS} }}",
            "OPTIONAL {",
            "<http://x/'>",
            "<http://x#>",
            "'SERVICE'",
            "?SERVICE",
        ),
    ]
)


OPERATIONS = st.sampled_from(
    [
        *(f"LOAD {ADDRESS}", f"LOAD SILENT {ADDRESS}", "LOAD a:", "LOAD", "load", "LOADSILENT", "SILENT", ADDRESS),
        *("CLEAR ALL", "INSERT DATA {", "INSERT {", "DELETE {", "} WHERE {", "DELETE WHERE {", "}", ";", "?s ?p ?o"),
        *(
            "PREFIX a:",
            "BASE",
            "VERSION",
            "VERSION '1.2'",
            "PREFIX",
            ":",
            "<http://x/>",
            "<",
            ">",
            "a:b",
            "5",
            " ",
            "\n",
        ),
        *("'", '"', "'''", '"""', "\\", "#", "# x\n", "\r", "\\u004C", "\\u0022", "''"),
        f"SERVICE {ADDRESS} {{}}",
    ]
)


@settings(few, max_examples=400)
@given(st.lists(OPERATIONS, min_size=1, max_size=8))
def test_an_update_never_calls_an_address_neither_read_nor_carried_out(pieces: list[str]) -> None:
    for text in ("".join(pieces), f"PREFIX a: <http://127.0.0.1:9/> {' '.join(pieces)}"):
        with contextlib.suppress(QueryError):  # a call that fails is another error
            evaluated(UpdatableStore.in_memory(), Update(text, base="http://x/"))


@settings(few, max_examples=400)
@given(st.lists(PIECES, min_size=1, max_size=7), st.sampled_from(["http://x/", "http://x:80", "http://127.0.0.1:9/"]))
def test_what_passes_the_guard_never_calls_an_address(pieces: list[str], namespace: str) -> None:
    text = f"PREFIX a: <{namespace}> SELECT * {{ {''.join(pieces)} }}"
    try:
        refuse_remote(text)
    except QueryError:
        return
    said = ""
    try:
        node = NamedNode("https://example.org/s")
        results = QuadStore.in_memory([Quad(node, node, Literal("x"), node)]).query(text)
        store.write(results, io.BytesIO(), store.media_types(results)[0])
    except QueryError as fault:
        said = str(fault)
    # A syntax error has a place in the text; what fails while it is evaluated has none.
    assert "evaluation failed" not in said, text
