"""What says that a job is done, and what it had to refuse."""

from saecore.scale.markers import marker_of, refusals, to_make, write_marker


def named(plan, kind):
    return [name for name in plan["jobs"] if name.startswith(kind)]


def test_what_was_refused_is_not_made_again(planned, tmp_path):
    _, plan = planned
    name = named(plan, "saes")[0]
    recipes, refused = to_make(tmp_path, plan["jobs"], name)
    assert list(recipes) == plan["jobs"][name]["keys"]
    assert refused == {}
    first = next(iter(recipes))
    write_marker(tmp_path, plan["jobs"], name, {first: "L0 is off"})
    assert refusals(marker_of(tmp_path, name)) == {first: "L0 is off"}
    left, refused = to_make(tmp_path, plan["jobs"], name)
    assert set(left) == set(recipes) - {first}
    assert refused == {first: "L0 is off"}


def test_what_rests_on_what_was_refused_is_refused(planned, tmp_path):
    _, plan = planned
    (rows,) = named(plan, "rows")
    key = plan["jobs"][rows]["keys"][0]
    write_marker(tmp_path, plan["jobs"], rows, {key: "they are all alike"})
    for name in named(plan, "saes"):
        left, refused = to_make(tmp_path, plan["jobs"], name)
        assert left == {}
        assert all("rests on what was refused" in why for why in refused.values())


def test_no_file_and_no_json_mean_that_nothing_was_refused(tmp_path):
    assert refusals(tmp_path / "none.json") == {}
    (tmp_path / "bad.json").write_text("[")
    assert refusals(tmp_path / "bad.json") == {}
