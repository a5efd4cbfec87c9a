"""Outlines of territories as a map: WKT in, the path data of an SVG drawing out; and how names are set on drawings.

Metropolitan France is projected as its own maps are (Lambert-93); each territory overseas stands in a frame of its own,
at a scale of its own. It knows neither graph nor page.
"""
