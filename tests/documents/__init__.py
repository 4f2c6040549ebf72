"""Documents that are made from the code, and compared with it."""
