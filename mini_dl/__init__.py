"""mini_dl: a deep-learning engine in NumPy that is small enough to be read.

The names and their meanings are PyTorch's. Read the files in this order, each stands on those before:

1.  `autograd.py`: the walk back through a computation; how a gradient reaches every parameter
2.  `tensor.py`: `Tensor`, and `op`, which turns NumPy functions into recorded operations
3.  `ops.py`: the operations, each forward pass beside its vector-Jacobian products
4.  `creation.py`: zeros, randn, manual_seed and the like
5.  `nn/functional.py`: what layers compute: activations, losses, normalisation, embedding
6.  `nn/conv.py`, `nn/attention.py`, `nn/recurrent.py`: the large fused operations
7.  `nn/init.py`: where weights start
8.  `nn/modules.py`: `Module` and the layers
9.  `optim.py`: the optimisers, then the learning-rate schedules; `nn/utils.py`: gradients clipped
10. `data.py`: batches
11. `serialize.py`: weights to a file and back
12. `debug.py`: gradients checked, the first NaN found, graphs drawn
13. Helpers: `nn/blocks.py` (work in pieces that fit the cache), `changes.py` (data changed in place),
    `types.py` (float32 stays float32), `errors.py` (messages), `memory.py` (a setting for speed)

To build your own operation: `mini_dl.op`, explained in `tensor.py`.

>>> import mini_dl
>>> w = mini_dl.tensor([1.0, 2.0], requires_grad=True)
>>> loss = (w * w).sum()
>>> loss.backward()
>>> w.grad
tensor([2., 4.])
"""

__version__ = "0.1.0"

from mini_dl import autograd, creation, data, debug, nn, ops, optim
from mini_dl.autograd import no_grad
from mini_dl.creation import *  # noqa: F403
from mini_dl.memory import keep_freed_memory
from mini_dl.ops import *  # noqa: F403
from mini_dl.serialize import load, save
from mini_dl.tensor import Tensor, op

__all__ = ["Tensor", "autograd", "data", "debug", "keep_freed_memory", "load", "nn", "no_grad", "op"]
__all__ += ["optim", "save"]
__all__ += [*creation.__all__, *ops.__all__]
