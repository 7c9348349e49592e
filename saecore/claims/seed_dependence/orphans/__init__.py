"""Orphans, the latents that another seed does not share: who they are."""
