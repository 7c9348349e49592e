"""The zoo: gives artefacts by their recipes, and makes those that are missing. Nothing else writes
artefacts.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from jaxtyping import Float, Int
from torch import Tensor

from saecore.source.activations import Planting, Site, check_vocabularies
from saecore.source.corpus import ReadText, SampledText
from saecore.source.language_model import LanguageModel, OpenModel, open_model
from saecore.source.words import AskedWords
from saecore.source.worlds import World
from saecore.zoo import made
from saecore.zoo import recipe as recipes
from saecore.zoo.artefact import NOTE, Damaged, MissedSparsity, folder_of, locked, verified
from saecore.zoo.baselines import BaselineRecipe
from saecore.zoo.block import stackable
from saecore.zoo.language_models import folder_holding
from saecore.zoo.meta import MetaRecipe, meta_rows
from saecore.zoo.plan import Trainable, jobs, work
from saecore.zoo.progress import Progress, say
from saecore.zoo.recipe import SAERecipe
from saecore.zoo.sae import SAE
from saecore.zoo.train import Rows, split, train, untrained

Asked = TypeVar("Asked", SAERecipe, MetaRecipe)
ALONE_BELOW = 2e11  # `work` that takes this process less time than starting others would


class Held(NamedTuple):
    """One artefact of the zoo."""

    kind: str
    """"tokens", "rows", "saes", "metas" or "baselines"."""
    name: str
    """Folder name: the readable slug and the first twelve digits of the key."""
    recipe: Any
    """What was asked for."""
    made: dict[str, Any]
    """What was noted when it was made: CPU seconds, and for SAEs L0, FVU and the training log."""
    size: int
    """Bytes on disk."""


def default_root() -> Path:
    """$SAECORE_ZOO if set, else _build/zoo of a source checkout, else the user's cache folder."""
    if chosen := os.environ.get("SAECORE_ZOO"):
        return Path(chosen).expanduser()
    checkout = Path(__file__).resolve().parents[2]
    if (checkout / ".git").exists() or (checkout / "pyproject.toml").exists():
        return checkout / "_build" / "zoo"
    home = Path.home()
    bases = {"win32": os.environ.get("LOCALAPPDATA"), "darwin": home / "Library" / "Caches"}
    base = bases.get(sys.platform) or os.environ.get("XDG_CACHE_HOME") or home / ".cache"
    return Path(base) / "saecore" / "zoo"


class Zoo:
    """Artefacts by recipe: found on disk, or made there and then read back from disk.

    `root` is the folder (see `default_root`), `workers` the number of processes that train several SAEs at
    once (one per core by default, one thread each), `language_models` says where the folders of language
    models lie; the model that ships with saecore is known, and so are untrained twins (`untrained_lm`).
    """

    def __init__(
        self,
        root: str | Path | None = None,
        *,
        device: str = "cpu",
        workers: int | None = None,
        language_models: Mapping[LanguageModel, str | Path] | None = None,
    ) -> None:
        self.root = Path(root) if root is not None else default_root()
        self.device = device
        self.workers = workers or _cores()
        self.language_models = dict(language_models or {})
        self._checked: dict[Path, tuple[int, int]] = {}
        self._split: dict[Site, Rows] = {}

    def tokens(self, text: SampledText) -> Int[Tensor, "seq pos"]:
        """The text that a language model sampled, as tokens; every sequence begins with the model's first
        token.
        """
        return self._get(text)

    def rows(self, site: Site) -> Float[Tensor, "row d_model"]:
        """The rows of a site, float32, read from the disk as they are used. Changes to them stay in
        memory.
        """
        return self._get(site)

    def saes(self, wanted: Iterable[SAERecipe]) -> dict[SAERecipe, SAE]:
        """The SAEs of the recipes, trained if missing, each as read back from disk.

        Raises MissedSparsity, after everything else is done, if the L0 of some differs from their k by more
        than 10 %.
        """
        return self._trained(wanted)

    def metas(self, wanted: Iterable[MetaRecipe]) -> dict[MetaRecipe, SAE]:
        """The meta-SAEs of the recipes, trained if missing, and so are the SAEs that they learn from.

        Raises MissedSparsity as `saes` does; a meta-SAE's L0 on the decoder rows it was trained on may differ
        from its k by 25 %.
        """
        wanted = list(wanted)
        self.saes(one.sae for one in wanted)
        return self._trained(wanted)

    def baselines(self, wanted: Iterable[BaselineRecipe]) -> dict[BaselineRecipe, SAE]:
        """The bases of the recipes, fitted if missing, each as read back from disk."""
        return {one: self._get(one) for one in dict.fromkeys(wanted)}

    def make(self, wanted: Iterable[SAERecipe | MetaRecipe | BaselineRecipe | Site | SampledText]) -> None:
        """Make what is missing, several things side by side; raises what `saes` and `metas` raise."""
        wanted = list(dict.fromkeys(wanted))
        learnt_from = [one.sae for one in wanted if isinstance(one, MetaRecipe)]
        metas = [one for one in wanted if isinstance(one, MetaRecipe)]
        for part in ([one for one in (*wanted, *learnt_from) if not isinstance(one, MetaRecipe)], metas):
            if missing := [one for one in dict.fromkeys(part) if self._find(one) is None]:
                self._make(missing)

    def _trained(self, wanted: Iterable[Asked]) -> dict[Asked, SAE]:
        """What is trained, from disk; what is missing is trained first."""
        wanted = list(dict.fromkeys(wanted))
        found: dict[Asked, Any] = {one: self._find(one) for one in wanted}
        if missing := [one for one, sae in found.items() if sae is None]:
            self._make(missing)
            found |= {one: self._open(one) for one in missing}
        return found

    def untrained(self, recipe: SAERecipe) -> SAE:
        """The SAE before its first step, as sparse as the recipe asks: a null. It is not stored."""
        rows = self.split(recipe.site)
        cfg = made.cfg_of(recipe, len(rows.mean)) | {"trained": False}
        sae = SAE(cfg, untrained(recipe, rows))
        return sae if self.device == "cpu" else sae.to(self.device)

    def split(self, site: Site) -> Rows:
        """The rows of a site as training sees them: `check` and `calibrate` are never trained on."""
        if site not in self._split:
            self._split[site] = split(self.rows(site))
        return self._split[site]

    def _get(self, recipe: Any) -> Any:
        """An artefact from disk, made first if it is missing or damaged."""
        found = self._find(recipe)
        if found is None:
            with locked(folder_of(self.root, recipe)):
                found = self._find(recipe)
                if found is None:
                    self._fill(recipe)
            found = self._open(recipe) if found is None else found
        return found

    def _find(self, recipe: Any) -> Any | None:
        """An artefact from disk; None if it is not there, or, saying so, if it is damaged."""
        folder = folder_of(self.root, recipe)
        if not folder.is_dir():
            return None
        try:
            self._verify(folder, recipe)
            return self._open(recipe)
        except (Damaged, ValueError, KeyError, OSError) as error:
            say(f"{folder.name} is damaged and will be made again: {error}")
            return None

    def _open(self, recipe: Any) -> Any:
        return made.opened(folder_of(self.root, recipe), recipe, self.device)

    def _verify(self, folder: Path, recipe: Any) -> None:
        """Compare checksums, large files only once while they keep their size and time."""
        stamps = [(path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(folder.iterdir())]
        stamp = (hash(tuple(stamps)), len(stamps))
        if self._checked.get(folder) != stamp:
            verified(folder, recipe)
            self._checked[folder] = stamp

    def _model(self, model: LanguageModel) -> OpenModel:
        return open_model(folder_holding(model, self.language_models, self.root), device=self.device)

    def _fill(self, recipe: Site | SampledText | BaselineRecipe) -> None:
        """Make a text, rows or a basis, from what they rest on."""
        folder = folder_of(self.root, recipe)
        if isinstance(recipe, SampledText):
            made.tokens(folder, recipe, self._model(recipe.model))
        elif isinstance(recipe, BaselineRecipe):
            made.baseline(folder, recipe, self.split(recipe.site))
        elif isinstance(recipe.source, World):
            made.world_rows(folder, recipe, recipe.source)
        elif isinstance(recipe.source, Planting):
            made.planted_rows(folder, recipe, recipe.source, self.rows(recipe.source.site))
        elif recipe.model is not None:
            model = self._model(recipe.model)
            if isinstance(recipe.source, ReadText):
                check_vocabularies(model, self._model(recipe.text.model))
            tokens = None if isinstance(recipe.source, AskedWords) else self.tokens(recipe.text)
            made.model_rows(folder, recipe, model, tokens)

    def _make(self, missing: Sequence[Any]) -> None:
        """Make what is missing, in this process or in several, whichever ends sooner; refusals are raised
        together at the end.
        """
        planned = jobs(missing, lambda recipe: self._find(recipe) is not None)
        every = [recipe for job in planned for recipe in job.make]
        trained = [one for one in every if isinstance(one, Trainable)]
        label = f"training {len(trained)} SAEs" if len(trained) != 1 else f"training {trained[0].slug}"
        rows = sum(one.training.steps * one.training.batch for one in trained)
        shown = Progress(label, rows, waits=True)
        chain = all(set(one.make) & after.needs for one, after in pairwise(planned))
        if self.device != "cpu" or self.workers == 1 or chain or work(every) < ALONE_BELOW:
            refused = [sentence for job in planned for sentence in self.do(job.make, shown.advance)]
        else:
            from saecore.zoo.workers import in_processes

            refused = in_processes(self, planned, shown.advance)
        shown.close()
        if refused:
            raise MissedSparsity(" ".join(refused))

    def do(self, job: Sequence[Any], advance: Callable[[int], None]) -> list[str]:
        """One job of a plan; the sentences about SAEs that were refused."""
        if isinstance(job[0], Trainable):
            return self.train_group(job, advance)
        for recipe in job:
            self._get(recipe)
        return []

    def train_group(self, group: Sequence[Trainable], advance: Callable[[int], None]) -> list[str]:
        """Train recipes that differ in their seed alone, side by side; the sentences about those that were
        refused.
        """
        with ExitStack() as stack:
            for folder in sorted(folder_of(self.root, one) for one in group):
                stack.enter_context(locked(folder))
            missing = [one for one in group if self._find(one) is None]
            if not missing:
                return []
            rows = self._rows_of(missing[0])
            size = stackable(missing[0].training, len(rows.mean))
            parts = [missing[i : i + size] for i in range(0, len(missing), size)]
            return [sentence for part in parts for sentence in self._train(part, rows, advance)]

    def _train(self, part: Sequence[Trainable], rows: Rows, advance: Callable[[int], None]) -> list[str]:
        seeds = [one.training.seed for one in part]
        trained = train(part[0].training, seeds, rows, device=self.device, progress=advance)
        written = [
            made.sae(folder_of(self.root, one), one, got, rows)
            for one, got in zip(part, trained, strict=True)
        ]
        return [sentence for sentence in written if sentence]

    def _rows_of(self, recipe: Trainable) -> Rows:
        """What an SAE or a meta-SAE learns from."""
        if isinstance(recipe, SAERecipe):
            return self.split(recipe.site)
        return meta_rows(recipe, self.saes([recipe.sae])[recipe.sae])

    def list(self) -> list[Held]:
        """Everything in the zoo, sorted by kind and name; folders that cannot be read are left out."""
        held = []
        for note in sorted(self.root.glob(f"*/*/{NOTE}")):
            folder = note.parent
            if folder.name.startswith("."):
                continue
            try:
                content = json.loads(note.read_text())
                asked = recipes.restored(content["recipe"])
            except (OSError, ValueError, KeyError, TypeError):
                continue
            size = sum(path.stat().st_size for path in folder.iterdir())
            held.append(Held(folder.parent.name, folder.name, asked, content["made"], size))
        return held


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
