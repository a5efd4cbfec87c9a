"""How a finding could be mended: the nearest named thing, or the form that the shape asks for. Decides; writes nothing.

Only where it is certain enough to be asked as a question: what is proposed exists, or satisfies the shape that
complained. Asked for the findings that are shown, never for all that a graph holds.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from coopkg import datatypes, names
from coopkg.constraints import Constraint, Datatype, HasValue, In, LanguageIn, Logical, Node, Property, Shape
from coopkg.examination import Examination, is_of_values
from coopkg.facts import TYPE, Facts
from coopkg.findings import Finding, Texts
from coopkg.likeness import folded
from coopkg.rdf import Literal, NamedNode, Quad, RdfFormat, parse_quads
from coopkg.scope import Vocabulary
from coopkg.spelling import local, nearest, nearest_of
from coopkg.store import QuadStore, Term, normalised

#: How many findings of one report are mended; a reader mends those first.
MOST_FINDINGS = 200
#: How many resources of a kind are looked through for the nearest name.
MOST_OF_A_KIND = 20_000

_LABEL, _IN_SCHEME = NamedNode(f"{names.SKOS}prefLabel"), NamedNode(f"{names.SKOS}inScheme")
_SCHEME = f"{names.BASE}scheme/"
_KINDS = {
    "organisation": f"{names.PREFIXES['org']}Organization",
    "group": f"{names.COOP}StakeholderGroup",
    "source": f"{names.COOP}SourceDocument",
    "expected-participation": f"{names.COOP}ExpectedParticipation",
} | {
    kind: f"{names.COOP}{kind.title()}"
    for kind in (
        *("action", "event", "experiment", "lesson", "measure", "outcome", "participation", "perspective", "programme"),
        "project",
    )
}
_OF_KIND = re.compile(rf"{re.escape(names.BASE)}id/({'|'.join(_KINDS)})/([^/]+)")
#: How alike the proper name of a resource must be; the words of the model are fewer, and may differ more.
_PROPER_NAME = 0.8
_LONGEST = 200
_STRING, _LANG_STRING = f"{names.XSD}string", f"{names.RDF}langString"
_DATES = {
    r"\d{4}": f"{names.XSD}gYear",
    r"\d{4}-(?:0[1-9]|1[0-2])": f"{names.XSD}gYearMonth",
    r"\d{4}-\d\d-\d\d": f"{names.XSD}date",
}


class Repairs:
    """What findings about one state of a graph could be mended with.

    Args:
        store: the graph that was judged.
        shapes: those that judged it.
        vocabulary: the words that curated graphs may use.
    """

    def __init__(self, store: QuadStore, shapes: Iterable[Shape], vocabulary: Vocabulary) -> None:
        self._store = store
        self._shapes = {shape.node.value: shape for shape in shapes if isinstance(shape.node, NamedNode)}
        self._vocabulary = vocabulary
        self._known: dict[str, dict[str, str]] = {}
        self._examination = Examination(Facts(QuadStore.in_memory()))

    def mended(self, findings: Iterable[Finding]) -> list[Finding]:
        """Return the findings, in their order; the first of them with what would mend them, where it is certain."""
        waiting = iter(findings)
        first = [dataclasses.replace(one, fix=one.fix or self.fix(one)) for one in islice(waiting, MOST_FINDINGS)]
        return [*first, *waiting]

    def fix(self, finding: Finding) -> Texts:
        """Return what would mend a finding, as a question in both languages; empty when nothing is certain."""
        if finding.component == "Term":
            return ()  # a blank node, an IRI with a space: the term itself must go, whatever it is related to
        if finding.component == "Scope":
            return _asked(_shown(self._word(finding)))
        value, focus = _term(finding.value_term), _term(finding.focus_term)
        shape = self._shapes.get(finding.shape)
        if shape and value is not None and (near := self._choice(value, list(_choices(shape)))):
            return _asked(_shown(near))
        if isinstance(value, Literal):
            return _asked(*map(_written, self._forms_of(value, shape)))
        return _asked(_shown(next((near for term in (value, focus) if (near := self._described(term))), "")))

    def _word(self, finding: Finding) -> str:
        """Return the nearest property or class of the model."""
        known = self._vocabulary
        term, value = _term(finding.path_term), _term(finding.value_term)
        if not isinstance(term, NamedNode) or term.value in known.derived:
            return ""
        if term.value not in known.properties:
            return _of_model(term.value, known.properties)
        if term == TYPE and isinstance(value, NamedNode) and value.value not in known.classes | known.derived:
            return _of_model(value.value, known.classes)
        return ""

    def _described(self, term: Term | None) -> str:
        """Return the nearest resource of the same kind, for an IRI of ours that no graph describes."""
        if not isinstance(term, NamedNode) or self._is_described(term.value):
            return ""
        if scheme := re.fullmatch(rf"({re.escape(_SCHEME)}[^/]+)/.+", term.value):
            return self._concept(local(term.value), scheme[1])
        if kind := _OF_KIND.fullmatch(term.value):
            near = nearest_of(kind[2], self._of_kind(kind[1]), _PROPER_NAME)
            return near or self._by_folded_name(kind[1]).get(folded(kind[2]), "")
        return ""

    def _is_described(self, iri: str) -> bool:
        graphs = (getattr(quad.graph_name, "value", "") for quad in self._store.about(iri))
        return any(not names.is_derived(graph) for graph in graphs)

    def _choice(self, value: Term, choices: list[Term]) -> str:
        """Return the nearest of the values that a shape allows; a scheme among them stands for its concepts."""
        if not isinstance(value, NamedNode | Literal):
            return ""
        word, allowed = local(value.value), [one.value for one in choices if isinstance(one, NamedNode | Literal)]
        schemes = [one for one in allowed if re.fullmatch(f"{re.escape(_SCHEME)}[^/]+", one)]
        found = [self._concept(word, scheme) for scheme in schemes]
        found.append(nearest_of(word, {local(one): one for one in allowed if one not in schemes}))
        return next((near for near in found if near not in ("", value.value)), "")

    def _concept(self, word: str, scheme: str) -> str:
        """Return the concept of a scheme whose name, that of its IRI or one in a language, is nearest."""
        if scheme not in self._known:
            concepts = {quad.subject for quad in self._store.stating(None, _IN_SCHEME, NamedNode(scheme))}
            iris = sorted(one.value for one in concepts if isinstance(one, NamedNode))
            labels = {label: iri for iri in iris for label in self._labels(iri)}
            self._known[scheme] = labels | {local(iri): iri for iri in iris}
        return nearest_of(word, self._known[scheme])

    def _labels(self, iri: str) -> list[str]:
        said = (quad.object for quad in self._store.about(iri) if quad.predicate == _LABEL)
        return sorted(label.value for label in said if isinstance(label, Literal))

    def _of_kind(self, kind: str) -> dict[str, str]:
        """Return the resources of a kind by the last part of their IRIs, so many at most.

        Those that are of it by inference alone are left out: a misspelt IRI is, where a property says its class.
        """
        if kind not in self._known:
            found = islice(self._store.stating(None, TYPE, NamedNode(_KINDS[kind])), MOST_OF_A_KIND)
            stated = (quad for quad in found if not names.is_derived(getattr(quad.graph_name, "value", "")))
            iris = sorted({iri for quad in stated if (iri := getattr(quad.subject, "value", ""))})
            self._known[kind] = {local(iri): iri for iri in iris}
        return self._known[kind]

    def _by_folded_name(self, kind: str) -> dict[str, str]:
        """Return the resources of a kind by their names without articles and the like; "" where two have one name."""
        if (key := f"{kind} folded") not in self._known:
            found: dict[str, str] = {}
            for name, iri in self._of_kind(kind).items():
                found[folded(name)] = "" if folded(name) in found else iri
            self._known[key] = found
        return self._known[key]

    def _forms_of(self, value: Literal, shape: Shape | None) -> list[Literal]:
        """Return the literals that say the same and that a shape accepts: one, or one a language; empty otherwise."""
        if len(value.value) > _LONGEST:
            return []
        constraints = [one for one in shape.constraints if is_of_values(one)] if shape else []
        wanted = set(_datatypes(constraints)) if shape else {value.datatype.value}
        found = [
            candidate
            for candidate in dict.fromkeys(_candidates(value))
            if candidate.datatype.value in wanted
            and datatypes.well_formed(candidate.value, candidate.datatype.value)
            and not any(self._examination.failing(constraint, [_kept(candidate)]) for constraint in constraints)
        ]
        certain = len(found) == 1 or all(candidate.language for candidate in found)
        return found if certain and value not in found else []


def _of_model(term: str, words: Collection[str]) -> str:
    """Return the nearest word of the model: of another namespace, only one that is spelt nearly the same."""
    own = (word for word in words if word.removesuffix(local(word)) == term.removesuffix(local(term)))
    return nearest(term, words, _PROPER_NAME) or nearest(term, own)


def _kept(literal: Literal) -> Literal:
    """Return a literal as a store gives it back, which is how shapes see it."""
    (quad,) = normalised([Quad(TYPE, TYPE, literal)])
    return quad.object if isinstance(quad.object, Literal) else literal


def _choices(shape: Shape) -> Iterator[Term]:
    """Yield the values that a shape lists, and the concept schemes from which it wants one."""
    for constraint in shape.constraints:
        if isinstance(constraint, In):
            yield from constraint.terms
        elif isinstance(constraint, Node):
            yield from (scheme for inner in constraint.shape.constraints for scheme in _scheme(inner))


def _scheme(constraint: Constraint) -> Iterator[Term]:
    if isinstance(constraint, Property):
        yield from (one.term for one in constraint.shape.constraints if isinstance(one, HasValue))


def _datatypes(constraints: Iterable[Constraint]) -> Iterator[str]:
    for constraint in constraints:
        if isinstance(constraint, Datatype):
            yield constraint.iri.value
        elif isinstance(constraint, LanguageIn):
            yield _LANG_STRING
        elif isinstance(constraint, Logical) and constraint.component == "Or":
            yield from (one for shape in constraint.shapes for one in _datatypes(shape.constraints))


def _candidates(value: Literal) -> Iterator[Literal]:
    """Yield what a literal may have been meant to be, in forms that are read in one way alone."""
    text = value.value.strip()
    if value.datatype.value == _STRING:
        yield from (Literal(text, language=lang) for lang in ("fr", "en"))
    if number := _number(text):
        yield Literal(number if "." in number else f"{number}.0", datatype=NamedNode(f"{names.XSD}decimal"))
        yield Literal(number, datatype=NamedNode(f"{names.XSD}integer"))
    for form, datatype in _DATES.items():
        if re.fullmatch(form, day := _day(text)):
            yield Literal(day, datatype=NamedNode(datatype))


def _number(text: str) -> str:
    """Return a number as XML Schema writes it, or "" when it could be read in two ways.

    >>> _number("1.000,5"), _number("12 500"), _number("1,5"), _number("1.000"), _number("1,000")
    ('1000.5', '12500', '1.5', '', '')
    """
    if re.fullmatch(r"[+-]?\d+(\.(\d{1,2}|\d{4,}))?", text, re.ASCII):
        return text
    if grouped := re.fullmatch(r"([+-]?\d{1,3}(?:[ .\u00a0\u202f]\d{3})+)(?:,(\d+))?", text, re.ASCII):
        whole, part = grouped[1], grouped[2]
        if "." not in whole or part:
            return re.sub(r"[^\d+-]", "", whole) + (f".{part}" if part else "")
    if comma := re.fullmatch(r"([+-]?\d+),(\d{1,2}|\d{4,})", text, re.ASCII):
        return f"{comma[1]}.{comma[2]}"
    return ""


def _day(text: str) -> str:
    """Return a date with its year first and two digits for month and day, where only one reading is possible.

    >>> _day("2019-7-6"), _day("26/07/2019"), _day("06/07/2019"), _day("2019-07-06T00:00:00")
    ('2019-07-06', '2019-07-26', '06/07/2019', '2019-07-06')
    """
    text = re.sub(r"^(\d{4}-\d\d-\d\d)(?:T00:00:00(?:\.0+)?)?(?:Z|[+-]\d\d:\d\d)?$", r"\1", text)
    if parts := re.fullmatch(r"(\d{4})-(\d\d?)-(\d\d?)", text, re.ASCII):
        return f"{parts[1]}-{int(parts[2]):02}-{int(parts[3]):02}"
    if (parts := re.fullmatch(r"(\d\d?)[/.](\d\d?)[/.](\d{4})", text, re.ASCII)) and (
        int(parts[1]) > 12 or parts[1] == parts[2]  # else month and day could be the other way round
    ):
        return f"{parts[3]}-{int(parts[2]):02}-{int(parts[1]):02}"
    return text


def _term(text: str) -> Term | None:
    """Return the IRI or the literal that N-Triples writes so; None for anything else."""
    if not text.startswith(("<", '"')):  # a path, a blank node
        return None
    line = f"<urn:s> <urn:p> {text} .".encode()
    (quad,) = parse_quads(line, RdfFormat.N_TRIPLES, "a finding")
    return quad.object


def _shown(iri: str) -> str:
    """Return an IRI as people name it: `role/lead`, `organisation/la-fonda`, `coop:startDate`."""
    for namespace in (_SCHEME, f"{names.BASE}id/"):
        if iri.startswith(namespace):
            return iri.removeprefix(namespace)
    return names.short(iri) if iri else ""


def _written(literal: Literal) -> str:
    if literal.language:
        return str(literal)
    return f'"{literal.value}"^^{names.short(literal.datatype.value)}'


def _asked(*choices: str) -> Texts:
    if not any(choices):
        return ()
    return (("en", f"did you mean {' or '.join(choices)}?"), ("fr", f"vouliez-vous dire {' ou '.join(choices)} ?"))
