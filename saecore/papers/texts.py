"""Texts as a language model reads them for a release: from a file, or from a small data
set on the hub.
"""

from pathlib import Path
from typing import Any

import torch
from jaxtyping import Int
from torch import Tensor

from saecore.papers.fetching import fetched_files, hub_files
from saecore.papers.releases import text_repo

LETTERS_EACH = 8
"""Characters that are encoded per token asked for: more than any text needs."""


def texts(path: Path | None) -> list[str]:
    """Documents: a text file of the user's (one document), or those of the data set
    that book/papers.toml names, fetched if need be. Raises ValueError for a file that
    is no text.
    """
    if path is not None:
        try:
            return [path.read_text(encoding="utf-8")]
        except (OSError, ValueError) as error:
            raise ValueError(
                f"texts are read from a text file in UTF-8, but {path} is none "
                f"({error}): give another"
            ) from None
    import pyarrow.parquet

    (first, *_) = fetched_files(
        hub_files(text_repo()[0], "data", ["*.parquet"], kind="dataset")
    )
    table = pyarrow.parquet.read_table(first, columns=["text"])
    return [str(one) for one in table.column("text").to_pylist()]


def packed_texts(
    documents: list[str], model: Any, *, rows: int, context: int
) -> Int[Tensor, "text pos"]:
    """Documents one after the other, cut to texts of `context` tokens that each begin
    with the model's beginning-of-text token, for `rows` other tokens.

    As SAELens packs them, so a text may hold the end of one document and the beginning
    of the next. Raises ValueError if there is less text.
    """
    wanted, ids = max(2, -(-rows // (context - 1))), []
    for document in documents:
        ids += model.encode(document[: LETTERS_EACH * rows])[1:]
        if len(ids) >= wanted * (context - 1):
            break
    number = min(wanted, len(ids) // (context - 1))
    if number < 2:
        raise ValueError(
            f"activations are read on at least two texts of {context} tokens, but the "
            f"documents hold {len(ids)} tokens: give a longer file, or take fewer rows"
        )
    body = torch.tensor(ids[: number * (context - 1)]).view(number, -1)
    begin = torch.full((number, 1), int(model.bos))
    return torch.cat([begin, body], 1)
