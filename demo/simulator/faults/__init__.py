"""What can go wrong with a call, and how that reaches the caller."""
