"""What is found at a node: where judges differ from each other, and what a result tells."""

from __future__ import annotations

import pytest

from coopkg import shacl
from coopkg.compiled import CompiledShapes
from coopkg.datatypes import well_formed
from coopkg.facts import Facts
from coopkg.findings import Finding
from tests.shacl import reports
from tests.unit.test_shacl import turtle


def found(shapes: str, data: str) -> list[Finding]:
    """Return what is found, the same whether values are looked up or scanned."""
    read, store = shacl.read(turtle(f"{shapes} .")), reports.store(turtle(f"{data} ."))
    looked_up, scanned = (CompiledShapes(read, many).whole(Facts(store)).findings() for many in (1_000, 1))
    assert [_without_blanks(one) for one in looked_up] == [_without_blanks(one) for one in scanned]
    return looked_up


def _without_blanks(finding: Finding) -> tuple[str, str, int]:
    return finding.shape, finding.component, len(finding.value)


def values(constraint: str, data: str) -> list[str]:
    """Return the values of :p that a constraint finds."""
    return sorted(one.value for one in found(f":s sh:targetSubjectsOf :p ; sh:path :p ; {constraint}", f":n {data}"))


@pytest.mark.parametrize(
    ("constraint", "data", "expected"),
    [
        # Where there is no order, there is a result; rdflib orders what is of different kinds.
        ("sh:maxInclusive 5", ":p 4 , 6 , 'soon' , '2024-01-01'^^xsd:date , true", ["2024-01-01", "6", "soon", "true"]),
        ("sh:minExclusive 5", ":p 5 , 5.5 , :n", ["5", "https://example.org/n"]),
        ("sh:lessThan :q", ":p 1 , 3 , 'a' ; :q 2", ["3", "a"]),
        ("sh:lessThanOrEquals :q", ":p '2024-01-01'^^xsd:date ; :q '2024-01-01'^^xsd:date , 'soon'", ["2024-01-01"]),
        ("sh:pattern '^a$'", ":p 'a' , 'a\\n' , 'A'", ["A", "a\n"]),
        ("sh:pattern '^a$' ; sh:flags 'i'", ":p 'a' , 'A' , [] ", None),
        ("sh:datatype xsd:date", ":p '2023-02-29'^^xsd:date , '2024-02-29'^^xsd:date", ["2023-02-29"]),
        ("sh:languageIn ( 'fr' )", ":p 'a'@fr , 'b'@fr-be , 'c'@fro , 'd'", ["c", "d"]),
        ("sh:in ( 01 'a' )", ":p 1 , 2 , 'a'@fr", ["2", "a"]),
        ("sh:minLength 2", ":p 'é' , 'éé' , []", None),
    ],
)
def test_values_at_fault(constraint: str, data: str, expected: list[str] | None) -> None:
    if expected is None:  # a blank node has no text: it is always at fault, and its name is nobody's
        assert len(values(constraint, data)) == data.count("[]") + ("minLength" in constraint)
    else:
        assert values(constraint, data) == expected


@pytest.mark.parametrize(
    ("constraint", "data", "count"),
    [
        ("sh:uniqueLang true", ":p 'a'@fr , 'b'@FR , 'c'@en , 'd' , 'e'", 1),
        ("sh:minCount 2", ":p 1", 1),
        ("sh:maxCount 2", ":p 1 , 2 , 3", 1),
        ("sh:maxCount 0", ":p 1", 1),
        ("sh:hasValue 2", ":p 1 , 3", 1),
        ("sh:equals :q", ":p 1 , 2 ; :q 2 , 3", 2),
        ("sh:disjoint :q", ":p 1 , 2 ; :q 2 , 3", 1),
        ("sh:qualifiedValueShape [ sh:minInclusive 2 ] ; sh:qualifiedMinCount 2", ":p 1 , 2", 1),
        ("sh:qualifiedValueShape [ sh:minInclusive 2 ] ; sh:qualifiedMaxCount 1", ":p 1 , 2 , 3", 1),
    ],
)
def test_sets_of_values_at_fault(constraint: str, data: str, count: int) -> None:
    assert len(values(constraint, data)) == count


def test_values_of_a_sibling_shape_are_not_counted() -> None:
    held = "sh:path :p ; sh:qualifiedValueShapesDisjoint true ; sh:qualifiedMinCount 1 ; sh:qualifiedValueShape"
    shapes = f":s sh:targetClass :C ; sh:property [ {held} :long ] , [ {held} :even ] . "
    shapes += ":long sh:minLength 2 . :even sh:pattern '[02468]$'"
    assert [one.component for one in found(shapes, ":n a :C ; :p '12' , '11' , '4'")] == []
    assert [one.component for one in found(shapes, ":n a :C ; :p '12' , '11'")] == ["QualifiedMinCount"]


def test_the_inverse_of_a_chain_is_walked_from_its_end() -> None:
    shapes = ":s sh:targetNode :c ; sh:path [ sh:inversePath ( :p :q ) ] ; sh:hasValue :a"
    assert found(shapes, ":a :p :b . :b :q :c") == []
    assert len(found(shapes, ":b :p :c . :a :q :b")) == 1


_LONG = "sh:select 'SELECT $this ?value { $this $PATH ?value FILTER(?value = <https://example.org/c>) }'"


@pytest.mark.parametrize(
    ("path", "reaches"),
    [
        ("[ sh:inversePath [ sh:inversePath :p ] ]", "b"),
        ("[ sh:zeroOrMorePath [ sh:oneOrMorePath :p ] ]", "abc"),
        ("[ sh:zeroOrOnePath [ sh:zeroOrMorePath :p ] ]", "abc"),
        ("[ sh:inversePath [ sh:oneOrMorePath [ sh:inversePath :p ] ] ]", "bc"),
    ],
)
def test_paths_within_paths_are_walked_and_asked_alike(path: str, reaches: str) -> None:
    """pySHACL writes them without parentheses into a query, and cannot be the judge of them."""
    data = ":a :p :b . :b :p :c . :c :q :d"
    walked = found(f":s sh:targetNode :a ; sh:path {path} ; sh:in ( )", data)
    assert {one.value.rpartition("/")[2] for one in walked} == set(reaches)
    component = f":Far a sh:ConstraintComponent ; sh:parameter [ sh:path :far ] ; sh:propertyValidator [ {_LONG} ]"
    asked = found(f":s sh:targetNode :a ; sh:path {path} ; :far true . {component}", data)
    assert len(asked) == ("c" in reaches)


def test_a_finding_tells_what_the_other_shape_found_inside() -> None:
    shapes = ":s sh:targetClass :C ; sh:property :p1 . :p1 sh:path :p ; sh:node :t . :t sh:property :q1 . "
    shapes += ":q1 sh:path :q ; sh:minCount 1 ; sh:message 'Donnez q.'@fr"
    outer, inner = sorted(found(shapes, ":n a :C ; :p :m"), key=lambda one: one.shape)
    assert (outer.component, outer.focus, outer.path, outer.value) == (
        *("Node", "https://example.org/n", "<https://example.org/p>", "https://example.org/m"),
    )
    assert (inner.component, inner.focus, inner.messages) == (
        *("MinCount", "https://example.org/m", (("fr", "Donnez q."),)),
    )


def test_a_message_of_a_query_speaks_with_its_values() -> None:
    query = "sh:select 'SELECT $this ?value { $this <https://example.org/p> ?value }'"
    message = "sh:message 'not {?value} nor {?x}'@en"
    (one,) = found(f":s sh:targetNode :n ; sh:sparql [ {query} ; {message} ]", ":n :p 4")
    assert (one.messages, one.value) == ((("en", "not 4 nor {?x}"),), "4")


@pytest.mark.parametrize(
    ("text", "datatype", "is_so"),
    [
        *(("12", "integer", True), ("+0", "integer", True), ("1.0", "integer", False), ("1.", "decimal", True)),
        *(("1e3", "decimal", False), ("-INF", "double", True), ("NaN", "float", True), ("yes", "boolean", False)),
        *(("2024-02-29", "date", True), ("2023-02-29", "date", False), ("24-01-01", "date", False)),
        *(("2024-01-01T24:00:00Z", "dateTime", True), ("2024-01-01", "dateTime", False), ("25:00:00", "time", False)),
        *(("whatever", "anyURI", True), ("2024-01-01+14:00", "date", True), ("2024-01-01+15:00", "date", False)),
    ],
)
def test_lexical_forms(text: str, datatype: str, is_so: bool) -> None:
    assert well_formed(text, f"http://www.w3.org/2001/XMLSchema#{datatype}") is is_so
