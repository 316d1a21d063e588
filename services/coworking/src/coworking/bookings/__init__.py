"""Bookings: a space held for a person, never twice."""
