"""Projects on their path: who carries them, where they stand, when they left."""
