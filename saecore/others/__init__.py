"""SAEs that others trained, and language models that others opened: one door for all of
them.
"""

from saecore.others.door import OpenedSAE, open_sae
from saecore.others.models import open_any_model

__all__ = ["OpenedSAE", "open_any_model", "open_sae"]
