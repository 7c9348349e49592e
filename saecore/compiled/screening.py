"""Exact selection from a bfloat16 product: what may be chosen by the bounds of its
error is computed again in float32, and chosen by that.
"""

import numpy as np

from saecore.compiled.kth_largest import kth_largest, make_keys
from saecore.compiled.loops import loop
from saecore.compiled.top_k import keep_largest, raise_lanes, reaching, stride_of

ROUNDING = np.float32(1.01 * 2.0**-8)
"""Largest error of a number in bfloat16, in units of what it was rounded to."""


@loop
def bounds(near, bias, norm, reach, bits, low, high):
    """Keys of what the pre-activations reach at least and at most, from the 16 bits of
    bfloat16 products: product + bias -+ (reach * norm + rounding * |product|).
    """
    for j in range(near.shape[0]):
        bits[j] = np.int32(near[j]) << 16
    product = bits.view(np.float32)
    least, most = low.view(np.float32), high.view(np.float32)
    for j in range(near.shape[0]):
        off = reach * norm[j] + ROUNDING * abs(product[j])
        middle = product[j] + bias[j]
        least[j] = middle - off
        most[j] = middle + off
    make_keys(low)
    make_keys(high)


@loop
def dot(a, b):
    """Inner product of two vectors."""
    total = np.float32(0)
    for c in range(a.shape[0]):
        total += a[c] * b[c]
    return total


@loop
def tightened(low, high, found, count, k, keys):
    """Of `count` candidates, those whose upper bound reaches the k-th largest lower
    bound; how many.
    """
    for i in range(count):
        keys[i] = low[found[i]]
    least = kth_largest(keys[:count], k, 0)
    kept = 0
    for i in range(count):
        j = found[i]
        found[kept] = j
        kept += high[j] >= least
    return kept


@loop
def screened_top_k(near, rows, w_enc, bias, norm, reach, k, value, latent):
    """The k largest of every row of rows w_encᵀ + bias, and where they are, ascending.

    `near` [row, latent] holds the bits of rows w_encᵀ in bfloat16, `norm` the norm of
    each direction, `reach` [row] what the product of unit directions may be off by.
    `value` [row, k] float32 and `latent` [row, k] int32 are written.
    """
    width = near.shape[1]
    stride = stride_of(width, k)
    bits, low = np.empty(width, np.int32), np.empty(width, np.int32)
    high, values = np.empty(width, np.int32), np.empty(width, np.float32)
    lanes, highest = np.empty(stride, np.int32), np.empty(stride, np.int32)
    hit, found = np.empty(stride + 1, np.int32), np.empty(width + 1, np.int32)
    for r in range(near.shape[0]):
        bounds(near[r], bias, norm, reach[r], bits, low, high)
        lanes[:] = low[:stride]
        highest[:] = high[:stride]
        for start in range(stride, width - stride + 1, stride):
            raise_lanes(low[start : start + stride], lanes)
            raise_lanes(high[start : start + stride], highest)
        least = kth_largest(lanes, k, k // 4)
        count = reaching(high, highest, least, hit, found)
        count = tightened(low, high, found, count, k, bits)
        for i in range(count):
            values[i] = dot(rows[r], w_enc[found[i]]) + bias[found[i]]
        keep_largest(values, found, count, k, bits, value[r], latent[r])
