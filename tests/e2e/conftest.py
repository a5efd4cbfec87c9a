"""The small graph served for a real browser."""

from __future__ import annotations

from tests.web.conftest import served, small

__all__ = ["served", "small"]
