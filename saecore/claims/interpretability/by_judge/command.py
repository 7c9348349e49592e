"""What `saecore judge` does: say what it costs, ask whether to send it, score, and
store.
"""

import argparse
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import saecore
from saecore.claims.interpretability.bases import bases
from saecore.claims.interpretability.by_judge.asked import AskedLatents, asked_latents
from saecore.claims.interpretability.by_judge.scored import (
    JudgedDictionary,
    judged_dictionary,
)
from saecore.claims.interpretability.explainer import Explainer, explainer
from saecore.claims.interpretability.grid import frontier
from saecore.claims.sites import model_site, open_zoo
from saecore.judge.chat import Endpoint
from saecore.judge.judge import Judge, RequestCost
from saecore.judge.kept_answers import KeptAnswers
from saecore.profiles import Profile, WorldProfile
from saecore.recipes.baselines import BaselineRecipe
from saecore.recipes.sae import SAERecipe
from saecore.report import Claim
from saecore.zoo.estimate import estimate
from saecore.zoo.store import Zoo

ANSWERS = "answers.sqlite"
"""Where answers are kept, below the zoo's folder `judge`."""


def run_judge(options: argparse.Namespace, profile: Profile) -> None:
    """The command, as it was said."""
    key = options.key_variable
    if key is None:
        key = "OPENAI_API_KEY" if options.base_url.startswith("https") else ""
    endpoint = Endpoint(
        options.base_url,
        options.model,
        key_variable=key,
        timeout=options.timeout,
        price_in=options.price_in,
        price_out=options.price_out,
        limit=options.limit,
    )
    judge_dictionaries(
        endpoint,
        profile,
        options.of,
        latents=options.latents,
        null=not options.no_null,
        yes=options.yes,
        out=options.out,
    )


def judge_dictionaries(
    endpoint: Endpoint,
    profile: Profile,
    names: Sequence[str],
    *,
    latents: int,
    null: bool,
    yes: bool,
    out: Path | None,
) -> Path | None:
    """Let a language model explain and predict latents of some dictionaries, and store
    its scores beside those of the rules. None, and nothing is sent, if the cost is not
    confirmed. Raises ValueError for an unknown dictionary, and where nobody can be
    asked to confirm; ChatError if asking fails: what was answered is kept.
    """
    zoo = open_zoo(profile)
    recipes = _recipes(profile, names)
    needed = [*recipes.values(), model_site(profile, sample=1)]
    print(f"   dictionaries and texts: {estimate(zoo, needed)}", flush=True)
    reader = explainer(zoo, profile, Claim.read("interpretability"))
    asked = [
        asked_latents(reader, name, one, number=latents)
        for name, one in zip(
            recipes, zoo.get_all(recipes.values()).values(), strict=True
        )
    ]
    someone = Judge(endpoint, KeptAnswers(zoo.root / "judge" / ANSWERS))
    if not _confirmed(_cost(someone, asked, null=null), endpoint, yes=yes):
        print("   nothing was sent")
        return None
    found = [_judged(reader, someone, one, null=null) for one in asked]
    path = out or _default(zoo, profile, endpoint)
    _store(found, someone, profile, path)
    print(f"   written: {path}")
    return path


def judged_choices(profile: Profile) -> dict[str, SAERecipe | BaselineRecipe]:
    """The dictionaries that can be judged, by name: the base SAE, and the bases that
    the claim compares it with.
    """
    others = bases(profile, WorldProfile()).model
    return {"SAE": frontier(profile).base[0]} | {n: of[0] for n, of in others.items()}


def _recipes(
    profile: Profile, names: Sequence[str]
) -> dict[str, SAERecipe | BaselineRecipe]:
    known = judged_choices(profile)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(
            f"dictionaries to judge are among {', '.join(known)}, but {unknown[0]!r} "
            "was asked for: correct --of"
        )
    return {name: known[name] for name in names}


def _cost(someone: Judge, asked: Sequence[AskedLatents], *, null: bool) -> RequestCost:
    """Of all dictionaries, without what is answered already."""
    each = [someone.cost(one.questions, swapped=null) for one in asked]
    prices = [one.price for one in each if one.price is not None]
    return RequestCost(
        sum(one.requests for one in each),
        sum(one.tokens_in for one in each),
        sum(one.tokens_out for one in each),
        sum(prices) if len(prices) == len(each) else None,
    )


def _confirmed(cost: RequestCost, endpoint: Endpoint, *, yes: bool) -> bool:
    """Whether the reader wants to pay this."""
    if not cost.requests:
        print("   all of this was answered before: nothing is sent")
        return True
    print(f"   {endpoint.model} at {endpoint.url} would be sent {cost}", flush=True)
    if yes:
        return True
    if not sys.stdin.isatty():
        raise ValueError(
            "nothing is sent before it is confirmed, and there is no terminal to ask "
            "at: run it again with --yes to send this"
        )
    return input("   Send it? [y/N] ").strip().lower() in ("y", "yes")


def _judged(
    reader: Explainer, someone: Judge, asked: AskedLatents, *, null: bool
) -> JudgedDictionary:
    said = []
    for one in someone.judging(asked.questions, confirm=True, swapped=null):
        print(f"   {asked.name}, latent {one.latent}: {one.explanation}", flush=True)
        said.append(one)
    found = judged_dictionary(reader, asked, said)
    print(found.as_text(), flush=True)
    return found


def _default(zoo: Zoo, profile: Profile, endpoint: Endpoint) -> Path:
    model = re.sub(r"[^A-Za-z0-9.]+", "-", endpoint.model)
    name = f"{profile.name}-{profile.world_seed}-{model}.json"
    return zoo.root / "judge" / name


def _store(
    found: Sequence[JudgedDictionary], someone: Judge, profile: Profile, path: Path
) -> None:
    """In one step: a kill leaves the old file, never half of one."""
    content = {
        "saecore": saecore.__version__,
        "profile": profile.name,
        "world_seed": profile.world_seed,
        "judge": {"model": someone.endpoint.model, "url": someone.endpoint.url},
        "tokens_of_this_run": dict(zip(("in", "out"), someone.used[1:], strict=True)),
        "dictionaries": [one.as_json() for one in found],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
    part.replace(path)
