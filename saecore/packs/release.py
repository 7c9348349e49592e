"""Where the trained SAEs of a release are: the address follows from the repository, so
that a fork offers its own.
"""

import os
import re
import subprocess
from pathlib import Path

from saecore.errors import ZooError
from saecore.report.paths import checkout

PACK_FILE = "saes.safetensors"
"""The pack's name among the files of a release."""
REPOSITORY, RELEASE = "SAECORE_REPOSITORY", "SAECORE_RELEASE"
"""What sets another repository, and another release than the latest."""
_REMOTE = re.compile(
    r"(?:https?://(?:[^@/]+@)?|git@|ssh://git@)([^/:]+)[/:](.+?)(?:\.git)?/?"
)


class NoRelease(ZooError):
    """No release with trained SAEs is known, or it has none."""


def pack_address(repository: str = "", release: str = "") -> str:
    """The address of a release's pack, by default of the latest release of the
    repository that is known here. Raises NoRelease if none is.
    """
    repository = repository or known_repository()
    if not repository:
        raise NoRelease(
            "trained SAEs come from a release of this book's repository, but none is "
            f"known here: set {REPOSITORY} to its address, or train them"
        )
    release = release or os.environ.get(RELEASE, "")
    place = f"download/{release}" if release else "latest/download"
    return f"{repository}/releases/{place}/{PACK_FILE}"


def known_repository() -> str:
    """The address of the repository: as said, as the workflow or Binder says, or as
    the checkout was cloned from; empty if nothing says it.
    """
    server = os.environ.get("GITHUB_SERVER_URL", "https://github.com")
    workflow = os.environ.get("GITHUB_REPOSITORY", "")
    said = (
        os.environ.get(REPOSITORY),
        f"{server}/{workflow}" if workflow else "",
        os.environ.get("BINDER_REPO_URL"),
        _origin(checkout()),
    )
    return next((web for one in said if one and (web := web_address(one))), "")


def web_address(remote: str) -> str:
    """The address of a repository's page from whatever git clones; empty for what
    lies on no server.
    """
    match = _REMOTE.fullmatch(remote.strip())
    return f"https://{match[1]}/{match[2]}" if match else ""


def _origin(root: Path | None) -> str:
    if root is None:
        return ""
    asked = ["git", "-C", str(root), "config", "--get", "remote.origin.url"]
    try:
        done = subprocess.run(asked, capture_output=True, text=True)
    except OSError:
        return ""
    return done.stdout.strip()
