"""SAEs that differ only in their seed find different features (2501.16615)."""

from saecore.claims.seed_dependence.headline import study

__all__ = ["study"]
