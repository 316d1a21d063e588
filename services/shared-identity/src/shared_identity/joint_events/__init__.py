"""Joint events, prepared by several structures and their partners."""
