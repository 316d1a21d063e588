"""What the groupement shares: people, memberships, agreements, sign-in."""
