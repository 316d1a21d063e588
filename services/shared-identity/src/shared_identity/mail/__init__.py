"""Outgoing mail: kept with the change that causes it, sent afterwards."""
