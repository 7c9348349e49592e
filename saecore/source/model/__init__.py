"""A language model: opened, read at a layer, edited, and resumed above a layer."""
