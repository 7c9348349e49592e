"""The small tables of the page on the published matchings, and how they are made anew:

    python -m saecore.claims.published_matchings.tables alignment.npz

The arrays are those of github.com/EleutherAI/sae_overlap (Apache-2.0), one integer
array per file there, under its name in a .npz file. The tables lie in
book/results/published/seed_overlap.json; the arrays are not in the project.
"""

import argparse
import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from saecore.claims.published_matchings.arrays import (
    MatchedPair,
    partners_of_nine,
    read_pairs,
)
from saecore.claims.published_matchings.triangles import (
    agreeing_with,
    closed,
    closings,
    triples,
)
from saecore.measures.algebra.intervals import over_pairs
from saecore.report.paths import ReportError, claims_file

LEVEL = 0.95
_SWEEPS = {
    "width": r"k32-sae-mlp-(?:32|768|4k|131k)__layer6|k32-pythia-exp36-mlp__layer6",
    "k": r"k(?:64|128|256)-sae-mlp-32k__layer6",
    "length": r"k32-sae-mlp-32k-(?:short|long)__layer6",
    "layer, 768 latents": r"k32-sae-mlp-768__layer\d+",
    "layer, 4,084 latents": r"k32-sae-mlp-4k__layer\d+",
    "model": r"k32-(?:gpt2|llama|smoll|pythia)-exp36-(?:mlp|res)__layer\d+",
    "architecture (GPT-2)": r"(?:standard_3|gated_3|standard_0\.003)__layer6",
}
"""Which pairs belong together, by their published names."""


def stored_file() -> Path:
    """Where the tables lie: beside the book's other results."""
    return claims_file().parent / "results" / "published" / "seed_overlap.json"


def stored() -> dict[str, Any]:
    """The tables. Raises ReportError if they are not there."""
    if not stored_file().is_file():
        raise ReportError(
            f"the tables of the published matchings must lie in {stored_file()}: make "
            "them with `python -m saecore.claims.published_matchings.tables ARRAYS.npz`"
        )
    return json.loads(stored_file().read_text(encoding="utf-8"))


def tables_of(path: Path) -> dict[str, Any]:
    """All tables, from the published arrays."""
    pairs = read_pairs(path)
    return {
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "matchings": 2 * len(pairs),
        "sweeps": {name: _sweep(pairs, these) for name, these in _SWEEPS.items()},
        "nine": _nine(pairs),
    }


def _sweep(pairs: Mapping[str, MatchedPair], named: str) -> list[dict[str, Any]]:
    """Agreement of the pairs of one sweep, by their numbers of latents and layers."""
    some = {name: one for name, one in pairs.items() if re.fullmatch(named, name)}
    rows = [
        {"pair": name, "latents": len(one.decoder), "layer": _layer(name)}
        | {"agreement": one.agreement}
        for name, one in some.items()
    ]
    return sorted(rows, key=lambda row: (row["latents"], row["layer"]))


def _layer(name: str) -> int:
    return int(name.rpartition("layer")[2])


def _nine(pairs: Mapping[str, MatchedPair]) -> dict[str, Any]:
    """What nine seeds say: agreement, and whether their matchings close."""
    decoder, encoder = (
        partners_of_nine(pairs, kind) for kind in ("decoder", "encoder")
    )
    agreement = (decoder == encoder).double().mean(2)
    missing = (decoder < 0).all(2)
    agreement[missing] = torch.nan
    return {
        "latents": decoder.shape[2],
        "pairs": int((~missing).sum() - len(decoder)) // 2,
        "triples": triples(decoder),
        "agreement": list(over_pairs(agreement, level=LEVEL).triple),
        "closed by decoders": list(closed(decoder, level=LEVEL).triple),
        "closed by encoders": list(closed(encoder, level=LEVEL).triple),
        "closings": [one._asdict() for one in closings(decoder, encoder)],
        "agrees with": agreeing_with(decoder, encoder).tolist(),
    }


def main() -> None:
    """Write the tables."""
    parser = argparse.ArgumentParser(description="Make the published tables anew.")
    parser.add_argument("arrays", type=Path, help="the .npz file of matchings")
    found = tables_of(parser.parse_args().arrays)
    stored_file().parent.mkdir(parents=True, exist_ok=True)
    stored_file().write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
