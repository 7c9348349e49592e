"""What `saecore papers` does: say what it costs, fetch, measure part by part, store."""

import argparse
import dataclasses
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from saecore.papers import page, results
from saecore.papers.cost import cost_of, used
from saecore.papers.fetching import missing_bytes
from saecore.papers.opened import FetchedSAEs
from saecore.papers.releases import OwnNumbers, Release, release_of


def run_papers(options: argparse.Namespace) -> None:
    """The command, as it was said."""
    asked = release_of(options.name)
    if options.model:
        asked = dataclasses.replace(asked, model=options.model)
    measure(
        asked,
        options.part or asked.parts,
        rows=options.rows,
        text=options.text,
        out=options.out or results.default_file(asked),
        dry=options.dry_run,
    )


def measure(
    asked: Release,
    parts: Sequence[str],
    *,
    rows: int,
    text: Path | None = None,
    out: Path,
    dry: bool = False,
) -> None:
    """Run some parts of a release and store each as soon as it is done; with `dry` only
    say what they cost. Raises ValueError for an unknown part, ZooError for what cannot
    be fetched.
    """
    for part in parts:
        print(f"   {asked.name}, {part}: {cost_of(asked, part, rows=rows)}", flush=True)
    for part in [] if dry else parts:
        saes = FetchedSAEs(asked, used(asked, part))
        missing = missing_bytes(saes.every_file)
        print(
            f"   {part}: {missing / 1e9:.2f} GB of SAEs are to be fetched", flush=True
        )
        saes.fetch()
        begun = time.monotonic()
        numbers = _numbers(part, saes, rows, text)
        facts = {
            "seconds": round(time.monotonic() - begun, 1),
            "device": _device(),
            "revisions": {one.repo: one.commit for one in saes.every_file},
            **({"rows": rows, "text": _told(text)} if part == "activations" else {}),
        }
        results.store(out, asked, part, numbers, facts)
        stored = results.stored_results(out)["parts"]
        for said, paper, ours in page.beside_the_paper(asked, {part: stored[part]}):
            if ours != page.NOT_RUN:
                print(f"      {said}: paper {paper}, ours {ours}")
        print(f"   written: {out}", flush=True)


def _numbers(part: str, saes: FetchedSAEs, rows: int, text: Path | None) -> OwnNumbers:
    from saecore.papers import meta_numbers, seed_numbers, width_numbers
    from saecore.zoo.store import default_root

    kept = default_root() / "papers" / saes.release.name
    work: dict[str, Callable[[], OwnNumbers]] = {
        "first pair": lambda: seed_numbers.first_pair(saes, kept),
        "all pairs": lambda: seed_numbers.all_pairs(saes, kept),
        "widths": lambda: width_numbers.novel_latents(saes),
        "rows of the decoder": lambda: width_numbers.decoder_geometry(saes),
        "meta-SAE": lambda: meta_numbers.meta_sae(saes, device=_device()),
        "activations": lambda: _activations(saes, rows, text),
    }
    return work[part]()


def _activations(saes: FetchedSAEs, rows: int, text: Path | None) -> OwnNumbers:
    from saecore.papers import row_numbers, texts

    asked = saes.release
    model = row_numbers.fetched_model(asked, device=_device())
    documents: list[Any] = texts.texts(text)
    tokens = texts.packed_texts(documents, model, rows=rows, context=asked.context)
    read = row_numbers.read_texts(asked, model, tokens)
    return row_numbers.activation_numbers(saes, read)


def _device() -> str:
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def _told(text: Path | None) -> str:
    from saecore.papers.releases import text_repo

    return text.name if text else text_repo()[0]
