"""SAE latents are easier to explain than other directions: what the claim asks of the
zoo, and its study.
"""

from saecore.claims.interpretability.headline import Study, study

__all__ = ["Study", "study"]
