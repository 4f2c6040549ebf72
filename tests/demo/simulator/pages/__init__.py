"""Tests of the simulator's pages."""
