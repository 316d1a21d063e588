"""The OpenID provider: it has no screens, and tokens that speak to one structure."""
