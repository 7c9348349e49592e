"""Seeds by purpose."""

from saecore.seeding import hashed, stable_seed


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


def test_a_text_has_31_bits_that_never_change() -> None:
    assert hashed(repr(("init", 0))) == stable_seed("init", 0)
    assert hashed("a text") != hashed("another text")
    assert 0 <= hashed("a text") < 2**31
