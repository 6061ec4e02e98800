"""Benchmarks: commands that measure on a scratch database of their own and say under which conditions.

They are not tests: no test asserts a time. Figures and what bounds them stand in docs/performance.md.
"""
