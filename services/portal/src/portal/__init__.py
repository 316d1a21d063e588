"""The face of the groupement."""
