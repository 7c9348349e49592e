"""A figure once more for a phone: the same panels and the same letters, on less
width.
"""
