"""The k-th largest of an array, by halving, on integers that are ordered as the floats.

A float's bits, read as an integer, are ordered as the floats are if they are positive;
`make_keys` flips the others. Halving the range of integers ends after 32 steps for any
numbers, and counting is one pass that processors do sixteen at a time.
"""

import numpy as np

from saecore.compiled.loops import loop


@loop
def make_keys(bits):
    """The bits of float32 numbers become their keys, in place: as int32 they have the
    numbers' order, NaN above all.
    """
    for j in range(bits.shape[0]):
        bits[j] ^= (bits[j] >> 31) & 0x7FFFFFFF


@loop
def count_at_least(keys, least):
    """How many keys reach `least`."""
    count = 0
    for i in range(keys.shape[0]):
        count += keys[i] >= least
    return count


@loop
def kth_largest(keys, k, more):
    """A level that at least k of the keys reach, and k + more at most unless they tie:
    with more = 0 it parts the k largest from the others.
    """
    low, high = keys[0], keys[0]
    for i in range(keys.shape[0]):
        low, high = min(low, keys[i]), max(high, keys[i])
    while low < high:
        middle = np.int32((np.int64(low) + np.int64(high) + 1) >> 1)
        count = count_at_least(keys, middle)
        if count < k:
            high = np.int32(middle - 1)
        else:
            low = middle
            if count <= k + more:
                break
    return low
