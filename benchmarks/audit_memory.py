"""Peak memory of `saecore audit` on two wide SAEs, weights alone: run by hand.

    python benchmarks/audit_memory.py --width 131072 --d-model 512 --shared 40000

Two SAELens folders of random directions are written, the first `--shared` of which are
alike, and audited in a process of its own. Prints seconds, the peak resident memory of
that process and the share that it found.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch


def write_random(
    folder: Path, width: int, d_model: int, shared: int, seed: int
) -> None:
    """A SAELens folder of random tied directions; the first ones are the same for all
    seeds.
    """
    from safetensors.torch import save_file

    same = torch.Generator().manual_seed(0)
    own = torch.Generator().manual_seed(seed)
    rows = torch.cat(
        [
            torch.randn(shared, d_model, generator=same),
            torch.randn(width - shared, d_model, generator=own),
        ]
    )
    folder.mkdir()
    cfg = {"architecture": "standard", "d_in": d_model, "d_sae": width,
           "metadata": {"hook_name": "blocks.1.hook_resid_post"}}  # fmt: skip
    (folder / "cfg.json").write_text(json.dumps(cfg))
    weights = {"W_enc": rows.T.contiguous(), "W_dec": rows,
               "b_enc": torch.zeros(width), "b_dec": torch.zeros(d_model)}  # fmt: skip
    save_file(weights, folder / "sae_weights.safetensors")


def main() -> None:
    """Write, audit, tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--width", type=int, default=131_072)
    parser.add_argument("--d-model", type=int, default=512)
    parser.add_argument("--shared", type=int, default=40_000)
    said = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folders = [Path(place) / name for name in ("one", "other")]
        for seed, folder in enumerate(folders, 1):
            write_random(folder, said.width, said.d_model, said.shared, seed)
        begun = time.monotonic()
        command = [sys.executable, "-m", "saecore", "audit", str(folders[0])]
        command += ["--against", str(folders[1]), "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    found = json.loads(done.stdout)["numbers"]
    (share,) = (x for x in found if x["name"] == "shared (same partner)")
    print(f"{time.monotonic() - begun:.0f} s, peak {peak / 1e9:.2f} GB")
    print(f"shared {share['value']:.5f}, planted {said.shared / said.width:.5f}")


if __name__ == "__main__":
    main()
