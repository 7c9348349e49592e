"""What the processes of one training tell each other, by `torch.distributed`.

Every function is called by all of them alike, with tensors of one shape.
"""

import torch.distributed as dist
from torch import Tensor


def shard_of(width: int, rank: int, size: int) -> slice:
    """The latents of one process: a run of them, as long as the others' or one more."""
    return slice(width * rank // size, width * (rank + 1) // size)


def sum_over_processes(x: Tensor) -> Tensor:
    """The sum over all processes, in place."""
    dist.all_reduce(x)
    return x


def from_all_processes(x: Tensor) -> Tensor:
    """Everybody's tensors [process, ...]."""
    out = x.new_empty(dist.get_world_size(), *x.shape)
    dist.all_gather(list(out.unbind()), x.contiguous())
    return out


def joined_shards(x: Tensor, width: int) -> Tensor | None:
    """The whole of what is sharded by latents, on the processor of process 0; None
    elsewhere.
    """
    rank, size = dist.get_rank(), dist.get_world_size()
    own = x.cpu().contiguous()
    if rank:
        dist.send(own, 0)
        return None
    whole = x.new_empty(width, *x.shape[1:], device="cpu")
    whole[shard_of(width, 0, size)] = own
    for other in range(1, size):
        dist.recv(whole[shard_of(width, other, size)], other)
    return whole
