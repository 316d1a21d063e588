"""Reciprocity: what one structure grants to another's members, the rights it opens, the uses it counts."""
