"""Rules as pure functions: facts in, verdict out. Standard library only, no clock, no database, no HTTP."""
