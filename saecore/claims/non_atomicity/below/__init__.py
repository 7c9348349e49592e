"""The page below the claim: graphs of latents, and what rebuilt rows carry."""
