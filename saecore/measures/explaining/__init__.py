"""Automated interpretability: explanations, and how well they predict activations."""
