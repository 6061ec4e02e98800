"""Timetables from outside (GTFS): read, checked row by row, stored as lines, stops and vehicles.

Owns the reading of foreign files and what becomes of it in the catalogue. Never trusts a file: sizes are bounded before anything
is unpacked, every row is checked, a wrong one is listed and left out. Source: GTFS Schedule Reference (gtfs.org).
"""
