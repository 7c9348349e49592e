"""TopK of every row, exact, by lane maxima.

A row is cut into lanes, latents that lie one stride apart. What the k-th largest of the
lanes' maxima reaches holds the k largest numbers, and only lanes that reach it are
looked into.
"""

import numpy as np

from saecore.compiled.kth_largest import count_at_least, kth_largest, make_keys
from saecore.compiled.loops import loop


@loop
def stride_of(width, k):
    """Number of lanes: at least 4 k of them, of 16 latents at most."""
    depth = 16
    while depth > 1 and width // depth < 4 * k:
        depth //= 2
    return width // depth


@loop
def raise_lanes(keys, lanes):
    """Lane maxima, raised to these keys."""
    for j in range(keys.shape[0]):
        lanes[j] = max(keys[j], lanes[j])


@loop
def reaching(keys, lanes, least, hit, found):
    """Which keys reach `least`, ascending, from the lanes' maxima; how many."""
    stride, width = lanes.shape[0], keys.shape[0]
    hits = 0
    for lane in range(stride):
        hit[hits] = lane
        hits += lanes[lane] >= least
    count, start = 0, 0
    while start + stride <= width:
        for i in range(hits):
            j = start + hit[i]
            found[count] = j
            count += keys[j] >= least
        start += stride
    for j in range(start, width):
        found[count] = j
        count += keys[j] >= least
    return count


@loop
def keep_largest(values, found, count, k, keys, value, latent):
    """The k largest of `count` numbers, ties by the lower latent."""
    keys = keys[:count]
    keys[:] = values[:count].view(np.int32)
    make_keys(keys)
    least = kth_largest(keys, k, 0)
    spare = k - count_at_least(keys, least + 1)
    kept = 0
    for i in range(count):
        if keys[i] > least or (keys[i] == least and spare > 0):
            spare -= keys[i] == least
            value[kept] = values[i]
            latent[kept] = found[i]
            kept += 1


@loop
def top_k_rows(pre, k, value, latent):
    """The k largest of every row, and where they are, ascending.

    `pre` [row, latent] float32; `value` [row, k] float32 and `latent` [row, k] int32
    are written.
    """
    width = pre.shape[1]
    stride = stride_of(width, k)
    keys, lanes = np.empty(width, np.int32), np.empty(stride, np.int32)
    hit, found = np.empty(stride + 1, np.int32), np.empty(width + 1, np.int32)
    values = np.empty(width, np.float32)
    for r in range(pre.shape[0]):
        keys[:] = pre[r].view(np.int32)
        make_keys(keys)
        lanes[:] = keys[:stride]
        for start in range(stride, width - stride + 1, stride):
            raise_lanes(keys[start : start + stride], lanes)
        least = kth_largest(lanes, k, k // 4)
        count = reaching(keys, lanes, least, hit, found)
        for i in range(count):
            values[i] = pre[r, found[i]]
        keep_largest(values, found, count, k, keys, value[r], latent[r])
