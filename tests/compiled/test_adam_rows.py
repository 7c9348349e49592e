"""One row of Adam by hand; many steps are held against torch in `training`."""

import numpy as np

from saecore.compiled.adam_rows import step_rows

BETAS = np.float32(0.9), np.float32(0.99)
ONE, EPS = np.float32(1), np.float32(1e-8)


def test_the_first_step_goes_by_its_size_against_the_sign_of_the_gradient() -> None:
    weight, gradient = np.zeros((1, 3), np.float32), np.array([[2, -5, 0]], np.float32)
    first, second = np.zeros((1, 3), np.float32), np.zeros((1, 3), np.float32)
    size, root = np.float32(0.1 / (1 - 0.9)), np.float32(1 / np.sqrt(1 - 0.99))
    step_rows(weight, gradient, first, second, BETAS, size, root, EPS, False)
    np.testing.assert_allclose(weight, [[-0.1, 0.1, 0]], rtol=1e-5)


def test_directions_come_back_to_unit_length() -> None:
    weight, gradient = (
        np.array([[0.6, 0.8]], np.float32),
        np.array([[1, 0]], np.float32),
    )
    first, second = np.zeros((1, 2), np.float32), np.zeros((1, 2), np.float32)
    step_rows(weight, gradient, first, second, BETAS, ONE, ONE, EPS, True)
    assert np.isclose(np.linalg.norm(weight), 1)
    moved = gradient[0] - 0.6 * np.array([0.6, 0.8])
    np.testing.assert_allclose(first[0], 0.1 * moved, rtol=1e-5)
