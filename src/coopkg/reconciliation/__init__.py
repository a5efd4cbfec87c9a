"""Reconciliation: which thing of ours somebody means by a name and what else they know of it, and how sure that is.

Pure over the search index and a view of the graph: it decides, and knows neither HTTP nor JSON texts. What a score is
made of is said in `scoring`, which properties there are in `properties`. Source: Reconciliation Service API 0.2.
"""

from __future__ import annotations

from coopkg.reconciliation.extending import Extension
from coopkg.reconciliation.matching import Candidate, Matcher
from coopkg.reconciliation.question import Question

__all__ = ["Candidate", "Extension", "Matcher", "Question"]
