"""The control without an SAE."""

import torch

from saecore.claims.attribute_edit import mean_rows


def test_mean_rows_are_those_at_the_name_about_their_mean(about):
    rows = mean_rows.mean_rows(about)
    wanted = about.streams[0] - about.streams[0].mean(0)
    torch.testing.assert_close(rows, wanted, atol=1e-5, rtol=1e-4)
    strangers = about._replace(of=torch.where(about.of < 4, -1, about.of))
    assert float(mean_rows.mean_rows(strangers)[:4].std(0).max()) < 1e-6


def test_a_meta_sae_per_recipe_with_exactly_k_a_row(model, about, monkeypatch):
    monkeypatch.setattr(mean_rows, "EPOCHS", 20)
    rows = torch.nn.functional.normalize(mean_rows.mean_rows(about))
    metas = mean_rows.meta_of(rows, model.grid.names)
    assert len(metas) == 3
    assert not torch.equal(metas[0].W_dec, metas[1].W_dec)
    for meta in metas:
        assert int((meta.encode(rows) > 0).sum(1).max()) == model.k
        assert meta.width == model.grid.names[0].width


def test_whole_mean_rows_turn_what_they_carry(model, about, monkeypatch):
    monkeypatch.setattr(mean_rows, "EPOCHS", 20)
    found = mean_rows.mean_edits(model, about)
    assert float(found.table("row", "turned").nanmean()) > 0.9
    assert len(found.seeds) == 3
    edited = ~found.table("row", "turned").isnan().all(0)
    assert int(edited.sum()) == len(found.pairs.own.unique())
