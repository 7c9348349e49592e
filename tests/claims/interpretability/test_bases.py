"""The recipes of the bases."""

from saecore import profiles
from saecore.claims.interpretability.bases import bases
from saecore.claims.seed_dependence.grid import model_seeds, world_seeds

SUBJECT, SIZES = profiles.read("tiny"), profiles.WorldProfile()
GRID = bases(SUBJECT, SIZES)


def test_bases_read_the_same_rows_as_the_saes_they_are_compared_with():
    assert {one.site for drawn in GRID.model.values() for one in drawn} == {
        model_seeds(SUBJECT).base[0].site
    }
    layers = {n: rs[0].site for n, rs in model_seeds(SUBJECT).layers.items()}
    for by_layer in GRID.layers.values():
        assert {layer: one.site for layer, one in by_layer.items()} == layers
    assert {one.site for one in GRID.world.values()} == {
        world_seeds(SUBJECT, SIZES).base[0].site
    }


def test_the_bases_of_the_base_layer_are_asked_for_once():
    listed = GRID.recipes()
    assert len(listed) == len(set(listed)) == 8 + 4 * 3 + 2
    for name, by_layer in GRID.layers.items():
        assert by_layer[SUBJECT.layer] == GRID.model[name][0]
