"""The handle of the house, for operators and integrators."""
