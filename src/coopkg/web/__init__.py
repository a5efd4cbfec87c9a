"""The web floor: the only place that knows HTTP."""
