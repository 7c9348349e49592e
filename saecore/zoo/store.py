"""The zoo: gives artefacts by their recipes, and makes those that are missing. Nothing
else writes artefacts.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from saecore import machine
from saecore.errors import MissedSparsity, ZooError
from saecore.places import default_root
from saecore.recipes.keys import Recipe, restored
from saecore.recipes.sae import SAERecipe
from saecore.source.model.language_model import LanguageModel, OpenModel, open_model
from saecore.source.site import Site
from saecore.training.trainer import TrainingRows, split, untrained
from saecore.zoo import pool
from saecore.zoo.artefact import Refused, folder_of, locked
from saecore.zoo.artefact_kinds import cfg_of, kind_of
from saecore.zoo.disk.leftovers import swept
from saecore.zoo.disk.note import NOTE, is_damage, read_note, verified
from saecore.zoo.language_models import folder_holding
from saecore.zoo.plan import Job, Queue, jobs, work
from saecore.zoo.progress import Progress, say
from saecore.zoo.sae import SAE

ALONE_BELOW = 2e11
"""`work` that takes this process less time than starting others would."""
SPLIT_SITES = 2
"""Sites whose rows stay mapped, the last ones that were asked for."""


class Held(NamedTuple):
    """One artefact of the zoo."""

    kind: str
    """"tokens", "rows", "saes", "metas", "toys", "baselines" or "explorers"."""
    name: str
    """Folder name: the readable slug and the first twelve digits of the key."""
    recipe: Any
    """What was asked for."""
    made: dict[str, Any]
    """What was noted when it was made: CPU seconds, and for SAEs L0, FVU and the
    training log.
    """
    size: int
    """Bytes on disk."""


class Zoo:
    """Artefacts by recipe: found on disk, or made there and then read back from disk.

    `root` is the folder (see `default_root`), `workers` the number of processes that
    make several things at once (one thread each; by default one per core, as far as
    memory goes). `places` says where what lies outside lies: `{identify(folder):
    folder}` for a language model, the source and the path for a file of rows. The model
    that ships with saecore is known, and so are untrained twins.
    """

    def __init__(
        self,
        root: str | Path | None = None,
        *,
        device: str = "cpu",
        workers: int | None = None,
        places: Mapping[Any, str | Path] | None = None,
    ) -> None:
        self.root = Path(root) if root is not None else default_root()
        self.device = device
        self.places = dict(places or {})
        self.workers = workers or _side_by_side(self.places)
        self._checked: dict[Path, tuple[int, int]] = {}
        self._split: dict[Site, TrainingRows] = {}

    def get(self, recipe: Recipe) -> Any:
        """What a recipe gives, made first if it is missing or damaged, as read from
        disk:

        an SAE of any kind; tokens `[seq, pos]`, every sequence beginning with the
        model's first; rows `[row, d_model]`, float32, read from the disk as they are
        used (changes to them stay in memory). Raises what `get_all` raises.
        """
        return self.get_all([recipe])[recipe]

    def get_all(self, recipes: Iterable[Recipe]) -> dict[Any, Any]:
        """What each of many recipes gives; what is missing is made first, side by side.

        Raises MissedSparsity, after everything else is done, if the L0 of some SAEs
        differs from their k by more than 10 % (meta-SAEs: on the decoder rows that they
        learn from, by more than 25 %).
        """
        wanted = list(dict.fromkeys(recipes))
        found = {one: self.find(one) for one in wanted}
        if missing := [one for one, there in found.items() if there is None]:
            self._make(missing)
            found |= {one: self._open(one) for one in missing}
        return found

    def make(self, recipes: Iterable[Recipe]) -> None:
        """Make what is missing, as `get_all` does, and keep none of it in memory."""
        wanted = dict.fromkeys(recipes)
        if missing := [one for one in wanted if self.find(one) is None]:
            self._make(missing)

    def untrained(self, recipe: SAERecipe) -> SAE:
        """The SAE before its first step, as sparse as the recipe asks: a null. It is
        not stored.
        """
        rows = self.split(recipe.site)
        cfg = cfg_of(recipe, len(rows.mean)) | {"trained": False}
        sae = SAE(cfg, untrained(recipe, rows))
        return sae if self.device == "cpu" else sae.to(self.device)

    def split(self, site: Site) -> TrainingRows:
        """The rows of a site as training sees them: `check` and `calibrate` are never
        trained on.
        """
        if site not in self._split:
            while len(self._split) >= SPLIT_SITES:
                del self._split[next(iter(self._split))]
            self._split[site] = split(self.get(site))
        return self._split[site]

    def model(self, model: LanguageModel, dtype: str = "float32") -> OpenModel:
        """A language model, open, its weights and its stream in `dtype`."""
        folder = folder_holding(model, self.places, self.root)
        return open_model(folder, device=self.device, dtype=dtype)

    def file(self, what: Any) -> Path:
        """Where the file lies that a source is made of; ZooError if nobody said."""
        if what not in self.places:
            raise ZooError(
                f"the file of {what} must be known to make this, but it is not: pass "
                "places={source: path} to Zoo"
            )
        return Path(self.places[what])

    def find(self, recipe: Recipe) -> Any | None:
        """What a recipe gives if it is there, and nothing is made: an artefact from
        disk; None if it is not there, or, saying so, if it is damaged.
        """
        folder = folder_of(self.root, recipe)
        if not os.path.lexists(folder):
            return None
        try:
            self._verify(folder, recipe)
            return self._open(recipe)
        except Exception as error:  # whatever reading a damaged file raises
            if isinstance(error, MemoryError):
                raise
            if not is_damage(error):
                raise ZooError(
                    f"what lies in the zoo must be readable, but {folder} is not "
                    f"({error}): mend that, or set SAECORE_ZOO to another folder"
                ) from None
            say(f"{folder.name} is damaged and will be made again: {error}")
            return None

    def _open(self, recipe: Recipe) -> Any:
        folder = folder_of(self.root, recipe)
        return kind_of(recipe).open(folder, recipe, self.device)

    def _verify(self, folder: Path, recipe: Recipe) -> None:
        """Compare checksums, once while the files keep their size and time."""
        files = [path.lstat() for path in (folder, *sorted(folder.iterdir()))]
        stamps = [(one.st_size, one.st_mtime_ns) for one in files]
        stamp = (hash(tuple(stamps)), len(stamps))
        if self._checked.get(folder) != stamp:
            verified(folder, recipe)
            self._checked[folder] = stamp

    def _make(self, missing: Sequence[Recipe]) -> None:
        """Make what is missing, in this process or in several, whichever ends sooner;
        refusals are raised together at the end.
        """
        planned = jobs(missing, lambda recipe: self.find(recipe) is not None)
        every = [recipe for job in planned for recipe in job.make]
        shown = _progress(every)
        chain = all(set(one.make) & after.needs for one, after in pairwise(planned))
        cheap = self.workers == 1 or chain or work(every) < ALONE_BELOW
        if self.device != "cpu" or cheap:
            refused = self._here(planned, shown.advance)
        else:
            start = pool.Start(self.root, self.places, self.workers)
            refused = pool.in_processes(start, planned, shown.advance)
        shown.close()
        if refused:
            raise MissedSparsity(*refused.values())

    def _here(self, planned: Sequence[Job], advance: Callable[[int], None]) -> Refused:
        """All jobs of a plan, one after the other in this process."""
        queue, refused = Queue(planned), {}
        while (job := queue.take()) is not None:
            lost = self.do(job.make, advance)
            refused |= lost
            queue.done(job, lost)
        return refused

    def do(self, group: Sequence[Any], advance: Callable[[int], None]) -> Refused:
        """One job of a plan, as far as nobody else has done it by now; what was
        refused.
        """
        kind = kind_of(group[0])
        folders = {folder_of(self.root, one) for one in group}
        if kind.lock is not None:
            folders = {self.root / group[0].folder / kind.lock(group[0])}
        with ExitStack() as stack:
            for folder in sorted(folders):
                stack.enter_context(locked(folder))
            if kind.lock is None:
                swept(self.root / group[0].folder)
            missing = [one for one in group if self.find(one) is None]
            return kind.make(self, missing, advance) if missing else {}

    def list(self) -> list[Held]:
        """Everything in the zoo, sorted by kind and name; folders that cannot be read,
        that an older build made or that are called otherwise are left out.
        """
        notes = sorted(self.root.glob(f"*/*/{NOTE}"))
        found = (self._held(note.parent) for note in notes)
        return [one for one in found if one is not None]

    def _held(self, folder: Path) -> Held | None:
        try:
            note = read_note(folder)
            asked = restored(note["recipe"])
            if folder != folder_of(self.root, asked):
                return None
            size = sum(path.lstat().st_size for path in folder.iterdir())
        except Exception:  # whatever a damaged note raises
            return None
        return Held(folder.parent.name, folder.name, asked, note["made"], size)


def _progress(recipes: Sequence[Recipe]) -> Progress:
    """The line about what is trained."""
    rows = [kind_of(one).trained_on(one) for one in recipes]
    slugs = [one.slug for one, some in zip(recipes, rows, strict=True) if some]
    label = f"training {slugs[0]}" if len(slugs) == 1 else f"training {len(slugs)} SAEs"
    return Progress(label, sum(rows), waits=True)


def _side_by_side(places: Mapping[Any, str | Path]) -> int:
    """How many processes may make something at once, each with a language model."""
    return machine.side_by_side(worker_memory(places), beside=machine.PARENT)


def worker_memory(places: Mapping[Any, str | Path]) -> int:
    """Bytes of one process that makes something, with the language models."""
    weights = [
        2 * path.stat().st_size  # stored in 16 bits, opened in 32
        for folder in places.values()
        for path in Path(folder).glob("*.safetensors")
    ]
    return machine.WORKER + sum(weights)
