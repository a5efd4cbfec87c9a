"""Kills and power cuts while a gate accepts revisions: none that was acknowledged is lost, nothing else is visible."""
