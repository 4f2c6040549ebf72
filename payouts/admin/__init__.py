"""Screens: they call workflow, read models, and decide nothing."""
