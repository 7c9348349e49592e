"""Toys that are trained in no time, for the tests of trainer and zoo."""

from typing import Any

QUICK: dict[str, Any] = {"steps": 40, "batch": 64}
BATCHTOPK: dict[str, Any] = {
    "variant": "batchtopk",
    "width": 12,
    "penalty": 0.0,
    "k": 2,
}
