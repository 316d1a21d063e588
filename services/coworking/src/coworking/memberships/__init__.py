"""Memberships that this structure declares: who is a coworker here."""
