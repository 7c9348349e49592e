"""Novel latents by name, for planted features."""

from pathlib import Path

import pytest
import torch

from saecore.claims.incompleteness.below import missing
from saecore.zoo.store import Zoo
from tests.claims.incompleteness import planted

WORDS = planted.ROWS // (planted.PROFILE.length - 1)


class Spelled:
    """A model whose tokens are their numbers."""

    def decode(self, ids):
        return " ".join(map(str, ids))


class Texts(Zoo):
    """The text: in each, tokens count from the number of the text."""

    def get(self, recipe):
        return torch.arange(WORDS)[:, None] + torch.arange(planted.PROFILE.length)


@pytest.fixture
def found(monkeypatch):
    monkeypatch.setattr(missing, "open_model", lambda folder: Spelled())
    return missing.missing(Texts(Path("nowhere")), planted.PROFILE, planted.model())


def test_the_most_useful_novel_latents_come_first(found):
    assert len(found.order) == missing.NAMED
    effects = found.effects.effect[found.order]
    assert (effects < 0).all()
    assert (effects.diff() >= 0).all()
    assert (found.cosine[found.order] < 0.5).all()


def test_contexts_are_the_strongest_rows_with_the_token_in_brackets(found):
    held = planted.model()
    large = held.seeds("relu", 64)[0]
    first = int(found.order[0])
    entries = large.active.latent == first
    rows = torch.repeat_interleave(
        torch.arange(large.rows), large.active.crow.diff().long()
    )[entries]
    best = int(rows[large.active.value[entries].argmax()])
    text, place = divmod(best, planted.PROFILE.length - 1)
    assert found.contexts[first][0].endswith(f"[{text + place + 1}]")


def test_the_smaller_sae_errs_more_where_a_novel_latent_fires(found):
    narrow, wide = found.error_there
    assert narrow > 1
    assert narrow > wide


def test_a_conditional_error_is_that_of_the_rows_where_the_latent_fires():
    held = planted.world()
    large = held.seeds("relu", 8)[0]
    rest = held.x
    found = missing.error_where(rest, large)
    fires = held.x[:, planted.features_of(8, 0, planted.WORLD_D_MODEL)] > 0
    error = rest.double().square().sum(1)
    for latent in range(8):
        there, elsewhere = fires[:, latent], ~fires[:, latent]
        expected = error[there].mean() / error[elsewhere].mean()
        assert float(found[latent]) == pytest.approx(float(expected))


def test_rows_are_addresses_in_the_explorer(found):
    rows = missing.missing_rows(found)
    assert rows[0]["latent"] == f"explorer:relu-64-seed0/{int(found.order[0])}"
    assert all(row["change of the error, %"] < 0 for row in rows)
