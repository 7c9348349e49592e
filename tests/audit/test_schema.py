"""The schema is one, and takes nothing else."""

import copy

import jsonschema
import pytest

from saecore.audit.numbers import number
from saecore.audit.report import FORMAT, AuditFound, AuditReport
from saecore.audit.schema import SCHEMA

SAE = {"name": "S", "width": 2, "d_model": 3, "architecture": "standard",
       "hook_name": "", "model_name": "", "stored_dtype": "", "format": ""}  # fmt: skip


@pytest.fixture
def said():
    numbers = [number("meta", "m", "S", float("nan"), says="s")]
    report = AuditReport(SAE, [SAE], "", "", 0.7, {}, numbers, [], AuditFound())
    return report.as_json()


def test_the_schema_is_a_schema_and_takes_a_report(said):
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(said, SCHEMA)
    assert said["numbers"][0]["value"] is None
    assert SCHEMA["properties"]["audit"]["const"] == FORMAT


@pytest.mark.parametrize("change", ["more", "less", "section"])
def test_other_json_is_refused(said, change):
    other = copy.deepcopy(said)
    if change == "more":
        other["numbers"][0]["p"] = 0.05
    elif change == "less":
        del other["sae"]["width"]
    else:
        other["numbers"][0]["section"] = "seeds"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(other, SCHEMA)
