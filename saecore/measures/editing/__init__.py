"""Editing: activation patching, concept erasure, and causal trees."""
