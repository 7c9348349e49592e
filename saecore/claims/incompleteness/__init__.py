"""A smaller SAE misses features that a larger one has."""

from saecore.claims.incompleteness.headline import Study, study

__all__ = ["Study", "study"]
