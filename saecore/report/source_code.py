"""Show the source of a measure where the reader needs it: the one that runs, not a
copy.
"""

import inspect
from collections.abc import Callable
from textwrap import dedent
from typing import Any


def source_of(subject: Callable[..., Any] | type, *, docstring: bool = True) -> str:
    """The source of a function, method or class; `docstring=False` leaves its first
    string out.
    """
    text = dedent(inspect.getsource(inspect.unwrap(subject))).rstrip()
    quoted = inspect.getdoc(subject)
    if docstring or not quoted:
        return text
    import ast

    node = ast.parse(text).body[0].body[0]  # type: ignore[attr-defined]
    lines = text.splitlines()
    return "\n".join(lines[: node.lineno - 1] + lines[node.end_lineno :])


def show_source(*subjects: Callable[..., Any] | type, docstring: bool = True) -> None:
    """Display functions or classes as a highlighted block, headed by where they are
    defined.
    """
    from IPython.display import display

    for subject in subjects:
        code = source_of(subject, docstring=docstring)
        block = (
            f"`{subject.__module__}.{subject.__qualname__}`\n\n```python\n{code}\n```"
        )
        display({"text/markdown": block, "text/plain": code}, raw=True)
