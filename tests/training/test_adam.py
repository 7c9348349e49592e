"""Adam against torch's own, by both ways."""

import pytest
import torch

from saecore.training.adam import BETAS, EPS, Adam

pytestmark = pytest.mark.usefixtures("way")


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_weights_move_as_by_torchs_adam() -> None:
    weights = {"W_enc": drawn(7, 5), "b_enc": drawn(7, seed=1)}
    twins = {name: w.clone().requires_grad_() for name, w in weights.items()}
    groups = [
        {"params": [twins["W_enc"]], "lr": 1e-2},
        {"params": [twins["b_enc"]], "lr": 1e-1},
    ]
    theirs = torch.optim.Adam(groups, betas=BETAS, eps=EPS)
    ours = Adam(weights, {"b_enc": 10.0})
    for step in range(20):
        gradients = {name: drawn(*w.shape, seed=step) for name, w in weights.items()}
        for name, twin in twins.items():
            twin.grad = gradients[name].clone()
        theirs.step()
        ours.step(gradients, 1e-2)
    for name, twin in twins.items():
        torch.testing.assert_close(weights[name], twin.detach())


def test_directions_stay_unit_vectors_and_ignore_gradients_along_them() -> None:
    w_dec = torch.nn.functional.normalize(drawn(6, 5), dim=1)
    before, adam = w_dec.clone(), Adam({"W_dec": w_dec}, {})
    adam.step({"W_dec": 3.0 * w_dec}, 1e-2)
    torch.testing.assert_close(w_dec, before, atol=2e-2, rtol=0)
    for step in range(5):
        adam.step({"W_dec": drawn(6, 5, seed=step)}, 1e-1)
    torch.testing.assert_close(w_dec.norm(dim=1), torch.ones(6))
    assert not torch.allclose(w_dec, before, atol=1e-2)


def test_both_ways_give_the_same_directions(monkeypatch) -> None:
    from saecore.compiled import availability

    start = torch.nn.functional.normalize(drawn(6, 5), dim=1)
    found = []
    for possible in (True, False):
        monkeypatch.setattr(
            availability, "available", lambda possible=possible: possible
        )
        w_dec = start.clone()
        adam = Adam({"W_dec": w_dec}, {})
        assert adam.compiled == possible
        for step in range(10):
            adam.step({"W_dec": drawn(6, 5, seed=step + 1)}, 1e-2)
        found.append(w_dec)
    torch.testing.assert_close(*found)
