"""One thread inside, as many as before outside, also after an error."""

import pytest
import torch

from saecore.threads import one_thread


def test_threads_come_back_also_after_an_error():
    before = torch.get_num_threads()
    with one_thread():
        assert torch.get_num_threads() == 1
    with pytest.raises(KeyError), one_thread():
        raise KeyError
    assert torch.get_num_threads() == before
