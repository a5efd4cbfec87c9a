"""Why a statement holds, for people (French and English) and as PROV: its rule, its premises, and where those stand."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from coopkg import names
from coopkg.datalog import Fact, Proof
from coopkg.errors import InputError
from coopkg.rdf import Literal, NamedNode, Quad, RdfFormat, Triple, parse_quads, to_bytes

_WORDS: Mapping[str, tuple[str, str, str, str]] = {
    "fr": ("suit de {}, à partir de :", "énoncé dans {}", "lu dans {}", "(expliqué plus haut)"),
    "en": ("follows by {}, from:", "stated in {}", "read from {}", "(explained above)"),
}
_TYPE = NamedNode(f"{names.RDF}type")
_PROV = names.PREFIXES["prov"]
_RULE_FILES = "ontology/rules/"


@dataclass(frozen=True, slots=True)
class Place:
    """A graph that states a premise, and the pages of the source documents that it was read from."""

    graph: str
    pages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """A proof, and where each asserted fact of it stands."""

    proof: Proof
    places: Mapping[Fact, tuple[Place, ...]]

    @classmethod
    def of(cls, proof: Proof, stated: Callable[[Fact], tuple[Place, ...]]) -> Explanation:
        """Return the explanation that a proof makes with the places of its asserted facts."""
        return cls(proof, {step.fact: stated(step.fact) for step in _steps(proof) if step.rule is None})

    def text(self, lang: str) -> str:
        """Return it as indented lines; what is told twice is explained once.

        Args:
            lang: fr or en.
        """
        follows, stated, read, above = _WORDS[lang]
        lines: list[str] = []
        told: set[Fact] = set()
        waiting = [(self.proof, 0)]
        while waiting:
            step, depth = waiting.pop()
            fact = " ".join(map(_short, step.fact))
            again = step.rule is not None and step.fact in told
            lines.append("  " * depth + (f"{fact}  {above}" if again else fact))
            told.add(step.fact)
            if step.rule is None:
                for place in self.places[step.fact]:
                    pages = f", {read.format(', '.join(place.pages))}" if place.pages else ""
                    lines.append("  " * (depth + 1) + stated.format(f"<{place.graph}>") + pages)
            elif not again:
                lines.append("  " * (depth + 1) + follows.format(_cause(step.rule.name, lang)))
                waiting += [(premise, depth + 2) for premise in reversed(step.premises)]
        return "\n".join(lines) + "\n"

    def turtle(self) -> str:
        """Return it in the words of PROV: each statement an entity, derived from others or quoted from a graph."""
        triples = {triple for step in _steps(self.proof) for triple in self._prov(step)}
        return to_bytes((Quad(*triple) for triple in sorted(triples, key=str)), RdfFormat.TURTLE).decode()

    def _prov(self, step: Proof) -> Iterator[Triple]:
        me = _name("statement", step.fact)
        yield Triple(me, _TYPE, NamedNode(f"{names.RDF}Statement"))
        yield Triple(me, _TYPE, NamedNode(f"{_PROV}Entity"))
        for part, term in zip(("subject", "predicate", "object"), step.fact, strict=True):
            value = term if isinstance(term, NamedNode | Literal) else Literal(str(term))
            yield Triple(me, NamedNode(f"{names.RDF}{part}"), value)
        if step.rule is None:
            for place in self.places[step.fact]:
                yield Triple(me, NamedNode(f"{_PROV}wasQuotedFrom"), NamedNode(place.graph))
            return
        inference = _name("inference", step.fact)
        yield Triple(me, NamedNode(f"{_PROV}wasGeneratedBy"), inference)
        yield Triple(inference, _TYPE, NamedNode(f"{_PROV}Activity"))
        yield Triple(inference, NamedNode(f"{names.RDFS}label"), Literal(step.rule.name))
        for premise in step.premises:
            yield Triple(inference, NamedNode(f"{_PROV}used"), _name("statement", premise.fact))
            yield Triple(me, NamedNode(f"{_PROV}wasDerivedFrom"), _name("statement", premise.fact))


def asked(subject: str, predicate: str, value: str) -> Fact:
    """Return the fact that three terms of Turtle make; IRIs may stand without their angle brackets.

    Raises:
        InputError: a term is not understood.
    """
    prefixes = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in names.PREFIXES.items())
    bare = (f"<{term}>" if term.startswith(("http://", "https://")) else term for term in (subject, predicate, value))
    quads = parse_quads(f"{prefixes}{' '.join(bare)} .".encode(), RdfFormat.TURTLE, "the statement")
    if len(quads) != 1:
        raise InputError(f"{subject} {predicate} {value}: is not one statement; give its three terms, each in quotes")
    (quad,) = quads
    return Fact(quad.subject, quad.predicate, quad.object)


def _steps(proof: Proof) -> Iterator[Proof]:
    """Yield every step of a proof once."""
    waiting, seen = [proof], set[Fact]()
    while waiting:
        step = waiting.pop()
        if step.fact not in seen:
            seen.add(step.fact)
            yield step
            waiting += reversed(step.premises)


def _cause(rule: str, lang: str) -> str:
    if rule.startswith(_RULE_FILES):
        return f"la règle {rule}" if lang == "fr" else f"the rule {rule}"
    return f"l'axiome {rule}" if lang == "fr" else f"the axiom {rule}"


def _short(term: object) -> str:
    return names.short(term.value) if isinstance(term, NamedNode) else str(term)


def _name(kind: str, fact: Fact) -> NamedNode:
    content = " ".join(map(str, fact)).encode()
    return NamedNode(f"{names.GENID}why/{kind}/{hashlib.sha256(content).hexdigest()[:24]}")
