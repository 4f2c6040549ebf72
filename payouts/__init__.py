"""Countersign's app: the road of a withdrawal from request to recorded answer."""
