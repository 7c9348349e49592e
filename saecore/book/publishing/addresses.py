"""Where this copy of the book is published: said by the workflow that publishes it, so
that a fork has its own addresses without a file that is edited.
"""

import os
from typing import NamedTuple

from saecore import __version__

_WHEELS = "files"
"""Folder of the site that holds the package."""


class Published(NamedTuple):
    """Addresses of one published book."""

    repository: str
    """Of its source, https://server/owner/name."""
    site: str
    """Of its pages, without a slash at the end."""

    @property
    def wheel(self) -> str:
        """Of the package, which the site holds."""
        return f"{self.site}/{_WHEELS}/saecore-{__version__}-py3-none-any.whl"


def published_here() -> Published | None:
    """The addresses by the variables of the workflow: GITHUB_SERVER_URL and
    GITHUB_REPOSITORY, and SAECORE_SITE unless the site is where GitHub Pages puts it;
    None outside a workflow.
    """
    name = os.environ.get("GITHUB_REPOSITORY", "")
    if not name:
        return None
    server = os.environ.get("GITHUB_SERVER_URL", "https://github.com")
    site = os.environ.get("SAECORE_SITE", "") or pages_address(name)
    return Published(f"{server}/{name}", site.rstrip("/"))


def pages_address(repository: str) -> str:
    """Where GitHub Pages puts the site of owner/name."""
    owner, _, name = repository.partition("/")
    root = f"https://{owner.lower()}.github.io"
    return root if name.lower() == f"{owner.lower()}.github.io" else f"{root}/{name}"
