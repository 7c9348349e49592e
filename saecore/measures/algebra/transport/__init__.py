"""The transportation problem of an assignment: kinds, tiles, paths and prices."""
