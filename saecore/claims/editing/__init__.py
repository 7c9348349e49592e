"""SAE latents edit a language model more precisely than other directions."""

from saecore.claims.editing.headline import study

__all__ = ["study"]
