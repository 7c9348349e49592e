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
def places_above(values, floor, found):
    """Where a row's values are above their floors or are no numbers; how many. `found`
    has room for one more than there are values.
    """
    count, width = 0, values.shape[0]
    for start in range(0, width, BLOCK):
        stop = min(start + BLOCK, width)
        if any_above(values[start:stop], floor[start:stop]):
            for j in range(start, stop):  # without a branch: most are not
                found[count] = j
                count += not values[j] <= floor[j]
    return count


@loop
def rows_above(pre, floor, first, row, latent, value):
    """Row, latent and value of every entry of `pre` [row, latent] above the floor of
    its latent, ascending; returns how many. Rows are numbered from `first`.
    """
    count, found = 0, np.empty(pre.shape[1] + 1, np.int32)
    for r in range(pre.shape[0]):
        for i in range(places_above(pre[r], floor, found)):
            j = found[i]
            if pre[r, j] > floor[j]:
                row[count] = first + r
                latent[count] = j
                value[count] = pre[r, j]
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
    found = np.empty(width + 1, np.int32)
    for r in range(near.shape[0]):
        upper_bounds(near[r], bias, norm, reach[r], bits, most)
        for i in range(places_above(most, floor, found)):
            j = found[i]
            exact = dot(rows[r], w_enc[j]) + bias[j]
            if exact > floor[j]:
                row[count] = first + r
                latent[count] = j
                value[count] = exact
                count += 1
    return count
