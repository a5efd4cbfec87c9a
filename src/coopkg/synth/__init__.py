"""Made-up graphs of any size in our own ontology, with the shape of the real data: to measure, and to try things out.

Nothing in them is true, and all of them say so: names, a note in each source document, IRIs with `synth-` in them.
Territories, goals and concepts are the real ones. The same seed and `country.VERSION` give the same bytes.

How near they are to the real data: docs/benchmarks.md; tests/synth/test_country.py compares.
"""

from coopkg.synth.country import Country
from coopkg.synth.places import Places
from coopkg.synth.publication import dump, publish

__all__ = ["Country", "Places", "dump", "publish"]
