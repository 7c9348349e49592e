"""Where activations come from: worlds with known features, and language models with the
text they sample.
"""
