import numpy as np
import pytest
import torch

from saecore.claims.published_matchings.arrays import NINE, partners_of_nine, read_pairs
from tests.claims.published_matchings.planted import LATENTS, arrays, written


def test_a_latent_goes_to_its_partner_and_back(tmp_path):
    found = arrays()
    partner = partners_of_nine(
        read_pairs(written(tmp_path / "a.npz", found)), "decoder"
    )
    assert partner.shape == (9, 9, LATENTS)
    forward = torch.from_numpy(found[f"decoder_{NINE.format(3, 7)}"].astype(np.int64))
    assert torch.equal(partner[2, 6], forward)
    assert torch.equal(partner[6, 2][forward], torch.arange(LATENTS))
    assert torch.equal(partner[4, 4], torch.arange(LATENTS))
    assert bool((partner[0, 1] == -1).all())
    assert bool((partner[1, 0] == -1).all())


def test_agreement_is_the_share_with_one_partner(tmp_path):
    pair = {"decoder_x__layer0": [0, 1, 2, 3], "encoder_x__layer0": [1, 0, 2, 3]}
    path = written(tmp_path / "a.npz", {k: np.array(v) for k, v in pair.items()})
    assert read_pairs(path)["x__layer0"].agreement == 0.5


@pytest.mark.parametrize(
    "array", [[0, 0, 1], [1, 2, 3], [[0, 1]], [0.0, 1.0], [], [-1, 0]]
)
def test_what_is_not_one_to_one_is_refused(tmp_path, array):
    good = np.arange(3)
    path = written(
        tmp_path / "a.npz",
        {"decoder_x__layer0": np.array(array), "encoder_x__layer0": good},
    )
    with pytest.raises(ValueError, match="a partner of its own"):
        read_pairs(path)


def test_a_matching_without_its_twin_is_refused(tmp_path):
    path = written(tmp_path / "a.npz", {"decoder_x__layer0": np.arange(3)})
    with pytest.raises(ValueError, match="one by encoders"):
        read_pairs(path)


def test_nothing_is_unpickled(tmp_path):
    hostile = np.array([print], dtype=object)
    path = written(tmp_path / "a.npz", {"decoder_x__layer0": hostile})
    with pytest.raises(ValueError, match="plain arrays"):
        read_pairs(path)


@pytest.mark.parametrize("content", [b"", b"not a zip file", b"PK\x03\x04"])
def test_another_file_is_refused(tmp_path, content):
    path = tmp_path / "a.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="plain arrays"):
        read_pairs(path)


def test_other_names_are_refused(tmp_path):
    found = {"decoder_x__layer0": np.arange(3), "encoder_x__layer0": np.arange(3)}
    pairs = read_pairs(written(tmp_path / "a.npz", found))
    with pytest.raises(ValueError, match="authors' own names"):
        partners_of_nine(pairs, "decoder")
