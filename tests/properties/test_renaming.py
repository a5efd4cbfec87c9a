"""Whatever is renamed or merged in the real data: all of it stays valid, and every question keeps its answer."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache

import pytest

from coopkg import names, store
from coopkg.compiled import shapes_in
from coopkg.content import Content
from coopkg.errors import MergeRefused
from coopkg.findings import Finding, violations
from coopkg.inference import Entailment
from coopkg.journal import Change
from coopkg.judge import Changed, Judge, Rulebook
from coopkg.merging import planned_merge
from coopkg.rdf import NamedNode, Quad, Triple
from coopkg.redirects import Redirects
from coopkg.renaming import planned_rename
from coopkg.scope import kind_of
from coopkg.store import Effect, QuadStore
from tests.conftest import REPOSITORY
from tests.questions.test_questions import QUESTIONS

CONTENT = Content(REPOSITORY)
MERGED = 12


class World:
    """The real data in memory, with what follows and what the shapes find; changes are tried and taken back."""

    def __init__(self) -> None:
        self.store = QuadStore.in_memory(CONTENT.read_all())
        self._judge = Judge(Rulebook.of(CONTENT))
        self._entailment: Entailment = self._judge.entailment(self.store)
        verdict = self._judge.judge(self.store, (), lambda: self._entailment)
        assert not violations(verdict.findings)
        assert verdict.judged is not None
        self._before = verdict.judged
        self.store.change((), list(map(_inferred, self._entailment.triples())))

    @contextmanager
    def after(self, changes: Sequence[Change]) -> Iterator[list[Finding]]:
        """Give the violations after some changes, which hold until the end."""
        effect = Effect()
        for change in changes:
            effect = effect.then(self.store.change(change.remove, list(change.add)))
        follows = self._entailment.change(effect)
        self.store.change(map(_inferred, follows.gone), list(map(_inferred, follows.new)))
        both = effect.then(follows)
        remove, add = ({quad for change in changes for quad in part(change)} for part in (_remove, _add))
        try:
            told = Changed(remove, add, both.gone, both.new, self._entailment)
            yield violations(self._judge.judge_change(self.store, self._before, told).findings)
        finally:
            self.store.change(map(_inferred, follows.new), list(map(_inferred, follows.gone)))
            for change in reversed(changes):
                self.store.change(change.add, list(change.remove))
            self._entailment.change(Effect(effect.new, effect.gone))

    def answer(self, text: str) -> Counter[tuple[str | None, ...]]:
        return Counter(store.rows(self.store.query(text)))


def _inferred(triple: Triple) -> Quad:
    return Quad(triple.subject, triple.predicate, triple.object, NamedNode(names.INFERRED_GRAPH))


def _remove(change: Change) -> Iterable[Quad]:
    return change.remove


def _add(change: Change) -> Iterable[Quad]:
    return change.add


@cache
def world() -> World:
    return World()


@cache
def resources() -> list[str]:
    """The resources that may be renamed, sorted."""
    quads = (quad for file in CONTENT.files if file.path.endswith(".trig") for quad in CONTENT.read(file))
    found = {getattr(quad.subject, "value", "") for quad in quads}
    return sorted(iri for iri in found if kind_of(iri) not in ("", "source"))


def chosen() -> list[str]:
    """Twenty resources: one of each kind, and then any."""
    chance = random.Random(17)
    kinds = {kind_of(iri): iri for iri in chance.sample(resources(), len(resources()))}
    others = [iri for iri in chance.sample(resources(), 40) if iri not in kinds.values()]
    return [*kinds.values(), *others][:20]


@pytest.mark.parametrize("old", chosen(), ids=lambda iri: iri.removeprefix(f"{names.BASE}id/"))
def test_after_a_renaming_all_data_are_valid_and_every_question_is_answered_as_before(old: str) -> None:
    new = f"{old}-autrement-dit"
    told = {question.name: [*world().answer(question.text).elements()] for question in QUESTIONS}
    with world().after(planned_rename(world().store, old, new)) as found:
        assert found == []
        assert mentioning(old) == {names.EDITORIAL_GRAPH}
        assert Redirects.of(world().store).target(old) == new
        for question in QUESTIONS:
            asked = asking_for(new, question.text, old)
            rows = Counter(tuple(new if cell == old else cell for cell in row) for row in told[question.name])
            assert world().answer(asked) == rows, question.name
    assert not Redirects.of(world().store).is_deprecated(old)


def asking_for(new: str, text: str, old: str) -> str:
    """Return a question that names a resource itself, as users' own queries do, with the new IRI."""
    before, after = (iri.removeprefix(f"{names.BASE}id/").replace("/", ":", 1) for iri in (old, new))
    return re.sub(rf"\b{re.escape(before)}(?![\w-])", after, text)


def mentioning(iri: str) -> set[str]:
    """The graphs that name an IRI."""
    quads = (*world().store.about(iri), *world().store.toward(iri))
    return {getattr(quad.graph_name, "value", "") for quad in quads}


def pairs() -> list[tuple[str, str]]:
    chance = random.Random(4)
    kinds: dict[str, list[str]] = {}
    for iri in resources():
        kinds.setdefault(kind_of(iri), []).append(iri)
    found = [tuple(chance.sample(of_one, 2)) for of_one in kinds.values() if len(of_one) > 1]
    return [(one, other) for one, other in found][:MERGED]


@pytest.mark.parametrize(("one", "other"), pairs(), ids=lambda iri: iri.removeprefix(f"{names.BASE}id/"))
def test_a_merge_loses_no_name_and_leaves_nothing_of_the_first_but_its_redirect(one: str, other: str) -> None:
    shapes = shapes_in(CONTENT.shapes())
    said = {quad.object for iri in (one, other) for quad in world().store.about(iri) if "Label" in quad.predicate.value}
    for prefer in (one, other):
        with world().after(planned_merge(world().store, one, other, shapes, prefer)) as found:
            # Two things that were never one may be at odds in other ways: the gate says so, and no bound is broken.
            assert [one for one in found if one.component in ("MaxCount", "UniqueLang", "Scope")] == []
            assert mentioning(one) == {names.EDITORIAL_GRAPH}
            kept = {quad.object for quad in world().store.about(other) if "Label" in quad.predicate.value}
            assert kept == said


def test_some_merges_clash_and_each_clash_has_both_values_with_their_places() -> None:
    shapes, told = shapes_in(CONTENT.shapes()), list[str]()
    for one, other in pairs():
        try:
            planned_merge(world().store, one, other, shapes, locate=CONTENT.locate)
        except MergeRefused as fault:
            told += fault.clashes
    assert told
    assert all(clash.count("data/") >= 2 for clash in told), told
