"""A smaller SAE misses features that a larger one has."""
