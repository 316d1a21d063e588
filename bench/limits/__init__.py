"""The limits: what the same driver, server and sizes can do with none of our layers."""
