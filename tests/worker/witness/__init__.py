"""What a worker makes of the witness, of a database that went back, and of another server."""
