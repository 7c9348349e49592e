"""Nothing of an orphan is in the other seed."""

from saecore.claims.seed_dependence.orphans.pieces import in_pieces


def test_shared_latents_are_one_piece_and_orphans_as_few_as_the_null(found):
    pieces = in_pieces(found.model.base, counts=[1, 4])
    assert list(pieces) == ["shared", "orphans", "orphans, from the null"]
    assert pieces["shared"][0] > 0.7
    assert pieces["orphans"][0] < 0.5
    for one, four in pieces.values():
        assert one <= four + 1e-6


def test_where_nothing_is_shared_there_is_no_such_row(found):
    base = found.model.base
    apart = base.claim.moved(cosine=1.0)
    strict = base._replace(claim=apart, pairs=_strict(base.pairs))
    assert list(in_pieces(strict, counts=[1])) == ["orphans", "orphans, from the null"]


def _strict(pairs):
    raised = {place: m._replace(threshold=1.01) for place, m in pairs.matchings.items()}
    return pairs._replace(matchings=raised)
