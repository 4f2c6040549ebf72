"""Tests of the faults that can be asked for."""
