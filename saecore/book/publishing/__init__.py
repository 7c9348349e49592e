"""What readers take away, and the way out of Jupyter Book.

============  ============================================================
module        what it does
============  ============================================================
addresses     where this copy of the book is published
downloads     the portable notebooks and scripts, with these addresses
docs_pages    pages on the measures, from their docstrings
docstrings    a docstring as Markdown
plain_sphinx  the committed book by Sphinx and MyST-NB alone
============  ============================================================
"""
