"""Migrations: one chain of revisions for the whole service."""
