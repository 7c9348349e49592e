"""Which latents are whose; what the processes tell each other is seen in
`test_sharded_block`.
"""

import pytest

from saecore.training.sharded.collectives import shard_of


@pytest.mark.parametrize(("width", "size"), [(64, 2), (61, 4), (5, 5), (7, 3)])
def test_every_latent_is_in_one_shard_and_shards_differ_by_one(width, size):
    shards = [shard_of(width, rank, size) for rank in range(size)]
    latents = [latent for shard in shards for latent in range(width)[shard]]
    assert latents == list(range(width))
    lengths = [shard.stop - shard.start for shard in shards]
    assert max(lengths) - min(lengths) <= 1
