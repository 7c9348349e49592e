"""The model card says what was measured, and nothing else."""

import json

from saecore.profiles import TINY
from saecore.tiny_lm.model_card import model_card


def test_the_card_states_what_was_measured(lm_folder, evaluation):
    card = (lm_folder / "README.md").read_text()
    assert f"{evaluation['losses']['letter']['model']:.3f}" in card
    assert f"{evaluation['tasks']['category']['unseen']['right']:.3f}" in card
    assert "CDLA-Sharing-1.0" in card
    assert "WordNet 3.0" in card


def test_the_shipped_card_is_written_from_the_shipped_evaluation(shipped):
    evaluation, config = (
        json.loads((TINY / name).read_text(encoding="utf-8"))
        for name in ("evaluation.json", "config.json")
    )
    count = sum(parameter.numel() for parameter in shipped.model.parameters())
    card = model_card(evaluation, config=config, parameters=count)
    assert (TINY / "README.md").read_text(encoding="utf-8") == card
