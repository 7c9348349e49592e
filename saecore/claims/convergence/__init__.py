"""Convergence: what the claims measure, against rows seen in training."""
