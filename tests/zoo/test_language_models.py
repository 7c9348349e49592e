"""Folders of language models are found by what they hold, whatever they are called."""

import pytest

from saecore.profiles import TINY
from saecore.source.language_model import LanguageModel, identify
from saecore.zoo.artefact import ZooError
from saecore.zoo.language_models import folder_holding
from saecore.zoo.untrained_lm import untrained_model


def test_folders_are_looked_up_by_what_they_hold(tmp_path) -> None:
    assert folder_holding(identify(TINY), {}, tmp_path) == TINY
    assert folder_holding(identify(TINY), {identify(TINY): str(TINY)}, tmp_path) == str(TINY)
    stranger = LanguageModel("stranger", "0" * 64)
    with pytest.raises(ZooError, match="pass places="):
        folder_holding(stranger, {}, tmp_path)
    with pytest.raises(ZooError, match="but it holds tiny"):
        folder_holding(stranger, {stranger: TINY}, tmp_path)


def test_an_untrained_twin_is_found_under_the_root_it_was_written_to(tmp_path) -> None:
    twin = untrained_model(TINY, root=tmp_path)
    assert folder_holding(identify(twin), {}, tmp_path) == twin
    with pytest.raises(ZooError, match="untrained-tiny"):
        folder_holding(identify(twin), {}, tmp_path / "elsewhere")
