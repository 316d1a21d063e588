"""What the structures count together, aggregates only."""
