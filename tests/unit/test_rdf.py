"""Reading RDF says where and how to repair; canonical forms are those of the standard; bad terms are named."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from pyoxigraph import BaseDirection, CanonicalizationAlgorithm, Dataset

from coopkg import names
from coopkg.errors import InputError
from coopkg.rdf import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    Triple,
    canonical_lines,
    digest,
    parse_quads,
    read_quads,
    serialize,
    skolemised,
    term_faults,
    to_bytes,
)

GRAPH = NamedNode("https://example.org/graph")
S, P = NamedNode("https://example.org/s"), NamedNode("https://example.org/p")


def a_quad(value: Literal | NamedNode | BlankNode | Triple, subject: NamedNode | BlankNode = S) -> Quad:
    return Quad(subject, P, value, GRAPH)


def faults(quad: Quad) -> list[str]:
    return [english for _, _, english in term_faults(quad)]


# Parsing


@pytest.mark.parametrize(
    ("content", "place", "said", "repair"),
    [
        ('<http://a> <http://b> "unclosed', "1:23", "Unexpected end of file", "close what is open"),
        ('<http://a> <http://b>\n  "two\nlines" .', "2:7", "Line jumps are not allowed", 'near: "two'),
        ("\nx:a <http://b> 1 .", "2:1", "prefix x: has not been declared", "declare it with @prefix"),
        ("<http://a b> <http://b> 1 .", "1:1", "Invalid IRI code point", "near: <http://a b>"),
        ("<a> <http://b> 1 .", "1:1", "No scheme found in an absolute IRI", "near: <a> <http://b> 1"),
        ("<http://a> <http://b> ", "1:23", "Unexpected end", "close what is open"),
        ("<http://g> {\n <http://a> <http://b> 1 .\n", "3:1", "Unexpected end", "close what is open"),
        ("# first\n\0 <http://b> 1 .", "2:1", "\\u0000", "near: \\u0000 <http://b> 1 ."),
        ('<http://a> <http://b> "\\uD800" .', "1:24", "not a valid unicode character", "near: <http://a>"),
        ('<http://a> <http://b> "a"@1 .', "1:27", "language code", "near: <http://a>"),
    ],
)
def test_a_syntax_error_says_the_file_the_line_the_column_and_the_repair(
    content: str, place: str, said: str, repair: str
) -> None:
    with pytest.raises(InputError) as refusal:
        parse_quads(content.encode(), RdfFormat.TRIG, "data/x.trig")
    message = str(refusal.value)
    assert message.startswith(f"data/x.trig:{place}: ")
    assert said in message
    assert repair in message
    assert message.isprintable()


def test_text_that_is_not_utf8_is_refused_with_its_line_and_column() -> None:
    with pytest.raises(InputError, match=r"^x\.ttl:2:5: the text is not UTF-8 \(byte 8\); save it as UTF-8$"):
        parse_quads(b"# \n# \xc3\xa9 \xe9", RdfFormat.TURTLE, "x.ttl")


def test_a_byte_order_mark_is_passed_over() -> None:
    quads = parse_quads(b'\xef\xbb\xbf<http://a> <http://b> "c" .', RdfFormat.TURTLE, "x.ttl")
    assert len(quads) == 1


def test_a_remote_json_ld_context_is_refused_and_not_fetched() -> None:
    with pytest.raises(InputError, match=r"^x\.jsonld: .*write the context into the file"):
        parse_quads(b'{"@context": "http://127.0.0.1:9/", "@id": "http://a"}', RdfFormat.JSON_LD, "x.jsonld")


@pytest.mark.parametrize("content", ["", "# only a comment"])
def test_an_empty_document_has_no_quads(content: str) -> None:
    assert parse_quads(content.encode(), RdfFormat.TRIG, "x") == []


def test_a_file_is_read_by_its_ending_compressed_or_not(tmp_path: Path) -> None:
    line = b'<http://a> <http://b> "c" <http://g> .\n'
    (tmp_path / "some.table.nq").write_bytes(line)
    (tmp_path / "some.table.nq.gz").write_bytes(gzip.compress(line))
    assert read_quads(tmp_path / "some.table.nq", "x") == read_quads(tmp_path / "some.table.nq.gz", "x") != []


@pytest.mark.parametrize("name", ["x.txt", "x", "x.gz", "x.ttl.bak"])
def test_a_file_whose_ending_says_no_syntax_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(InputError, match=rf"^{name}: the ending says no RDF syntax; use one of \.jsonld, "):
        read_quads(tmp_path / name, name)


WHOLE = gzip.compress(b'<http://a> <http://b> "c" .\n' * 20, mtime=0)


@pytest.mark.parametrize(
    "content",
    [b"", b"not gzip", WHOLE[:-9], WHOLE[:10] + b"\x07" + WHOLE[11:], WHOLE[:-8] + b"\0" * 8],
    ids=["empty", "plain", "truncated", "corrupt", "wrong checksum"],
)
def test_a_damaged_gzip_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.nq.gz").write_bytes(content)
    with pytest.raises(InputError, match=r"^x\.nq\.gz: cannot be read \(.*\); restore the file$"):
        read_quads(tmp_path / "x.nq.gz", "x.nq.gz")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^x\.nq: cannot be read"):
        read_quads(tmp_path / "x.nq", "x.nq")


# Canonical form


NASTY = ["", " ", '"', "\\", "a\nb", "\r\n", "\t", "\0\x01\b\f\x1f\x7f", "\x85\u2028\ufeff", "é €", "😀", "\\u0041"]


def test_canonical_lines_are_those_of_rdfc10() -> None:
    quads = [a_quad(Literal(text)) for text in NASTY]
    quads += [a_quad(Literal(text, language="fr-FR")) for text in NASTY]
    quads += [a_quad(Literal("1", datatype=NamedNode(f"{names.XSD}integer"))), Quad(S, P, S), a_quad(S)]
    oracle = Dataset(quads)
    oracle.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    written = (serialize(oracle, format=RdfFormat.N_QUADS) or b"").decode().removesuffix("\n").split("\n")
    assert canonical_lines([*quads, *quads]) == sorted(written)


def test_a_control_character_is_escaped_as_rdfc10_says() -> None:
    assert canonical_lines([a_quad(Literal('\0\x7f\b\t\n\f\r"\\\x85'))]) == [
        f'{S} {P} "\\u0000\\u007F\\b\\t\\n\\f\\r\\"\\\\\x85" {GRAPH} .'
    ]


def test_the_digest_ignores_order_and_repetition_and_nothing_else() -> None:
    one, two = a_quad(Literal("1")), a_quad(Literal("2"))
    assert digest([one, two]) == digest([two, one, two])
    assert len({digest([]), digest([one]), digest([two]), digest([one, two]), digest([Quad(S, P, one.object)])}) == 5


def test_the_digest_of_nothing_is_the_sha256_of_nothing() -> None:
    assert digest([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


# Skolemisation


def test_skolemised_quads_are_the_same_whatever_the_labels_and_the_order() -> None:
    def a_list(labels: tuple[str, str, str]) -> list[Quad]:
        a, b, c = map(BlankNode, labels)
        return [a_quad(b, a), a_quad(c, b), a_quad(Literal("end"), c), a_quad(a)]

    first = skolemised(a_list(("x", "y", "z")), "here")
    second = skolemised(reversed(a_list(("c14n2", "c14n0", "c14n1"))), "here")
    assert set(first) == set(second)
    assert "_:" not in "".join(canonical_lines(first))
    # Known bytes: the IRIs must not change between runs, machines and versions of the engine.
    assert digest(first) == "ec7685e222978aee50ae9917a2bb60c163b42cca857eca863a96e442fea24789"


def test_two_documents_never_share_a_skolem_iri() -> None:
    quads = [a_quad(Literal("x"), BlankNode())]
    subjects = {quad.subject for name in ("one", "two") for quad in skolemised(quads, name)}
    assert {str(subject).partition("genid/")[2].partition("/")[0] for subject in subjects} == {"one", "two"}


def test_a_blank_node_that_names_a_graph_is_skolemised_too() -> None:
    (quad,) = skolemised([Quad(S, P, S, BlankNode())], "here")
    assert isinstance(quad.graph_name, NamedNode)


def test_quads_without_blank_nodes_are_left_as_they_are() -> None:
    quads = [a_quad(Literal(text)) for text in NASTY]
    assert set(skolemised(quads, "here")) == set(quads)


# Terms


@pytest.mark.parametrize(
    "text",
    [
        *(chr(code) for code in (0, 1, 8, 11, 12, 14, 31, 127, 128, 159, 0xFFFE, 0xFFFF)),
        *(chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))),
    ],
    ids=ascii,
)
def test_a_control_character_in_a_text_is_a_fault(text: str) -> None:
    assert len(faults(a_quad(Literal(f"a{text}b")))) == 1
    assert len(faults(a_quad(Literal(f"a{text}b", language="fr")))) == 1


@pytest.mark.parametrize(
    "text", ["a\tb\r\nc", "l’été « à » 12 €", "👩‍🚀", "\u00a0\u202f", "العربية\u200f", "\U0001fffd"]
)
def test_ordinary_text_is_no_fault(text: str) -> None:
    assert faults(a_quad(Literal(text, language="fr"))) == []


@pytest.mark.parametrize(
    "iri",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "JAVASCRIPT:x",
        "ftp://x/",
        "http:x",
        "vbscript:x",
    ],
)
def test_an_iri_of_a_scheme_that_is_not_expected_is_a_fault_wherever_it_stands(iri: str) -> None:
    node = NamedNode(iri)
    for quad in (Quad(node, P, S, GRAPH), Quad(S, node, S, GRAPH), Quad(S, P, node, GRAPH), Quad(S, P, S, node)):
        assert len(faults(quad)) == 1, quad
    assert len(faults(a_quad(Literal("x", datatype=node)))) == 1


@pytest.mark.parametrize("iri", ["http://a", "https://a/é#x", "urn:isbn:1", "mailto:a@example.org"])
def test_an_iri_of_a_scheme_that_is_expected_is_no_fault(iri: str) -> None:
    assert faults(a_quad(NamedNode(iri))) == []


@pytest.mark.parametrize("mark", ["\u200e", "\u200f", "\u061c", "\u202e", "\u2066"])
def test_a_bidirectional_mark_in_an_iri_is_a_fault(mark: str) -> None:
    assert len(faults(a_quad(NamedNode(f"https://example.org/{mark}x")))) == 1


def test_lengths_are_counted_in_bytes() -> None:
    assert faults(a_quad(NamedNode("https://a/" + "x" * 2_038))) == []
    assert len(faults(a_quad(NamedNode("https://a/" + "x" * 2_039)))) == 1
    assert len(faults(a_quad(NamedNode("https://a/" + "é" * 1_020)))) == 1
    assert faults(a_quad(Literal("x" * 1_048_576))) == []
    assert len(faults(a_quad(Literal("x" * 1_048_577)))) == 1
    assert len(faults(a_quad(Literal("é" * 524_289)))) == 1


@pytest.mark.parametrize("datatype", ["integer", "decimal", "date", "dateTime"])
def test_a_value_that_takes_for_ever_to_be_compared_is_a_fault(datatype: str) -> None:
    kind = NamedNode(f"{names.XSD}{datatype}")
    assert faults(a_quad(Literal("9" * 1_000, datatype=kind))) == []
    assert faults(a_quad(Literal("9" * 1_001, datatype=kind))) == ["value over 1000 characters: shorten it"]


def test_what_only_rdf12_has_and_blank_nodes_are_faults() -> None:
    assert len(faults(a_quad(BlankNode()))) == 1
    assert len(faults(a_quad(Triple(S, P, S)))) == 1
    assert len(faults(a_quad(Literal("x", language="fr", direction=BaseDirection.LTR)))) == 1


def test_each_fault_is_told_in_both_languages() -> None:
    told = list(term_faults(Quad(BlankNode(), P, Literal("\0\u202e"), DefaultGraph())))
    assert len(told) == 3
    assert all(french and english and french != english for _, french, english in told)


def test_prefixes_of_the_project_are_used_where_a_syntax_has_them() -> None:
    quad = Quad(S, NamedNode(f"{names.COOP}role"), S)
    assert b"coop:role" in to_bytes([quad], RdfFormat.TURTLE)
    assert f"<{names.COOP}role>".encode() in to_bytes([quad], RdfFormat.N_TRIPLES)
