"""Servers of SPARQL side by side: the same triples, the same queries, one server at a time.

`run` is what `python -m tests.benchmarks servers` starts. A server has one module, which says how it is loaded, started
and known to be ready; `asking` times a query and sums up its answer, `rates` counts answers a second, `measuring` does
both to one server, `results` keeps what was measured, and `table` writes it down with
`figures`, `agreement` (whose answers differ), `comparison` (where we lose) and `fit`. `graph` makes the triples.
"""
