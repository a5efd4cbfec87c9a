"""SPARQL 1.1 queries as trees: read from a text, changed piece by piece, written as a text again (ADR 0024).

`tree` says what a query is made of, `reading` makes one, `writing` spells it, `walking` visits and rebuilds it.
"""
