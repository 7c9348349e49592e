"""Released SAEs, opened one at a time, so that no more of them lie in memory than a
measure holds.
"""

from collections.abc import Sequence
from typing import Any, overload

from saecore.others.door import OpenedSAE, open_sae
from saecore.papers.fetching import HubFile, fetched_files, sae_files
from saecore.papers.releases import Release, ReleasedSAE


class FetchedSAEs(Sequence[Any]):
    """The SAEs of a release, or some of them by name, on this machine's disk.

    Each is opened when it is asked for and kept by nobody here. All files are described
    by the hub before the first is fetched.
    """

    def __init__(self, release: Release, names: Sequence[str] = ()) -> None:
        self.release = release
        self.saes = [one for one in release.saes if not names or one.name in names]
        self.files: dict[str, list[HubFile]] = {
            one.name: sae_files(release, one) for one in self.saes
        }

    @property
    def every_file(self) -> list[HubFile]:
        """The files of all of them."""
        return [one for several in self.files.values() for one in several]

    def fetch(self) -> None:
        """Fetch what is missing of all of them."""
        fetched_files(self.every_file)

    def digest(self, name: str) -> str:
        """The sha256 of an SAE's weights, as the hub states it; else revision and
        path.
        """
        weights = self.files[name][-1]
        return weights.sha256 or f"{weights.commit}-{weights.path}"

    def open(self, sae: ReleasedSAE) -> OpenedSAE:
        """One of them. Raises ValueError where its sizes are not those of the table."""
        folder = fetched_files(self.files[sae.name])[-1].parent
        found, release = open_sae(folder), self.release
        shape = tuple(found.W_dec.shape)
        if shape != (sae.width, release.d_model):
            raise ValueError(
                f"{sae.repo}/{sae.folder} must have {sae.width} latents of "
                f"{release.d_model} coordinates, but has {shape}: the release has "
                "changed; correct book/papers.toml"
            )
        return found

    def __len__(self) -> int:
        return len(self.saes)

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return [self.open(one) for one in self.saes[index]]
        return self.open(self.saes[index])
