"""Compiled loops: what torch has no fast operation for on a processor, compiled by
numba at first use. Each has a twin in plain torch, which is its contract and its
fallback.
"""
