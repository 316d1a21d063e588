"""How the tables of this service came to be."""
