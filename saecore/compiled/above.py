"""The pre-activations above a floor, row by row: from a float32 product, or from a
bfloat16 one with the bounds of its error.

Latents are looked at in blocks: whether any of a block reaches its floor is one
comparison of many numbers, and most blocks have none.
"""

import numpy as np

from saecore.compiled.loops import loop
from saecore.compiled.screening import ROUNDING, dot

BLOCK = 32
"""Latents that are looked at together."""


@loop
def any_above(values, floor):
    """Whether one of the values is above its floor, or is not a number."""
    count = 0
    for j in range(values.shape[0]):
        count += not values[j] <= floor[j]
    return count > 0


@loop
def rows_above(pre, floor, first, row, latent, value):
    """Row, latent and value of every entry of `pre` [row, latent] above the floor of
    its latent, ascending; returns how many. Rows are numbered from `first`.
    """
    count = 0
    for r in range(pre.shape[0]):
        for start in range(0, pre.shape[1], BLOCK):
            block, least = pre[r, start : start + BLOCK], floor[start : start + BLOCK]
            if any_above(block, least):
                for j in range(block.shape[0]):
                    if block[j] > least[j]:
                        row[count] = first + r
                        latent[count] = start + j
                        value[count] = block[j]
                        count += 1
    return count


@loop
def upper_bounds(near, bias, norm, reach, bits, most):
    """What the pre-activations reach at most, from the 16 bits of bfloat16 products:
    product + bias + reach * norm + rounding * |product|.
    """
    for j in range(near.shape[0]):
        bits[j] = np.int32(near[j]) << 16
    product = bits.view(np.float32)
    for j in range(near.shape[0]):
        off = reach * norm[j] + ROUNDING * abs(product[j])
        most[j] = product[j] + bias[j] + off


@loop
def screened_above(
    near, rows, w_enc, bias, norm, reach, floor, first, row, latent, value
):
    """What `rows_above` gives for rows w_encᵀ + bias, from the bits of rows w_encᵀ in
    bfloat16 (`near`), the norm of each direction, and what the product of unit
    directions may be off by (`reach` [row]).
    """
    count, width = 0, near.shape[1]
    bits, most = np.empty(width, np.int32), np.empty(width, np.float32)
    for r in range(near.shape[0]):
        upper_bounds(near[r], bias, norm, reach[r], bits, most)
        for start in range(0, width, BLOCK):
            stop = min(start + BLOCK, width)
            if any_above(most[start:stop], floor[start:stop]):
                for j in range(start, stop):
                    if not most[j] <= floor[j]:
                        exact = dot(rows[r], w_enc[j]) + bias[j]
                        row[count] = first + r
                        latent[count] = j
                        value[count] = exact
                        count += exact > floor[j]
    return count
