"""What comes through the door, and what is turned away in a sentence."""

from pathlib import Path

import pytest
import torch

import saecore
from saecore import open_sae
from saecore.measures.dictionary.fidelity import fidelity
from saecore.shapes import Dictionary


def test_it_is_a_name_of_the_package():
    assert saecore.open_sae is open_sae
    with pytest.raises(AttributeError, match="no attribute 'open_nothing'"):
        saecore.open_nothing  # noqa: B018


def test_files_stand_for_their_folders(saelens_folder, rows):
    folder = saelens_folder()
    for what in (folder, str(folder), folder / "cfg.json"):
        assert torch.equal(open_sae(what)(rows), open_sae(folder)(rows))


def test_what_was_opened_is_given_back(saelens_folder):
    sae = open_sae(saelens_folder())
    assert open_sae(sae) is sae


def test_everything_is_a_dictionary_and_is_measured_alike(
    saelens_folder,
    sparsify_folder,
    gemma_params,
    sparse_coder,
    top_k_object,
    weights,
    rows,
):
    w = weights("topk")
    opened = [
        open_sae(what)
        for what in (
            saelens_folder("topk", w),
            sparsify_folder(w),
            sparse_coder(w),
            top_k_object(w),
        )
    ]
    found = [fidelity(sae, rows).fvu for sae in opened]
    assert found == pytest.approx([found[0]] * 4, rel=1e-5)
    for sae in [*opened, open_sae(gemma_params())]:
        assert isinstance(sae, Dictionary)
        assert (sae.width, sae.d_model) == (40, 16)
        assert not sae.W_dec.requires_grad


def test_rows_of_any_precision_and_batches_are_read(saelens_folder, rows):
    sae = open_sae(saelens_folder("jumprelu"))
    assert torch.equal(sae.encode(rows.double()), sae.encode(rows))
    stream = rows.view(4, 25, 16)
    assert torch.equal(sae.encode(stream).flatten(0, 1), sae.encode(rows))
    assert fidelity(sae, rows.double()).fvu == pytest.approx(fidelity(sae, rows).fvu)
    with pytest.raises(ValueError, match=r"a batch of texts as x\.flatten\(0, -2\)"):
        fidelity(sae, stream)
    with pytest.raises(ValueError, match=r"length 16, but these have shape \(100, 7\)"):
        sae.encode(rows[:, :7])


def test_what_is_no_sae_is_named(tmp_path):
    with pytest.raises(ValueError, match="there is no file or folder nowhere"):
        open_sae("nowhere")
    with pytest.raises(ValueError, match="holds nothing: give the folder"):
        open_sae(tmp_path)
    (tmp_path / "model.bin").write_text("")
    with pytest.raises(ValueError, match=r"but model\.bin is none of their files"):
        open_sae(tmp_path / "model.bin")
    with pytest.raises(ValueError, match=r"holds model\.bin: give the folder"):
        open_sae(Path(tmp_path))
    for what in (3, ("a", "b", "c"), torch.nn.Linear(2, 2)):
        with pytest.raises(ValueError, match=f"this is a {type(what).__name__}: give"):
            open_sae(what)
