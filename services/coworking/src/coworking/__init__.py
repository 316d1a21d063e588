"""The coworking of one structure: places, bookings, check-ins."""
