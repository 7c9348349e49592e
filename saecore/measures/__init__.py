"""The papers' definitions. Pure: arrays in, NamedTuples of arrays and floats out."""
