"""One SAE latent erases gender with less harm to other text than supervised erasers."""

from saecore.claims.erasure.headline import study

__all__ = ["study"]
