"""Tests of the stand-in for Zoomex."""
