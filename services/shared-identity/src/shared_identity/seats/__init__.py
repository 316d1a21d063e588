"""Seats of joint events: pools with a size that nothing may pass."""
