"""Zoomex as it is documented."""
