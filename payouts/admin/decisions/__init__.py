"""The one page on which somebody says yes to a proposal, of whatever kind, and the one for a no."""
