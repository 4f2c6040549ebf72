"""Witnesses for tests, and databases that go back in time."""
