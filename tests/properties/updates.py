"""Random datasets and random updates of them, small enough for two engines to be compared on hundreds."""

from __future__ import annotations

from random import Random

from coopkg.rdf import BlankNode, DefaultGraph, Literal, NamedNode, Quad

X = "http://x/"
GRAPHS = ("g", "h", "k")
_NODES = ("a", "b", "c")
_PREDICATES = ("p", "q")
_VALUES = ("'x'", "'x'@fr", "1", "02", "true", "'2'^^xsd:decimal")
_LITERALS = (Literal("x"), Literal("x", language="fr"), Literal("1", datatype=NamedNode(f"{X}own")))
#: Declared where the standard allows it, so that names are read by what stands before them.
PROLOGUE = f"PREFIX : <{X}>\n"


def a_dataset(random: Random, *, has_default: bool = True) -> list[Quad]:
    """Return some quads in two named graphs and, where it is wanted, in the default one."""
    nodes: list[NamedNode | BlankNode] = [*(NamedNode(X + name) for name in _NODES), BlankNode("one"), BlankNode("two")]
    values: list[NamedNode | BlankNode | Literal] = [*nodes, *_LITERALS]
    graphs: list[NamedNode | DefaultGraph] = [NamedNode(X + name) for name in GRAPHS[:2]]
    graphs += [DefaultGraph()] if has_default else []
    return [
        Quad(
            random.choice(nodes),
            NamedNode(X + random.choice(_PREDICATES)),
            random.choice(values),
            random.choice(graphs),
        )
        for _ in range(random.randint(0, 12))
    ]


#: Pieces at which two readers may part: where a string, an IRI, a name or a comment ends.
_MISLEADING = (
    *("'x'", "'''x'''", "''''x''''", "'''a'", "'\\''", '"""}"""', "'} ;'", "'''", "''", "'x'@en", "\\u0027"),
    *("'#'", "# } ;\n", "#\n", "<http://x/#>", "<http://x/;>", ":a\\;", ":a\\#b", "?o", "?s<?o", "FILTER(?o<1)"),
    *("FILTER(?o<?s&&?o>1)", "FILTER(?o<?s#>\n)", "BIND(1<2 AS ?b)", "_:n", "[]", "{", "}", ";", ".", "1", "-1", " "),
)
_HOLED = (
    *("INSERT DATA {{ :a :p {} }}", "INSERT {{ :a :p ?o, {} }} WHERE {{ ?s :p ?o {} }}", "DELETE WHERE {{ ?s :p {} }}"),
    *("DELETE {{ ?s :p ?o {} }} WHERE {{ ?s ?p ?o . {} }}", "WITH :g INSERT {{ ?s :q {} }} WHERE {{ ?s :p ?o {} }}"),
    *("INSERT {{ GRAPH :k {{ ?s ?p ?o }} }} WHERE {{ ?s ?p ?o FILTER({} < {}) }}", "CLEAR {}"),
)


def a_misleading_update(random: Random) -> str:
    """Return a text that looks much like an update, and sometimes is one."""

    def pieces() -> str:
        return random.choice(("", " ")).join(random.choices(_MISLEADING, k=random.randint(0, 2)))

    operations = [random.choice(_HOLED).format(pieces(), pieces()) for _ in range(random.randint(1, 2))]
    return PROLOGUE + " ; ".join(operations)


class Writer:
    """Writes random updates.

    Args:
        has_default: whether they may write to the default graph.
    """

    def __init__(self, random: Random, *, has_default: bool = True) -> None:
        self._random = random
        self._has_default = has_default
        self._labels = 0

    def update(self) -> str:
        """Return an update of some operations."""
        kinds = (self._data, self._deletion, self._modification, self._modification, self._management)
        operations = [self._random.choice(kinds)() for _ in range(self._random.randint(1, 4))]
        return PROLOGUE + self._random.choice((" ; ", ";", " ; # so\n ")).join(operations)

    def _maybe(self, *texts: str) -> str:
        return self._random.choice(("", *texts))

    def _node(self, *more: str) -> str:
        return self._random.choice([*(f":{name}" for name in _NODES), *more])

    def _triple(self, variables: str, blank: str = "", *, is_pattern: bool = False) -> str:
        named = [f"?{name}" for name in variables]
        nodes = named * 2 + ([blank, "[]"] if blank else [])
        subject = self._node(*nodes)
        predicate = self._random.choice([":p", ":q", ":p", *named[:1]])
        value = self._random.choice([self._node(*nodes), self._node(*nodes), self._random.choice(_VALUES)])
        if is_pattern and self._random.random() < 0.2:
            predicate = self._random.choice((":p/:q", ":p|:q", "^:p", ":p?"))
        return f"{subject} {predicate} {value}"

    def _triples(self, variables: str, blank: str = "", *, is_pattern: bool = False) -> str:
        count = self._random.randint(1, 2)
        return " . ".join(self._triple(variables, blank, is_pattern=is_pattern) for _ in range(count))

    def _quads(self, variables: str, blank: str = "") -> str:
        named = [f":{name}" for name in GRAPHS] + (["?g"] if variables else [])
        blocks = [
            f"GRAPH {self._random.choice(named)} {{ {self._triples(variables, blank)} }}"
            for _ in range(self._random.randint(0 if self._has_default else 1, 2))
        ]
        if self._has_default and (not blocks or self._random.random() < 0.5):
            blocks.append(self._triples(variables, blank))
        return " ".join(blocks)

    def _data(self) -> str:
        verb = self._random.choice(("INSERT DATA", "DELETE DATA", "insert  data"))
        self._labels += 1
        return f"{verb} {{ {self._quads('', f'_:l{self._labels}' if verb[0] in 'Ii' else '')} }}"

    def _deletion(self) -> str:
        return f"DELETE WHERE {{ {self._quads('so')} }}"

    def _modification(self) -> str:
        with_graph = self._maybe("WITH :g ", f"WITH <{X}h>", "WITH:k ")
        using = self._maybe("USING :g ", "USING :h USING NAMED :g ", "USING NAMED :h ", "USING :g USING :h ")
        # The engine gives a triple twice that two USING state (pyoxigraph 0.5.13), so that it would make two nodes.
        blank = "" if using.count("USING :") > 1 else self._maybe("_:n")
        delete, insert = f"DELETE {{ {self._template('')} }} ", f"INSERT {{ {self._template(blank)} }} "
        part = self._random.choice((delete, insert, insert, delete + insert))
        pattern = self._triples("so", is_pattern=True)
        more = self._maybe(
            "GRAPH ?g { ?s ?p ?o }",
            "OPTIONAL { GRAPH ?g { ?s :q ?o } }",
            "GRAPH ?g { ?o ?p ?s } FILTER(?s != :a)",
            "VALUES (?g ?o) { (:g 01) (UNDEF 'x'@FR) (:k :c) }",
            "BIND(:k AS ?g) MINUS { ?s :q 1 }",
        )
        return f"{with_graph}{part}{using}WHERE {{ {self._random.choice((pattern, ''))} {more} }}"

    def _template(self, blank: str) -> str:
        return self._random.choice((self._quads("so", blank), self._quads("os", blank), ""))

    def _management(self) -> str:
        silent, graph = self._maybe("SILENT "), f"GRAPH :{self._random.choice(GRAPHS)}"
        default = [" DEFAULT"] if self._has_default else []
        verb = self._random.choice(("CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY"))
        if verb == "CREATE":
            return f"CREATE {silent}{graph}"
        if verb in ("CLEAR", "DROP"):
            return f"{verb} {silent}{self._random.choice([graph, graph, 'NAMED', *default, 'ALL'])}"
        source = self._random.choice([graph, *default])
        target = self._random.choice([f":{name}" for name in GRAPHS] + default)
        # A source that does not exist empties the target with the engine (pyoxigraph 0.5.13); here it is refused.
        made = f"CREATE SILENT {source} ; " if source == graph else ""
        return f"{made}{verb} {silent}{source} TO {target}"
