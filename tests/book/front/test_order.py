"""The one order of claims: that of the chapters."""

from pathlib import Path

from saecore.book.front.order import chapters, claims_in_order
from saecore.report.judging.claim import Claim

CONTENTS = """
parts:
  - chapters:
      - file: notebooks/erasure
        sections:
          - file: notebooks/below
      - file: notebooks/absorption
  - chapters:
      - file: about
"""


def test_claims_stand_as_their_pages_do_and_those_without_one_come_last(tmp_path):
    contents = tmp_path / "_toc.yml"
    contents.write_text(CONTENTS)
    assert chapters(contents) == [
        "notebooks/erasure",
        "notebooks/below",
        "notebooks/absorption",
        "about",
    ]
    names = [claim.name for claim in claims_in_order(contents)]
    assert names[:2] == ["erasure", "absorption"]
    assert sorted(names) == sorted(Claim.names())


def test_the_claims_are_written_down_as_their_pages_follow_each_other():
    contents = Path(__file__).parents[3] / "book" / "_toc.yml"
    assert Claim.names() == [claim.name for claim in claims_in_order(contents)]
