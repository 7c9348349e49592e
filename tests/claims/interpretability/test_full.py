"""The dear check, on planted rows and with few steps."""

from saecore.claims.interpretability import full as dear


def test_ica_on_all_rows_is_explained_as_it_is_and_as_sparse(zoo, profile, monkeypatch):
    monkeypatch.setattr(dear, "ITERATIONS", 3)
    found = dear.full(zoo, profile)
    assert 0 < found["score"] < 1
    assert found["score as sparse"] != found["score"]
    assert found["base"] > 0.98
    assert 0 <= found["share settled"] <= 1
