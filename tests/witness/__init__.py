"""The witness itself, wherever it lies."""
