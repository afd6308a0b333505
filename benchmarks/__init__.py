"""Muniment's benchmark: its own path, beside the floors that no path beats and a peer, in one run."""
