"""Who came to a joint event, counted once."""
