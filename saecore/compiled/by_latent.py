"""Entries in the order of their latents, by counting."""

from saecore.compiled.loops import loop


@loop
def sort_by_latent(latent, order, starts):
    """The stable order that sorts the entries by latent, and where each latent's begin.

    `latent` [entry] int32; `order` [entry] and `starts` [latents + 1], both int32, are
    written.
    """
    latents = starts.shape[0] - 1
    starts[:] = 0
    for entry in range(latent.shape[0]):
        starts[latent[entry] + 1] += 1
    for j in range(latents):
        starts[j + 1] += starts[j]
    for entry in range(latent.shape[0]):
        j = latent[entry]
        order[starts[j]] = entry
        starts[j] += 1
    for j in range(latents, 0, -1):
        starts[j] = starts[j - 1]
    starts[0] = 0
