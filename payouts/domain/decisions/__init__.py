"""What several people decide: proposals, and who may say yes or no to one. Pure."""
