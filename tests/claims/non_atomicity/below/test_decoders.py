"""SAEs with decoder rows rebuilt from planted parts."""

import pytest

from saecore.claims.non_atomicity.below.decoders import rebuilt_decoders
from saecore.measures.dictionary.fidelity import fvu
from saecore.report import mean
from tests.claims.non_atomicity.planted import model_rows


def test_the_model_without_an_sae_comes_first_then_the_sae_as_it_is(model):
    rows = {row["decoder rows"]: row for row in rebuilt_decoders(model)}
    assert list(rows) == [
        "no SAE at all",
        "as trained",
        "meta-SAE",
        "PCA",
        "random rows of the SAE",
        "latents of the small SAE",
        "one row for all (the mean)",
    ]
    saes = [model.saes[recipe.sae] for recipe in model.grid.base]
    trained = mean(fvu(model_rows(), sae(model_rows())) for sae in saes)
    assert rows["as trained"]["FVU"] == pytest.approx(trained, rel=1e-5)
    losses = [row["loss of the language model"] for row in rows.values()]
    assert min(losses) > 0
    assert len(set(losses)) == 7
    assert rows["no SAE at all"]["FVU"] == 0
