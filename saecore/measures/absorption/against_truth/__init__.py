"""Metrics of absorption against the truth: decisions, scores, and rates over SAEs."""
