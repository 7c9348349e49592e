"""Does what lies outside answer? Asked with a limit on time, so that a network that
swallows everything costs seconds.
"""

import subprocess
import sys
import threading
import urllib.error
import urllib.request

SECONDS = 5
"""That an answer may take."""


def index_answers(seconds: float = SECONDS) -> bool:
    """Whether the package index that this Python's pip is set to answers."""
    limits = ["--timeout", str(max(1, int(seconds))), "--retries", "0"]
    asked = [sys.executable, "-m", "pip", *limits, "index", "versions", "pip"]
    try:
        done = subprocess.run(asked, capture_output=True, timeout=3 * seconds)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def address_answers(address: str, seconds: float = SECONDS) -> bool:
    """Whether an address answers, whatever it says.

    The limit holds for the look-up of the name as well, which has none of its own.
    """
    found: list[bool] = []
    asking = threading.Thread(
        target=lambda: found.append(_answers(address, seconds)), daemon=True
    )
    asking.start()
    asking.join(seconds)
    return bool(found and found[0])


def _answers(address: str, seconds: float) -> bool:
    try:
        request = urllib.request.Request(address, method="HEAD")
        with urllib.request.urlopen(request, timeout=seconds):
            return True
    except urllib.error.HTTPError:
        return True
    except (OSError, ValueError):
        return False


def hub() -> str:
    """The address of the hub that language models come from, as its client is set."""
    from huggingface_hub.constants import ENDPOINT

    return ENDPOINT
