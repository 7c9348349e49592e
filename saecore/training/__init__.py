"""Training: rows in, weights out. Nothing here reads or writes a disk."""
