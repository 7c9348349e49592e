"""For all of pytest here: notebooks are compared number by number, each with its own
tolerance.
"""

pytest_plugins = ["saecore.book.pytest_nbval"]
