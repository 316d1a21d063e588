"""Places of the structure and the spaces that can be booked in them."""
