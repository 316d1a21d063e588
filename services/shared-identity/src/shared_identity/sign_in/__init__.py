"""Signing in: the challenges that clients raise and how people answer them."""
