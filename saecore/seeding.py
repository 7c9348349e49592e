"""Seeds for what they are for."""

import hashlib


def stable_seed(*parts: object) -> int:
    """A seed of 31 bits from what it is for, such as ("order", 3): no two purposes ever
    share a seed.

    A world and an SAE's initialisation that share a seed are not independent: the SAE
    then starts on the truth.
    """
    return hashed(repr(parts))


def hashed(text: str) -> int:
    """The first 31 bits of the SHA-256 of a text: the same in every process."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") >> 1
