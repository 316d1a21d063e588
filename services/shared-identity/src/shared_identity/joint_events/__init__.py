"""Joint events: gatherings prepared by several structures and their partners."""
