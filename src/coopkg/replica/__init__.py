"""A replica: a copy of the graph that another server publishes, kept equal to it, and proved so by digest.

What it follows is called the original. Nothing that the original says is believed further than the digests prove it,
and whatever it sends has a bound. Source: ADR 0022.
"""
