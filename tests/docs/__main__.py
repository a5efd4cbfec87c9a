"""Write what the documents take from the ontology, the shapes and the data: `python -m tests.docs`."""

from __future__ import annotations

from tests.docs import concepts, fields, terms

terms.TERMS.write_text(terms.text(), encoding="utf-8")
concepts.CONCEPTS.write_text(concepts.text(), encoding="utf-8")
fields.MODEL.write_text(fields.text(fields.MODEL.read_text(encoding="utf-8")), encoding="utf-8")
