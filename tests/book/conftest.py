"""The small explorer that a book is built with."""

from tests.explorer.conftest import explorer

__all__ = ["explorer"]
