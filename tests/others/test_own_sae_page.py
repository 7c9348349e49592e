"""The page "Your own SAE in ten lines": its blocks are run in their order, in a folder
that holds a small SAE of each format.
"""

import re
from pathlib import Path

import numpy as np
import pytest
import torch

from saecore.profiles import TINY

PAGE = Path(__file__).parents[2] / "book/own_sae.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
TITLES = {
    "SAELens": 'open_sae("my_saelens_sae")',
    "sparsify": 'open_sae("my_sparsify_run/layers.1")',
    "dictionary_learning": 'open_sae("my_dictionary")',
    "Gemma Scope": "params.npz",
    "Any object with `encode` and `decode`": "class Mine",
}


def test_every_format_has_a_block_of_at_most_ten_lines_but_the_class():
    parts = PAGE.read_text(encoding="utf-8").split("\n## ")
    for title, said in TITLES.items():
        (part,) = [one for one in parts if one.startswith(f"{title}\n")]
        (block,) = re.findall(r"```python\n(.*?)```", part, re.DOTALL)
        assert said in block
        assert len(block.splitlines()) <= 10 or "class Mine" in block


@pytest.mark.usefixtures("beside")
def test_the_blocks_run_and_say_what_they_should(capsys):
    names: dict[str, object] = {}
    for block in BLOCKS:
        exec(compile(block, str(PAGE), "exec"), names)
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("SAE(topk, width 40")
    assert "blocks.1.hook_resid_pre" in said[0]
    assert "torch.Size([100, 40])" in said
    assert any(line.startswith("AutoEncoder ") for line in said)
    assert "google/gemma-2-2b blocks.1.hook_resid_post" in said
    assert any(line.startswith("shared (same partner) 1.0 ") for line in said)
    assert str(names["page"]).startswith("<!DOCTYPE html>")
    assert said[-1].startswith("blocks.1.hook_resid_pre torch.Size([1, ")


@pytest.fixture
def beside(
    tmp_path, monkeypatch, rows, weights, saelens_folder, sparsify_folder,
    dictionary_folder, gemma_params,
):  # fmt: skip
    """The working folder, with what the page names."""
    monkeypatch.chdir(tmp_path)
    np.save("my_rows.npy", rows.numpy())
    saelens_folder("topk")
    sparsify_folder()
    gemma_params()
    w = weights()
    state = {
        "encoder.weight": w["W_enc"].T.contiguous(),
        "encoder.bias": w["b_enc"],
        "decoder.weight": w["W_dec"].T.contiguous(),
        "bias": w["b_dec"],
    }
    dictionary_folder("AutoEncoder", state)
    (tmp_path / "my_model").symlink_to(TINY)
    torch.manual_seed(0)
