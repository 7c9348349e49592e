"""The model, its text and the rows of a site, and what is said of those that do not
fit.
"""

import shutil

import pytest
import torch

from saecore.audit.rows import audited_rows, opened_for, reads_centred, site_for
from saecore.others.sites import stream_site
from saecore.source.model.identity import BadModelFolder


class Metadata:
    """An SAE that says where it reads."""

    def __init__(self, **metadata):
        self.metadata = metadata


def test_rows_of_a_text_are_the_stream_without_first_positions(small_model, text):
    model, profile = opened_for(small_model, 32)
    site = stream_site("blocks.1.hook_resid_pre", layers=model.n_layers)
    read = audited_rows(model, profile, site, text=text, rows=500)
    stream = model.read(read.tokens, [0])[0]
    torch.testing.assert_close(read.rows, stream[:, 1:].flatten(0, 1))
    assert read.together == 127
    assert "508 rows: the residual stream blocks.1.hook_resid_pre" in read.told
    assert "words.txt" in read.told


def test_without_a_text_the_model_reads_what_it_samples(small_model):
    model, profile = opened_for(small_model, 32)
    site = stream_site("blocks.0.hook_resid_post", layers=model.n_layers)
    read = audited_rows(model, profile, site, rows=200)
    again = audited_rows(model, profile, site, rows=200)
    assert torch.equal(read.tokens, again.tokens)
    assert len(read.rows) == 2 * 127
    assert "sampled itself" in read.told


def test_another_d_model_is_refused(small_model):
    with pytest.raises(
        ValueError, match=r"own length, 48, but .* has rows of 32: take"
    ):
        opened_for(small_model, 48)


def test_float16_on_a_cpu_is_refused(small_model):
    with pytest.raises(BadModelFolder, match="asks for float16: put @bfloat16"):
        opened_for(f"{small_model}@float16", 32)


def test_bfloat16_can_be_asked_for(small_model):
    model, _ = opened_for(f"{small_model}@bfloat16", 32)
    assert next(model.model.parameters()).dtype == torch.bfloat16


def test_a_folder_without_a_tokenizer_is_refused(small_model, tmp_path):
    folder = tmp_path / "mute"
    ignored = shutil.ignore_patterns("tokenizer*")
    shutil.copytree(small_model, folder, ignore=ignored)
    with pytest.raises(BadModelFolder, match="folder mute has no tokenizer: put"):
        opened_for(folder, 32)


def test_what_is_no_model_is_refused(tmp_path):
    with pytest.raises(BadModelFolder, match="there is no folder"):
        opened_for(tmp_path / "nowhere", 32)


def test_a_layer_that_the_model_lacks_is_refused(small_model):
    model, _ = opened_for(small_model, 32)
    sae = Metadata(hook_name="blocks.9.hook_resid_post")
    with pytest.raises(
        ValueError, match="asks for layer 9, but the model has layers 0 to 2"
    ):
        site_for(sae, model)
    with pytest.raises(ValueError, match="residual stream between blocks"):
        site_for(Metadata(hook_name="blocks.1.attn.hook_z"), model)
    with pytest.raises(ValueError, match="states no hook_name"):
        site_for(Metadata(), model)
    assert site_for(Metadata(), model, hook="blocks.1.hook_resid_post").layer == 1


def test_a_file_that_is_no_text_is_refused(small_model, tmp_path):
    model, profile = opened_for(small_model, 32)
    site = stream_site("blocks.0.hook_resid_post", layers=model.n_layers)
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="text file in UTF-8"):
        audited_rows(model, profile, site, text=tmp_path / "bytes")


def test_an_sae_of_processed_weights_reads_rows_without_their_mean(small_model, text):
    model, profile = opened_for(small_model, 32)
    site = stream_site("blocks.0.hook_resid_post", layers=model.n_layers)
    how = {"text": text, "rows": 300}
    plain = audited_rows(model, profile, site, **how)
    read = audited_rows(model, profile, site, centred=True, **how)
    wanted = plain.rows - plain.rows.mean(1, keepdim=True)
    torch.testing.assert_close(read.rows, wanted)
    assert "without the mean" in read.told
    kwargs = {"center_writing_weights": True}
    assert reads_centred(Metadata(model_from_pretrained_kwargs=kwargs))
    assert not reads_centred(Metadata())
