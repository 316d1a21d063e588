"""The door: cards, presences, and the usages that rights are counted by."""
