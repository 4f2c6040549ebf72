"""Swapspace as it is documented."""
