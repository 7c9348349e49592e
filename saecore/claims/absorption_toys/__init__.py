"""Sparsity causes absorption where features form a hierarchy."""
