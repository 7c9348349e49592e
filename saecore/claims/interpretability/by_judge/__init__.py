"""Explanations by a language model that judges, beside the book's rules, on the same
fragments of the same latents.
"""
