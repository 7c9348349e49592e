"""Whole runs whose results are committed: world seeds, and other language models."""
