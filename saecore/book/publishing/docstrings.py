"""A docstring as Markdown: its words as they stand, code as code, whatever it holds."""

import re
import textwrap

from saecore.book.notes.unsuited_pages import MARKUP

_CODE = re.compile(r"(`[^`\n]*(?:\n[^`\n]*)?`)")
_BULLET = re.compile(r"^ *(?:[*-]|\d+\.) +", re.M)


def as_markdown(text: str) -> str:
    """Paragraphs, lists, and code: what is indented or begins with >>>."""
    return "\n\n".join(_block(one) for one in re.split(r"\n[ ]*\n", text.strip("\n")))


def escaped_prose(text: str) -> str:
    """A paragraph as one line; what stands in backticks stays code."""
    parts = _CODE.split(" ".join(text.split()))
    return "".join(
        part if place % 2 else MARKUP.sub(r"\\\1", part)
        for place, part in enumerate(parts)
    )


def sentence(text: str) -> str:
    """The first sentence, which is the published term and what it measures."""
    first = re.split(r"\n[ ]*\n", text.strip())[0]
    said = re.match(r".*?[.:;](?=\s|$)(?!\s*\d)", " ".join(first.split()))
    return escaped_prose((said[0] if said else first).rstrip(".:;"))


def _block(text: str) -> str:
    if text.lstrip().startswith(">>>"):
        return f"```python\n{textwrap.dedent(text)}\n```"
    lines = text.splitlines()
    if all(line.startswith("    ") for line in lines):
        return f"```text\n{textwrap.dedent(text)}\n```"
    if "=====" in text:  # a table of plain text
        return f"```text\n{text}\n```"
    if _BULLET.match(text):
        items = _BULLET.split(text)[1:]
        return "\n".join(f"- {escaped_prose(item)}" for item in items)
    return escaped_prose(text)
