"""The long proof: real processes, real kills, and what must still be true afterwards. See script/soak."""
