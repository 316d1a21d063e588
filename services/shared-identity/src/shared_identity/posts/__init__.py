"""Posts held by one person for several structures."""
