"""The machine: people, workers, a provider with faults and time itself, in any order, checked after each step.

Everything is the product's own but the sockets and the waiting. `tests/boundaries/test_matrix.py` walks
the same installation in a fixed order.
"""
