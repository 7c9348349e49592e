"""Trained artefacts: what was asked for (recipe), the trainer, and the store that alone
writes them.
"""
