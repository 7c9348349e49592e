"""Sparsity causes absorption where features form a hierarchy."""

from saecore.claims.absorption_toys.headline import study

__all__ = ["study"]
