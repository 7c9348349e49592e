"""Latents of a larger SAE decompose into those of a smaller one."""

from saecore.claims.non_atomicity.headline import Study, study

__all__ = ["Study", "study"]
