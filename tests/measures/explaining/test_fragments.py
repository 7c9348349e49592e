import pytest
import torch
from torch.testing import assert_close

from saecore.measures.dictionary.nulls import Weights
from saecore.measures.explaining import fragments as cut


@pytest.fixture
def tokens():
    return torch.randint(0, 50, (40, 31), generator=torch.Generator().manual_seed(1))


@pytest.fixture
def drawn(tokens):
    return cut.fragments_of(
        tokens, generator=torch.Generator().manual_seed(2), length=8
    )


def test_a_fragment_is_a_run_of_its_own_text_without_the_first_token(tokens, drawn):
    rows = tokens[:, 1:].flatten()  # what a site's rows belong to
    for text in range(len(tokens)):
        start = int(drawn.place[text, 0])
        assert 1 <= start <= 31 - 8
        assert drawn.place[text].tolist() == list(range(start, start + 8))
        assert drawn.token[text].tolist() == tokens[text, start : start + 8].tolist()
        assert (
            drawn.previous[text].tolist()
            == tokens[text, start - 1 : start + 7].tolist()
        )
    assert_close(rows[drawn.row], drawn.token)


def test_the_halves_share_no_text_and_are_equally_large(drawn):
    a, b = drawn.half(fitting=True), drawn.half(fitting=False)
    assert len(a.token) == len(b.token) == 20
    assert set(a.row.flatten().tolist()).isdisjoint(b.row.flatten().tolist())
    assert a.fitting.all()
    assert not b.fitting.any()


def test_fragments_start_at_every_place_that_there_is():
    tokens = torch.zeros(4000, 12, dtype=torch.int64)
    starts = cut.fragments_of(
        tokens, generator=torch.Generator().manual_seed(1), length=8
    ).place[:, 0]
    assert sorted(starts.unique().tolist()) == [1, 2, 3, 4]


def test_texts_that_are_too_short_or_too_few_are_refused():
    for shape in ((40, 8), (1, 31)):
        with pytest.raises(ValueError, match="at least two texts"):
            cut.fragments_of(
                torch.zeros(shape, dtype=torch.int64),
                generator=torch.Generator(),
                length=8,
            )


def test_activations_by_blocks_are_those_of_encoding_all_rows(drawn, monkeypatch):
    monkeypatch.setattr(cut, "ENCODED_AT_ONCE", 7)
    generator = torch.Generator().manual_seed(3)
    dictionary = Weights(
        torch.randn(6, 9, generator=generator), torch.randn(9, 6, generator=generator)
    )
    rows, latents = (
        torch.randn(40 * 30, 6, generator=generator),
        torch.tensor([8, 0, 3]),
    )
    whole = dictionary.encode(rows)
    expected = whole[drawn.row][..., latents].permute(2, 0, 1)
    assert_close(cut.activations_on(dictionary, rows, drawn, latents), expected)


def test_latents_and_rows_that_do_not_exist_are_refused(drawn):
    dictionary, rows = (
        Weights(torch.zeros(6, 9), torch.zeros(9, 6)),
        torch.zeros(40 * 30, 6),
    )
    with pytest.raises(ValueError, match="between 0 and 8, got 9 to 9"):
        cut.activations_on(dictionary, rows, drawn, torch.tensor([9]))
    with pytest.raises(ValueError, match="pass all rows"):
        cut.activations_on(dictionary, rows[:10], drawn, torch.tensor([1]))


def test_at_a_density_each_latent_keeps_its_largest_activations():
    y = torch.rand(3, 10, 20, generator=torch.Generator().manual_seed(4))
    y[2] *= torch.rand(10, 20, generator=torch.Generator().manual_seed(5)) < 0.02
    kept = cut.at_density(y, 0.1)
    assert (kept[:2] > 0).sum((1, 2)).tolist() == [20, 20]
    assert_close(kept[2], y[2])  # sparser than that already
    for latent in range(2):
        assert kept[latent][kept[latent] > 0].min() > y[latent][kept[latent] == 0].max()
    each = cut.at_density(y, torch.tensor([0.05, 0.5, 1.0]))
    assert (each[:2] > 0).sum((1, 2)).tolist() == [10, 100]


@pytest.mark.parametrize("density", [0.0, 1.5])
def test_a_density_that_cannot_be_is_refused(density):
    with pytest.raises(ValueError, match="above 0 and up to 1"):
        cut.at_density(torch.ones(1, 2, 3), density)
