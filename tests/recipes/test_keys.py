"""Keys of recipes: what is trained is found again as long as they stay the same."""

import dataclasses
import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from saecore.recipes import keys
from saecore.recipes.baselines import BaselineRecipe
from saecore.recipes.explorer import ExplorerRecipe
from saecore.recipes.meta import MetaRecipe
from saecore.recipes.sae import SAERecipe
from saecore.recipes.toys import ToyRecipe
from saecore.source.fetched.packed_text import PackedText
from saecore.source.gaussian import GaussianRows
from saecore.source.model.language_model import LanguageModel
from saecore.source.model.texts import ReadText, SampledText
from saecore.source.planted import Planted
from saecore.source.rows_file import RowsFile
from saecore.source.site import Site
from saecore.source.tasks.words import AskedWords, TextWords
from saecore.source.untaught.context_words import ContextWords
from saecore.source.worlds.rows import World
from saecore.source.worlds.toys import HIERARCHY, MANY, Toy
from saecore.source.worlds.trees import Tree

MODEL = LanguageModel("a model", "ab" * 32)
OTHER = LanguageModel("untrained-a", "cd" * 32)
TEXT = SampledText(MODEL, sequences=10, length=5)
ON_TEXT = Site(TEXT, layer=1)
WORLD = Site(World(seed=1), rows=4096)
SAE = SAERecipe(ON_TEXT, "topk", 64, 4)
PLANTED = Site(Planted(ON_TEXT, pairs=2))

KEYS = [
    (
        TEXT,
        "tokens",
        "a_model-seed0",
        "4308161853a064d33430a787173abddee245dbcdc0643bb16e3325dcaa6f6bfc",
    ),
    (
        SampledText(MODEL, temperature=0.5, seed=3),
        "tokens",
        "a_model-seed3",
        "47b9e48a6561c553a018ed443db569a1ba054899ee40d2c75f4214de1b1f9c16",
    ),
    (
        ON_TEXT,
        "rows",
        "a_model-layer1",
        "6f58ea388bb1babb4d7ecabdb6e4846451cbaed07e1bda0d8920f7708b1f054a",
    ),
    (
        Site(TEXT, layer=1, sample=2),
        "rows",
        "a_model-layer1-sample2",
        "1f28a11a581aef8a108093490ecbea88bc9f0af61218720cb775298becfb6783",
    ),
    (
        Site(ReadText(TEXT, OTHER), layer=1),
        "rows",
        "untrained_a-reads-a_model-layer1",
        "cdb97c6c38bd390b8d2bac52824a60b36dc73561a1be7a9b8b5067b4dec87ac6",
    ),
    (
        Site(ReadText(TEXT, OTHER), layer=0, sample=1),
        "rows",
        "untrained_a-reads-a_model-layer0-sample1",
        "38540b56b35910e91f3f121bc5b0a2129e749fca13238f3067e6d14626500f55",
    ),
    (
        Site(AskedWords(MODEL), layer=0),
        "rows",
        "asked-a_model-layer0",
        "e283cf45393ad809906637e6325906f196abbc575732b0c4a02f19955c6ebce5",
    ),
    (
        Site(AskedWords(MODEL, ("letter",), seed=2), layer=3),
        "rows",
        "asked-a_model-layer3",
        "72e292e5b7c00fd227bac2e7f6eb2102de881ee8e01bec21f4f417d4df6a0a25",
    ),
    (
        Site(TextWords(TEXT), layer=1),
        "rows",
        "textwords-a_model-layer1",
        "44af6c2226f3e306d49cbcd6f469233d4c79fc5cf1b519ee20e9f97b5bf5547f",
    ),
    (
        WORLD,
        "rows",
        "world1",
        "6431c668de29159f771263ac70da756db717884f9b022ba33e7aff2f4df07b6c",
    ),
    (
        Site(World()),
        "rows",
        "world0",
        "42ac2760caa7bc4293d466e99101aaef3df38815c279754ec9fc12e966733d06",
    ),
    (
        Site(World(seed=2, topics=0), sample=1),
        "rows",
        "world2-sample1",
        "6ba99d0fbc6ad093422bcbd9fd38d638419d2b22af9d55b977cc98f4f83c50f5",
    ),
    (
        PLANTED,
        "rows",
        "planted-a_model-layer1",
        "089f96e8ba8e35eb149057827c7864c8f247a6898eb8309ee29c2449d665eb83",
    ),
    (
        Site(Planted(WORLD, seed=4)),
        "rows",
        "planted-world1",
        "1da96d166ba7d102aef5371a0c4df9b1f30394f07e416ef25cae52e47dec314f",
    ),
    (
        Site(GaussianRows(ON_TEXT)),
        "rows",
        "gaussian-a_model-layer1",
        "754e7e3e56755fa59c496ea85b7de28adf86ab0eeac0990152411a614cd3dcc0",
    ),
    (
        Site(RowsFile("ef" * 32, 4096, 64)),
        "rows",
        "file-efefefef",
        "858c1ff5a205962a0b2c1d205b067a351233d02dc9dda39a9e3fa65453fe53d4",
    ),
    (
        PackedText(MODEL, sequences=10, length=5, sources=(("a==1", "ef" * 32),)),
        "tokens",
        "a_model-english-seed0",
        "6069eb42d05eb83af3ffd339d3b25ab08445c646d084bd972d06ed95b74c1003",
    ),
    (
        Site(ContextWords(MODEL, a_letter=20), layer=2),
        "rows",
        "contextwords-a_model-layer2",
        "e6810aec941786b9fc2460a49a43cf6be787c83f3dd6b66a11ff0a08ba6f0adb",
    ),
    (
        SAE,
        "saes",
        "topk-w64-k4-seed0-a_model-layer1",
        "37375600630e612cda822e4cec36917ab7d9d5a328e4541ae1e386f4a0866f43",
    ),
    (
        SAERecipe(WORLD, "relu", 64, 2.5, seed=1, data_seed=2),
        "saes",
        "relu-w64-k2.5-seed1-order2-world1",
        "b674d6aef9ab54fa93323bdc64b27b31d14c504f206b67fecac4e086cbd353f9",
    ),
    (
        SAERecipe(WORLD, "topk", 64, 4, frozen="decoder"),
        "saes",
        "frozen-decoder-topk-w64-k4-seed0-world1",
        "5fd8f4eb215543af0e0e505c61483f42038df0583f3f41685cc71f35ddfbb2cb",
    ),
    (
        SAERecipe(WORLD, "relu", 64, 4, tied=True),
        "saes",
        "tied-relu-w64-k4-seed0-world1",
        "dcb51bd034cb1650789631f04290a7d0fcf48f240c2cb3e5d0632c043d28cc28",
    ),
    (
        SAERecipe(PLANTED, "matryoshka", 64, 4, prefixes=(16, 64)),
        "saes",
        "matryoshka-w64-k4-seed0-planted-a_model-layer1",
        "a743b54cf4a63a24a6ac27ed7a53c3dd48a91fd3f47cd186c0be8c029b794ccb",
    ),
    (
        SAERecipe(WORLD, "gated", 32, 4, lr=1e-3),
        "saes",
        "gated-w32-k4-seed0-world1",
        "1ce42f8446f1426dc783202ce01e334e977f2e5790e2d864c96d8605e38d53ca",
    ),
    (
        SAERecipe(Site(TextWords(TEXT), layer=1), "jumprelu", 64, 4, bandwidth=0.1),
        "saes",
        "jumprelu-w64-k4-seed0-textwords-a_model-layer1",
        "9610a4e5fab5c3ea008f8be9dbc4ac37516326f899978a51b3c428228cac100a",
    ),
    (
        SAERecipe(Site(AskedWords(MODEL), layer=0), "batchtopk", 64, 4, rows=99_999),
        "saes",
        "batchtopk-w64-k4-seed0-asked-a_model-layer0",
        "007f0695dbf215f06eac855b4ff033738e52edd342600b4946ae2790db779b90",
    ),
    (
        MetaRecipe(SAE, 8),
        "metas",
        "meta-w8-k4-seed0-topk-w64-k4-seed0-a_model-layer1",
        "8559b262b2bd84097dfe75576b7bb4b2fb7445c337d062fef3fb74f9c4b0adeb",
    ),
    (
        MetaRecipe(SAE, 8, k=2, rows="same_covariance", seed=1),
        "metas",
        "meta-w8-k2-seed1-same_covariance-topk-w64-k4-seed0-a_model-layer1",
        "777510d50f28f3e941e6d876164dd7349e70c87bc8960b6be3a8a290a57f6992",
    ),
    (
        BaselineRecipe(ON_TEXT, "pca"),
        "baselines",
        "pca-seed0-a_model-layer1",
        "7a6eaf41f376c03ae1d437bdd746db0f4b77eb47e27e718a80089314cbd35bc6",
    ),
    (
        BaselineRecipe(WORLD, "random", width=20, seed=3),
        "baselines",
        "random-w20-seed3-world1",
        "30906e53d7fc441b19e326a2f919db8fcb32595ecaa9ff15419fe6cc03c50c9f",
    ),
    (
        ToyRecipe(Toy()),
        "toys",
        "relu-w4-l0.01-of4-seed0",
        "4e82c45d9bda0cf81ccecf344a5b956560b6472dbe566bbfd80153a5c01e53f1",
    ),
    (
        ToyRecipe(MANY, "batchtopk", 12, penalty=0.0, k=2, seed=5),
        "toys",
        "batchtopk-w12-k2-of12-seed5",
        "3a5adf07b3bd2275699f78ee2c7f1fa460da2df2b4d639bf21381403751a93f0",
    ),
    (
        ToyRecipe(HIERARCHY, "tied", biases=False),
        "toys",
        "tied-nobias-w4-l0.01-of4-seed0",
        "40a514f8a3da963b1a324021f056b501a8dbe5cb88baaef5b106489edc79688d",
    ),
    (
        ToyRecipe(Tree(), "matryoshka", 12),
        "toys",
        "matryoshka-w12-l0.01-of12-seed0",
        "6c12eb8970b94758878f6a783ae630608cbddfdd8beb3a4126256c1c0745851d",
    ),
    (
        ExplorerRecipe((SAE,), MetaRecipe(SAE, 8)),
        "explorers",
        "1-saes-a_model-layer1",
        "906821820d29a42d7d300a7eb11c30871ebba28e32259aad38604434e0458533",
    ),
]
"""Recipe, part of the zoo, readable name, sha256: tokens and rows as in the first
edition of the book, the others since SAEs are trained at rates settled anew.
"""


@pytest.mark.parametrize(("recipe", "folder", "slug", "key"), KEYS)
def test_keys_and_folder_names_stay_what_they_are(recipe, folder, slug, key) -> None:
    """A change here makes artefacts anew: to that end, raise BUILD instead."""
    assert recipe.folder == folder
    assert recipe.slug == slug
    assert keys.key(recipe) == key


def test_every_class_that_a_recipe_can_hold_has_a_key_here() -> None:
    held: set[str] = set()

    def walk(value) -> None:
        if isinstance(value, dict):
            held.update([value["class"]])
            value = list(value.values())
        for part in value if isinstance(value, list) else []:
            walk(part)

    for recipe, *_ in KEYS:
        walk(keys.canonical(recipe))
    assert held == set(keys.HOMES)


def asked() -> SAERecipe:
    text = SampledText(LanguageModel("a model", "ab" * 32), sequences=10, length=5)
    return SAERecipe(Site(text, layer=1), "topk", 64, 4)


def leaves(recipe, path=()):
    """Every plain field of a nested recipe, as a path of names."""
    for field in dataclasses.fields(recipe):
        value = getattr(recipe, field.name)
        if dataclasses.is_dataclass(value):
            yield from leaves(value, (*path, field.name))
        else:
            yield (*path, field.name)


def changed(recipe, path):
    """The recipe with another value at the path."""
    name, *rest = path
    value = getattr(recipe, name)
    if rest:
        return dataclasses.replace(recipe, **{name: changed(value, rest)})
    others = {
        "architecture": "matryoshka",
        "lr": 1e-2,
        "prefixes": (8, 64),
        "dtype": "bfloat16",
        "frozen": "decoder",
        "special": False,
    }
    if name == "tied":
        return dataclasses.replace(recipe, architecture="relu", tied=True)
    if name == "rows" and value is None:
        return dataclasses.replace(recipe, rows=40)
    if name == "prefixes":
        return dataclasses.replace(
            recipe,
            architecture="matryoshka",
            prefixes=others[name],
        )
    by_type = {str: lambda: value + "x", float: lambda: value / 2}
    other = (
        others[name]
        if name in others
        else by_type.get(
            type(value),
            lambda: value + 1,
        )()
    )
    return dataclasses.replace(recipe, **{name: other})


def test_the_key_changes_with_every_single_field_of_the_whole_provenance() -> None:
    recipe = asked()
    paths = list(leaves(recipe))
    assert ("site", "source", "model", "fingerprint") in paths
    found = {keys.key(changed(recipe, path)) for path in paths}
    assert len(found | {recipe.key}) == len(paths) + 1


def test_a_younger_field_is_no_part_of_the_key_at_its_old_value() -> None:
    old, new = ON_TEXT, Site(TEXT, layer=1, dtype="bfloat16")
    assert "dtype" not in keys.canonical(old)
    assert keys.canonical(new)["dtype"] == "bfloat16"
    assert Site(TEXT, layer=1, dtype="float32") == old
    assert keys.key(new) != keys.key(old)
    assert [keys.restored(keys.canonical(one)) for one in (old, new)] == [old, new]


def test_what_is_frozen_or_tied_is_part_of_the_key_only_where_it_is_asked_for() -> None:
    old = dataclasses.replace(asked(), architecture="relu")
    assert not {"frozen", "tied"} & keys.canonical(old).keys()
    assert dataclasses.replace(old, frozen="", tied=False).key == old.key
    held = old.sweep(frozen=["decoder", "soft-decoder", "encoder"])
    others = [*held, dataclasses.replace(old, tied=True)]
    assert len({one.key for one in (old, *others)}) == 5
    assert len({one.slug for one in (old, *others)}) == 5
    for one in others:
        assert keys.restored(json.loads(json.dumps(keys.canonical(one)))) == one


def test_the_key_is_the_same_for_equal_recipes() -> None:
    recipe = SAERecipe(Site(World(seed=1)), "relu", 8, 2)
    assert recipe.key == SAERecipe(Site(World(seed=1)), "relu", width=8, k=2.0).key
    assert len(recipe.key) == 64


def test_a_new_build_of_rows_renews_rows_and_saes_but_not_the_text(monkeypatch) -> None:
    recipe = asked()
    before = [keys.key(one) for one in (recipe.site.text, recipe.site, recipe)]
    monkeypatch.setitem(keys.BUILD, "rows", 2)
    after = [keys.key(one) for one in (recipe.site.text, recipe.site, recipe)]
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, False, False]


def test_what_nothing_rests_on_is_renewed_alone(monkeypatch) -> None:
    recipes = [asked(), ToyRecipe(HIERARCHY), BaselineRecipe(asked().site, "pca")]
    before = [keys.key(one) for one in recipes]
    monkeypatch.setitem(keys.REMADE, "toys", 9)
    after = [keys.key(one) for one in recipes]
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, False, True]


def test_a_description_of_an_unknown_class_is_refused() -> None:
    with pytest.raises(ValueError, match="class is one of"):
        keys.restored({"class": "os.system"})


def test_a_recipe_may_not_hold_what_has_no_description() -> None:
    with pytest.raises(TypeError, match="recipes, tuples, strings and numbers only"):
        keys.canonical({1, 2})


def test_a_text_read_by_another_model_is_another_thing_that_survives_its_description() -> (
    None
):
    site = Site(ReadText(TEXT, OTHER), layer=1, sample=1)
    recipe = dataclasses.replace(asked(), site=site)
    assert keys.restored(json.loads(json.dumps(keys.canonical(recipe)))) == recipe
    paths = list(leaves(recipe))
    assert ("site", "source", "model", "fingerprint") in paths
    assert ("site", "source", "text", "model", "fingerprint") in paths
    found = {keys.key(changed(recipe, path)) for path in paths}
    assert len(found | {recipe.key, asked().key}) == len(paths) + 2
    assert recipe.slug == "topk-w64-k4-seed0-untrained_a-reads-a_model-layer1-sample1"
    assert site.folder == "rows"


def test_every_class_of_the_registry_is_where_it_says() -> None:
    for name, home in keys.HOMES.items():
        assert getattr(importlib.import_module(home), name).__module__ == home


def test_a_description_is_read_by_a_process_that_has_imported_nothing() -> None:
    program = (
        "import json, sys; from saecore.recipes.keys import key, restored;"
        "print(*map(key, map(restored, json.load(sys.stdin))), sep='\\n')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps([keys.canonical(recipe) for recipe, *_ in KEYS]),
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout.split() == [key for *_, key in KEYS]


@pytest.mark.parametrize("recipe", [one for one, *_ in KEYS])
def test_a_recipe_says_what_it_needs_and_what_it_costs(recipe) -> None:
    assert isinstance(recipe, keys.Recipe)
    assert recipe.cost > 0
    held = keys.canonical(recipe)
    for one in recipe.needs:
        assert isinstance(one, keys.Recipe)
        changed_seed = getattr(
            recipe,
            "sample",
            0,
        )  # another sample is a text of another seed
        assert changed_seed or str(keys.canonical(one))[1:-1] in str(held)


@pytest.mark.parametrize(
    ("field", "other"), [("seed", "/../../x"), ("width", 64.0), ("k", "3")]
)
def test_a_field_of_another_type_has_no_key(field, other) -> None:
    recipe = SAERecipe(Site(World()), "topk", 64, 3)
    object.__setattr__(recipe, field, other)
    with pytest.raises(ValueError, match=f"{field} of SAERecipe must be"):
        keys.canonical(recipe)
