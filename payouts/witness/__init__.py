"""The witness: what was sent, told to a place outside the database before the first byte. Called by the worker only."""
