"""An optional judge: a language model behind an HTTP address that explains and
scores.
"""
