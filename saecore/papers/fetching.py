"""Files from Hugging Face's hub: with progress, resumed, checked, and a sentence for
whatever is missing.
"""

import hashlib
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from saecore.errors import ZooError
from saecore.papers.releases import Release, ReleasedSAE

_SPARE = 1 << 28
"""Bytes of a disk that stay free."""


class HubFile(NamedTuple):
    """A file as the hub describes it."""

    repo: str
    path: str
    kind: str
    """"model" or "dataset"."""
    size: int
    sha256: str
    """Of large files; "" for small ones, whose size alone is checked."""
    commit: str
    """The revision that is fetched."""


def hub_files(
    repo: str, folder: str, names: Iterable[str], *, kind: str = "model"
) -> list[HubFile]:
    """The files of a folder of a repository, by their names or patterns (`*.json`), as
    they are now; fetches none.

    A folder that was moved within its repository is found if one path alone ends like
    it. Raises ZooError, in a sentence, for what the hub does not have or does not give.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import EntryNotFoundError

    api = HfApi()
    with _told(repo):
        commit = api.repo_info(repo, repo_type=kind).sha or "main"
        try:
            tree = list(_tree(api, repo, folder, commit, kind))
        except EntryNotFoundError:
            tree = [
                one
                for one in _tree(api, repo, "", commit, kind)
                if f"/{one.path}".rpartition("/")[0].endswith(f"/{folder}")
            ]
    found = [one for name in names for one in _matching(tree, name)]
    parents = {one.path.rpartition("/")[0] for one in found}
    if not found or (folder and len(parents) > 1):
        held = ", ".join(sorted(one.path for one in tree)[:5]) or "no such folder"
        raise ZooError(
            f"{repo} must hold {', '.join(names)} in {folder or 'it'}, but has {held}: "
            "the release has moved; correct book/papers.toml"
        )
    return [
        HubFile(repo, one.path, kind, one.size, _sha256(one), commit) for one in found
    ]


def sae_files(release: Release, sae: ReleasedSAE) -> list[HubFile]:
    """The files of a released SAE."""
    return hub_files(sae.repo, sae.folder, release.files)


def fetched_files(files: Iterable[HubFile]) -> list[Path]:
    """The files in the hub's cache, fetched where they are not there yet, each checked
    by its size and, for large ones, its sha256.

    Raises ZooError for too little disk, a break (the same call goes on from there), and
    a file that is not what the hub says; that one is removed.
    """
    from huggingface_hub import hf_hub_download

    files = list(files)
    _refuse_full_disk(files)
    paths = []
    for one in files:
        with _told(one.repo):
            path = Path(
                hf_hub_download(
                    one.repo, one.path, repo_type=one.kind, revision=one.commit
                )
            )
        _check(one, path)
        paths.append(path)
    return paths


def missing_bytes(files: Iterable[HubFile]) -> int:
    """Bytes that are not in the hub's cache yet."""
    from huggingface_hub import try_to_load_from_cache

    return sum(
        one.size
        for one in files
        if not isinstance(
            try_to_load_from_cache(
                one.repo, one.path, repo_type=one.kind, revision=one.commit
            ),
            str,
        )
    )


def _tree(api: Any, repo: str, folder: str, commit: str, kind: str) -> Iterator[Any]:
    every = api.list_repo_tree(
        repo, folder or None, recursive=not folder, revision=commit, repo_type=kind
    )
    return (one for one in every if hasattr(one, "size"))


def _matching(tree: Iterable[Any], name: str) -> list[Any]:
    return [one for one in tree if Path(one.path).match(name)]


def _sha256(one: Any) -> str:
    return one.lfs.sha256 if one.lfs else ""


def _check(one: HubFile, path: Path) -> None:
    size = path.stat().st_size
    if size == one.size and one.sha256 in ("", _digest(path) if one.sha256 else ""):
        return
    blob = path.resolve()
    path.unlink()
    blob.unlink(missing_ok=True)
    raise ZooError(
        f"{one.path} of {one.repo} must be {one.size} bytes with the sha256 "
        f"{one.sha256 or '(not stated)'}, but {size} others came: they were deleted; "
        "run the same command again"
    )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _refuse_full_disk(files: list[HubFile]) -> None:
    from huggingface_hub import constants

    needed, place = missing_bytes(files), Path(constants.HF_HUB_CACHE)
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if needed and needed + _SPARE > free:
        raise ZooError(
            f"{needed / 1e9:.1f} GB are to be fetched to {constants.HF_HUB_CACHE}, but "
            f"{free / 1e9:.1f} GB are free there: make room, or set HF_HOME to a "
            "larger disk"
        )


@contextmanager
def _told(repo: str) -> Iterator[None]:
    """What goes wrong with the hub, in one sentence each."""
    from huggingface_hub import constants, errors

    endpoint = constants.ENDPOINT
    try:
        yield
    except errors.GatedRepoError:
        raise ZooError(
            f"{repo} is given to those who accepted its terms: accept them on its page "
            "at the hub, make a token there, and say it by `hf auth login` or HF_TOKEN"
        ) from None
    except errors.RepositoryNotFoundError:
        raise ZooError(
            f"{endpoint} has no public repository {repo}: if it is private, say your "
            "token by `hf auth login` or HF_TOKEN; otherwise it has moved, and "
            "book/papers.toml is to be corrected"
        ) from None
    except errors.OfflineModeIsEnabled:
        raise ZooError(
            f"{repo} is fetched from the hub, but HF_HUB_OFFLINE is set: unset it"
        ) from None
    except (
        errors.HTTPError,  # pyright: ignore[reportPrivateImportUsage]
        OSError,
    ) as error:  # of its client, and of sockets
        why = " ".join(str(error).split()) or repr(error)
        raise ZooError(
            f"{repo} is fetched from {endpoint}, which must answer, but: {why[:300]}: "
            "look at the network, and run the same command to go on where it broke off"
        ) from None
