"""A latent that looks like a clean classifier is silent where another absorbs it."""
