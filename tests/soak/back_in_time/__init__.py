"""Rehearsals of a database that goes back in time: real PostgreSQL, real workers, and a provider that counts."""
