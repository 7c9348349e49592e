"""Seeds by purpose."""

from saecore.seeding import stable_seed


def test_seeds_of_different_purposes_differ_and_never_change() -> None:
    assert (
        len(
            {
                stable_seed(purpose, number)
                for purpose in ("init", "order", "text")
                for number in range(100)
            }
        )
        == 300
    )
    assert stable_seed("init", 0) == stable_seed("init", 0) < 2**31
    assert stable_seed("init", 0) == 1788506548
