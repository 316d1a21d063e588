"""People: one identity in the groupement, its proof, its card."""
