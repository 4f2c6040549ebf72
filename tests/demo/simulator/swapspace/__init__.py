"""Tests of the stand-in for Swapspace."""
