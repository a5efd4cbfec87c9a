"""Property paths read from the words of a query."""

from __future__ import annotations

from coopkg import names
from coopkg.querytree.terms import Terms
from coopkg.querytree.tree import Alternative, Inverse, Iri, Negated, Path, Repeated, Sequence

TYPE = Iri(f"{names.RDF}type")


class Paths(Terms):
    """Reads property paths."""

    def path(self) -> Path:
        """Return the path that comes next."""
        paths = [self._sequence()]
        while self.take("|"):
            paths.append(self._sequence())
        return paths[0] if len(paths) == 1 else Alternative(tuple(paths))

    def _sequence(self) -> Path:
        paths = [self._step()]
        while self.take("/"):
            paths.append(self._step())
        return paths[0] if len(paths) == 1 else Sequence(tuple(paths))

    def _step(self) -> Path:
        return Inverse(self._repeated()) if self.take("^") else self._repeated()

    def _repeated(self) -> Path:
        path = self._path_primary()
        if self.kind == "+" and self.following() == "number" and self.touches():
            raise self.unexpected()  # `+5` by the standard, `+` and `5` to the engine
        return Repeated(path, self.pull()) if self.kind in ("*", "+", "?") else path

    def _path_primary(self) -> Path:
        if self.take("!"):
            return self._negated()
        if not self.take("("):
            return self._predicate()
        self.enter()
        path = self.path()
        self.expect(")")
        self.leave()
        return path

    def _negated(self) -> Path:
        if not self.take("("):
            return Negated((self._one_way(),))
        paths = [self._one_way()]
        while self.take("|"):
            paths.append(self._one_way())
        self.expect(")")
        return Negated(tuple(paths))

    def _one_way(self) -> Iri | Inverse:
        return Inverse(self._predicate()) if self.take("^") else self._predicate()

    def _predicate(self) -> Iri:
        return TYPE if self.take("a") else self.iri()
