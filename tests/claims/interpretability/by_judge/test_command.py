"""The whole command against a server on this machine: cost, consent, scores, resuming."""

import json
import re

import pytest

from saecore.claims.interpretability.by_judge import command
from saecore.errors import ZooError
from saecore.judge.chat import ChatError

ASKED = {"latents": 2, "null": True, "out": None}
REQUESTS = 2 * (1 + 10 + 10)


def knows(asked):
    """Explains by the strongest token, and finds it again."""
    text = asked["messages"][1]["content"]
    lines = [line.split("\t") for line in text.splitlines() if "\t" in line]
    if "study a unit" in asked["messages"][0]["content"]:
        return max(lines, key=lambda line: int(line[1]))[0]
    word = text.splitlines()[0].removeprefix("The unit reacts to: ").strip()
    return json.dumps({n: 10 for n, token in lines if token.strip() == word})


def distinct(server):
    """How many questions came; none of them twice."""
    asked = [json.dumps(one) for _, one in server.seen]
    assert len(set(asked)) == len(asked)
    return len(asked)


@pytest.fixture
def run(zoo, profile, server, endpoint, monkeypatch, tmp_path):
    """The command on the planted zoo, with a folder of its own for answers."""
    monkeypatch.setattr(zoo, "root", tmp_path)
    monkeypatch.setattr(command, "open_zoo", lambda _: zoo)
    monkeypatch.setattr(command, "estimate", lambda *_: "nothing has to be made")
    server.script = [knows]

    def run(names=("SAE",), *, yes=True, **more):
        return command.judge_dictionaries(
            endpoint, profile, names, yes=yes, **(ASKED | more)
        )

    return run


def test_scores_stand_beside_rules_and_nulls_and_in_a_file(run, server, capsys):
    path = run(["SAE", "PCA"])
    assert path.name == "tiny-0-small.json"
    stored = json.loads(path.read_text())
    assert [one["dictionary"] for one in stored["dictionaries"]] == ["SAE", "PCA"]
    means = stored["dictionaries"][0]["means"]
    assert (
        means["judge"]["value"]
        > 0.9
        > 0.2
        > means["rules, another latent's rule"]["value"]
    )
    sent = distinct(server)
    assert 1.5 * REQUESTS < sent <= 2 * REQUESTS
    assert stored["tokens_of_this_run"] == {"in": 7 * sent, "out": 3 * sent}
    said = capsys.readouterr().out
    assert f"would be sent {2 * REQUESTS} requests" in said
    assert "judge minus rules" in said
    assert not list(path.parent.glob("*.part"))


def test_nothing_is_sent_without_consent(run, server, monkeypatch, capsys):
    with pytest.raises(
        ValueError, match="no terminal to ask at: run it again with --yes"
    ):
        run(yes=False)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _: "")
    assert run(yes=False) is None
    assert "nothing was sent" in capsys.readouterr().out
    assert server.seen == []
    monkeypatch.setattr("builtins.input", lambda _: "y")
    assert run(yes=False, null=False).exists()


def test_a_stopped_run_goes_on_and_asks_nothing_twice(run, server, capsys):
    server.script = [knows] * 20 + [(401, b"", {})]
    with pytest.raises(ChatError, match="answered 401"):
        run()
    server.script = [knows]
    path = run()
    (rest,) = re.findall(r"would be sent (\d+) req.*answered", capsys.readouterr().out)[
        1:
    ]
    assert REQUESTS - 25 < int(rest) <= REQUESTS - 20
    del server.seen[20]  # the one that was refused, and came again
    sent, first = distinct(server), path.read_text()
    assert run(yes=False) == path  # no consent is needed where nothing is sent
    assert distinct(server) == sent <= REQUESTS
    assert "answered before" in capsys.readouterr().out
    assert (
        json.loads(path.read_text())["dictionaries"]
        == json.loads(first)["dictionaries"]
    )


def test_without_a_null_half_is_asked(run, server, tmp_path):
    run(null=False, out=tmp_path / "a" / "b.json")
    assert distinct(server) == 2 * (1 + 10)
    assert (tmp_path / "a" / "b.json").exists()


def test_an_unknown_dictionary_is_named(run):
    with pytest.raises(ValueError, match=r"SAE, coordinates, .*, but 'LDA' was asked"):
        run(["LDA"])


def test_errors_are_sentences_for_the_command_line(capsys):
    from saecore.__main__ import main

    assert not issubclass(ChatError, ZooError)
    asked = ["judge", "--model", "small", "--base-url", "http://example.org/v1"]
    assert main([*asked, "--key-variable", "K"]) == 1
    assert capsys.readouterr().err.startswith(
        "saecore: a key may travel encrypted only"
    )
