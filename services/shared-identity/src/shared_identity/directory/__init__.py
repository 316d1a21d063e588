"""The shared directory: what people and organisations chose to show, field by field, and who finds it."""
