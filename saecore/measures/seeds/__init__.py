"""Seed dependence: latents matched between SAEs, and what chance gives."""
