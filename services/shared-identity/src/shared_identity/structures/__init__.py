"""The groupement and the structures it is made of."""
