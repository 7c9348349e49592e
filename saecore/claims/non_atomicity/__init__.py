"""Latents of a larger SAE decompose into those of a smaller one."""
