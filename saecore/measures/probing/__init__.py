"""Probes: linear, k-sparse, and what they say of an SAE."""
