"""Meta-SAEs: what explains a decoder row, and what its parts stand for."""
