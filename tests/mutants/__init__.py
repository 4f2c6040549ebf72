"""Bugs that were put in on purpose, one at a time, and the tests that have to notice: `python -m tests.mutants`."""
