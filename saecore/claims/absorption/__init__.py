"""A latent that looks like a clean classifier is silent where another absorbs it."""

from saecore.claims.absorption.headline import Study, study

__all__ = ["Study", "study"]
