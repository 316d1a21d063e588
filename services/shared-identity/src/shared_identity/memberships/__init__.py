"""What people are to structures, as each structure declares it."""
