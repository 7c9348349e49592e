"""Rows of a small model, and an SAE that knows how they were made."""

import pytest
import torch

from saecore.audit.rows import audited_rows, opened_for
from saecore.measures.dictionary.nulls import Weights
from saecore.others.sites import stream_site


@pytest.fixture(scope="session")
def read(small_model, text):
    """7,874 rows after block 1 of the small model."""
    model, profile = opened_for(small_model, 32)
    site = stream_site("blocks.1.hook_resid_post", layers=model.n_layers)
    return audited_rows(model, profile, site, text=text, rows=7800)


@pytest.fixture(scope="session")
def both_signs():
    """A dictionary that gives every row back: each coordinate and its negative."""
    eye = torch.eye(32)
    rows = torch.cat([eye, -eye])
    return Weights(rows.T.contiguous(), rows)
