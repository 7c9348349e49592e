"""The fit of ICA, on planted directions that are no components."""

from saecore.claims.interpretability.ica_fit import ica_fit


def test_directions_that_were_not_fitted_have_not_settled(found, planted):
    fit = ica_fit(found)
    assert 0 < fit.rows <= fit.of_rows < len(planted.rows)
    assert fit.settled < 1
    assert fit.change > fit.tolerance
