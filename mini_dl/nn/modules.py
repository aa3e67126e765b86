"""`Module`, and the layers built on it. Names, shapes and starting values are PyTorch's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from mini_dl.changes import changed
from mini_dl.creation import ones, zeros
from mini_dl.nn import functional as F  # noqa: N812
from mini_dl.nn import init
from mini_dl.ops import softmax, stack
from mini_dl.tensor import Tensor, unwrap

__all__ = ["GELU", "GRU", "LSTM", "RNN", "AvgPool2d", "BCEWithLogitsLoss", "BatchNorm1d", "BatchNorm2d"]
__all__ += ["Buffer", "Conv2d", "CrossEntropyLoss", "Dropout", "Embedding", "Flatten", "LayerNorm"]
__all__ += ["LeakyReLU", "Linear", "MSELoss", "MaxPool2d", "Module", "ModuleList", "MultiheadAttention"]
__all__ += ["Parameter", "ReLU", "Sequential", "Sigmoid", "Tanh"]


class Parameter(Tensor):
    """A tensor that a module learns; on the memory of `data`.

    >>> Parameter(zeros(2)).requires_grad
    True
    """

    __slots__ = ()

    def __init__(self, data: Any, requires_grad: bool = True) -> None:
        self._become(np.asarray(unwrap(data)))
        self.requires_grad = requires_grad


class Buffer(Parameter):
    """A tensor that belongs to a module's state but is not learned, such as a running mean; see `Parameter`.

    It lies on the memory of `data`.

    >>> Buffer(zeros(2)).requires_grad
    False
    """

    __slots__ = ()

    def __init__(self, data: Any) -> None:
        super().__init__(data, requires_grad=False)


class Module:
    """A part of a network: parameters, buffers and smaller modules, and a `forward` that uses them.

    Whatever of these is assigned to an attribute is found again by walking over the attributes. `forward`
    says which shapes go in and come out.

    >>> class Scale(Module):
    ...     def __init__(self):
    ...         self.factor = Parameter(ones(1))
    ...     def forward(self, x):
    ...         return self.factor * x
    >>> Scale()(tensor([2.0]))
    tensor([2.], grad_fn=<mul>)
    """

    training = True

    def forward(self, *inputs: Any, **options: Any) -> Any:
        """Compute the output: written by each kind of module."""
        raise NotImplementedError(f"{type(self).__name__} has no forward(); define `def forward(self, x):`")

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        """Run `forward`."""
        return self.forward(*inputs, **options)

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Yield (name, module) for the modules directly inside."""
        return ((name, part) for name, part in vars(self).items() if isinstance(part, Module))

    def modules(self) -> Iterator[Module]:
        """Yield this module and all inside it."""
        yield self
        for _, child in self.named_children():
            yield from child.modules()

    def _state(self, kind: Callable[[Any], bool], prefix: str = "") -> Iterator[tuple[str, Tensor]]:
        """Yield the named tensors of a kind, a module's own before those of its children."""
        yield from ((prefix + name, part) for name, part in vars(self).items() if kind(part))
        for name, child in self.named_children():
            yield from child._state(kind, f"{prefix}{name}.")

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Yield (name, parameter); one shared by several modules comes once."""
        seen = set()
        for name, p in self._state(_is_learned):
            if id(p) not in seen:
                seen.add(id(p))
                yield name, p  # type: ignore[misc]

    def parameters(self) -> Iterator[Parameter]:
        """Yield all parameters: what an optimiser is given."""
        return (p for _, p in self.named_parameters())

    def named_buffers(self) -> Iterator[tuple[str, Tensor]]:
        """Yield (name, buffer)."""
        return self._state(lambda part: isinstance(part, Buffer))

    def register_buffer(self, name: str, tensor: Tensor) -> None:
        """Keep a tensor in the state without learning it; the same as `self.name = Buffer(tensor)`."""
        setattr(self, name, Buffer(tensor))

    def state_dict(self) -> dict[str, Tensor]:
        """Return all parameters and buffers by name, sharing their memory."""
        state = {}
        for kind in (_is_learned, lambda part: isinstance(part, Buffer)):
            state.update({name: part.detach() for name, part in self._state(kind)})
        return state

    def load_state_dict(self, state: dict[str, Any], strict: bool = True) -> None:
        """Copy values into parameters and buffers of the same names.

        Parameters
        ----------
        state
            Names and tensors, arrays or PyTorch tensors.
        strict
            Whether missing and unexpected names are errors.

        Raises
        ------
        RuntimeError
            Listing all names that are missing, unexpected or of another shape; nothing is then changed.
        """
        mine = dict(self._state(lambda part: isinstance(part, Parameter)))
        arrays = {
            name: np.asarray(value.detach() if hasattr(value, "detach") else value)
            for name, value in state.items()
        }
        problems = [
            f"{name}: shape {arrays[name].shape} given, {t.shape} needed"
            for name, t in mine.items()
            if name in arrays and arrays[name].shape != t.shape
        ]
        if strict:
            problems += [f"{name}: missing" for name in mine if name not in arrays]
            problems += [f"{name}: unexpected" for name in arrays if name not in mine]
        if problems:
            raise RuntimeError(f"load_state_dict for {type(self).__name__}:\n  " + "\n  ".join(problems))
        for name in mine.keys() & arrays.keys():
            mine[name]._data[...] = arrays[name]
            changed(mine[name]._data)

    def train(self, mode: bool = True) -> Module:
        """Switch to training behaviour (dropout, batch statistics), here and inside."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Module:
        """Switch to evaluation behaviour."""
        return self.train(False)

    def to(self, dtype: Any) -> Module:
        """Convert all float parameters and buffers to a NumPy type, in place."""
        for _, t in self._state(lambda part: isinstance(part, Parameter)):
            if t._data.dtype.kind == "f":
                t._data, t._grad = t._data.astype(dtype), None
        return self

    def zero_grad(self) -> None:
        """Forget all parameters' gradients."""
        for p in self.parameters():
            p.zero_grad()

    def extra_repr(self) -> str:
        """Return what stands in the brackets of repr: the settings."""
        shown = (
            (k, v)
            for k, v in vars(self).items()
            if isinstance(v, int | float | str | tuple) and k != "training"
        )
        return ", ".join(f"{k}={v}" for k, v in shown)

    def __repr__(self) -> str:
        inside = [f"({name}): {child!r}".replace("\n", "\n  ") for name, child in self.named_children()]
        if not inside:
            return f"{type(self).__name__}({self.extra_repr()})"
        return f"{type(self).__name__}(\n  " + "\n  ".join(inside) + "\n)"


def _is_learned(part: Any) -> bool:
    return isinstance(part, Parameter) and not isinstance(part, Buffer)


class ModuleList(Module):
    """A list of `modules` that is seen as a part; it has no forward of its own, so no shapes.

    >>> len(ModuleList([ReLU(), Tanh()]))
    2
    """

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        for module in modules:
            self.append(module)

    def append(self, module: Module) -> None:
        """Add a module at the end."""
        setattr(self, str(len(self)), module)

    def __len__(self) -> int:
        return sum(1 for _ in self.named_children())

    def __iter__(self) -> Iterator[Module]:
        return (child for _, child in self.named_children())

    def __getitem__(self, index: int) -> Module:
        return list(self)[index]


class Sequential(ModuleList):
    """The given `modules` one after the other: each takes the shape that the one before gives.

    >>> Sequential(Linear(2, 3), ReLU())
    Sequential(
      (0): Linear(in_features=2, out_features=3, bias=True)
      (1): ReLU()
    )
    """

    def __init__(self, *modules: Module) -> None:
        super().__init__(modules)

    def forward(self, x: Tensor) -> Tensor:
        """Pass x through all modules in order."""
        for part in self.__dict__.values():
            if isinstance(part, Module):
                x = part(x)
        return x


# ---- layers ----------------------------------------------------------------------------------------


class Linear(Module):
    """x @ weight.T + bias: (..., in_features) to (..., out_features), see `linear`.

    Weights and bias start uniform in ±1/√in_features.

    >>> Linear(3, 2)(ones(5, 3)).shape
    (5, 2)
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        self.in_features, self.out_features = in_features, out_features
        bound = max(1, in_features) ** -0.5
        self.weight = Parameter(init.uniform_(zeros(out_features, in_features), -bound, bound))
        self.bias = Parameter(init.uniform_(zeros(out_features), -bound, bound)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """Map the last axis of x."""
        return F.linear(x, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Return the sizes."""
        return f"{super().extra_repr()}, bias={self.bias is not None}"


class Conv2d(Module):
    """A convolution: (batch, in_channels, height, width) to (batch, out_channels, …), see `conv2d`.

    Weights and bias start uniform in ±1/√fan_in.

    Parameters
    ----------
    in_channels, out_channels, bias
        Sizes, and whether a bias is added.
    kernel_size, stride, padding, dilation
        As in `conv2d`: one number, or one for the height and one for the width.

    >>> Conv2d(1, 8, 5, padding=2)(zeros(4, 1, 28, 28)).shape
    (4, 8, 28, 28)
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        bias: bool = True,
    ) -> None:
        self.in_channels, self.out_channels, self.kernel_size = in_channels, out_channels, kernel_size
        self.stride, self.padding, self.dilation = stride, padding, dilation
        window = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
        bound = (in_channels * window[0] * window[1]) ** -0.5
        self.weight = Parameter(init.uniform_(zeros(out_channels, in_channels, *window), -bound, bound))
        self.bias = Parameter(init.uniform_(zeros(out_channels), -bound, bound)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """Convolve a batch of images."""
        return F.conv2d(x, self.weight, self.bias, self.stride, self.padding, self.dilation)


class _Pool(Module):
    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        self.kernel_size, self.stride, self.padding = kernel_size, stride or kernel_size, padding


class MaxPool2d(_Pool):
    """The largest value in each window; kernel_size, stride, padding and shapes: see `max_pool2d`.

    >>> MaxPool2d(2)(zeros(1, 3, 8, 8)).shape
    (1, 3, 4, 4)
    """

    def forward(self, x: Tensor) -> Tensor:
        """Pool a batch of images."""
        return F.max_pool2d(x, self.kernel_size, self.stride, self.padding)


class AvgPool2d(_Pool):
    """The mean of each window; kernel_size, stride, padding and shapes: see `avg_pool2d`.

    >>> AvgPool2d(2)(zeros(1, 3, 8, 8)).shape
    (1, 3, 4, 4)
    """

    def forward(self, x: Tensor) -> Tensor:
        """Pool a batch of images."""
        return F.avg_pool2d(x, self.kernel_size, self.stride, self.padding)


class Flatten(Module):
    """All axes from start_dim on in one.

    >>> Flatten()(zeros(4, 3, 2)).shape
    (4, 6)
    """

    def __init__(self, start_dim: int = 1) -> None:
        self.start_dim = start_dim

    def forward(self, x: Tensor) -> Tensor:
        """Join the axes of x."""
        return x.reshape(*x.shape[: self.start_dim], int(np.prod(x.shape[self.start_dim :])))


class Dropout(Module):
    """Zeros in random places, with probability p, while training; any shape, see `dropout`.

    >>> Dropout(0.5).eval()(ones(3))
    tensor([1., 1., 1.])
    """

    def __init__(self, p: float = 0.5) -> None:
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """Drop elements of x."""
        return F.dropout(x, self.p, self.training)


class Embedding(Module):
    """A learned vector for each of num_embeddings things: (...) to (..., embedding_dim), see `embedding`.

    The vectors start normal with variance 1.

    >>> Embedding(10, 3)(tensor([[1, 2]])).shape
    (1, 2, 3)
    """

    def __init__(self, num_embeddings: int, embedding_dim: int) -> None:
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.weight = Parameter(init.normal_(zeros(num_embeddings, embedding_dim)))

    def forward(self, index: Tensor) -> Tensor:
        """Look up vectors."""
        return F.embedding(index, self.weight)


class BatchNorm1d(Module):
    """Batch normalisation of (batch, num_features), see `batch_norm` for eps and momentum.

    Raises
    ------
    ValueError
        If the input has another number of axes.

    >>> BatchNorm1d(3)(zeros(4, 3)).shape
    (4, 3)
    """

    _axes: tuple[int, ...] = (2, 3)

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.weight, self.bias = Parameter(ones(num_features)), Parameter(zeros(num_features))
        self.running_mean, self.running_var = Buffer(zeros(num_features)), Buffer(ones(num_features))
        self.num_batches_tracked = Buffer(np.array(0))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise x per channel."""
        if x.ndim not in self._axes:
            raise ValueError(f"{type(self).__name__}: input {x.shape} must have {self._axes} axes")
        if self.training:
            self.num_batches_tracked._data += 1
        state = self.running_mean, self.running_var, self.weight, self.bias
        return F.batch_norm(x, *state, self.training, self.momentum, self.eps)


class BatchNorm2d(BatchNorm1d):
    """Batch normalisation of (batch, num_features, height, width), otherwise as `BatchNorm1d`.

    >>> BatchNorm2d(3)(zeros(4, 3, 2, 2)).shape
    (4, 3, 2, 2)
    """

    _axes = (4,)


class LayerNorm(Module):
    """Normalisation of each example over its last axes, of shape normalized_shape; eps: see `layer_norm`.

    >>> LayerNorm(3)(zeros(4, 3)).shape
    (4, 3)
    """

    def __init__(self, normalized_shape: int | tuple[int, ...], eps: float = 1e-5) -> None:
        shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.normalized_shape, self.eps = shape, eps
        self.weight, self.bias = Parameter(ones(shape)), Parameter(zeros(shape))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise the last axes of x."""
        return F.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)


class ReLU(Module):
    """The rectifier, max(x, 0) of each element.

    >>> ReLU()(tensor([-1.0, 1.0]))
    tensor([0., 1.])
    """

    def forward(self, x: Tensor) -> Tensor:
        """Apply it to each element."""
        return F.relu(x)


class LeakyReLU(Module):
    """Each element x, or negative_slope · x where x is negative.

    >>> LeakyReLU(0.1)(tensor([-1.0, 1.0]))
    tensor([-0.1,  1. ])
    """

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = negative_slope

    def forward(self, x: Tensor) -> Tensor:
        """Apply it to each element."""
        return F.leaky_relu(x, self.negative_slope)


class Tanh(Module):
    """The hyperbolic tangent of each element.

    >>> Tanh()(zeros(1))
    tensor([0.])
    """

    def forward(self, x: Tensor) -> Tensor:
        """Apply it to each element."""
        return F.tanh(x)


class Sigmoid(Module):
    """1 / (1 + e⁻ˣ) of each element x.

    >>> Sigmoid()(zeros(1))
    tensor([0.5])
    """

    def forward(self, x: Tensor) -> Tensor:
        """Apply it to each element."""
        return F.sigmoid(x)


class GELU(Module):
    """x · Φ(x), exact or with approximate="tanh", see `gelu`.

    >>> GELU("tanh")(zeros(1))
    tensor([0.])
    """

    def __init__(self, approximate: str = "none") -> None:
        self.approximate = approximate

    def forward(self, x: Tensor) -> Tensor:
        """Apply it to each element."""
        return F.gelu(x, self.approximate)


# ---- sequences -------------------------------------------------------------------------------------


class RNN(Module):
    """Elman networks stacked in layers, see `rnn`. All weights start uniform in ±1/√hidden_size.

    Parameters
    ----------
    input_size, hidden_size, num_layers
        Features that go in, units in each layer, layers.
    batch_first
        Whether inputs and outputs are (batch, time, features) rather than (time, batch, features).

    `forward(x, state)` returns all hidden states of the last layer and the last states of all layers,
    (num_layers, batch, hidden_size); state is where they start, zeros if it is left out.

    >>> out, h = RNN(3, 4)(zeros(5, 2, 3))
    >>> out.shape, h.shape
    ((5, 2, 4), (1, 2, 4))
    """

    _gates = 1

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, batch_first: bool = False
    ) -> None:
        self.input_size, self.hidden_size = input_size, hidden_size
        self.num_layers, self.batch_first = num_layers, batch_first
        rows, bound = self._gates * hidden_size, hidden_size**-0.5
        for i in range(num_layers):
            features = hidden_size if i else input_size
            for name, size in {
                "weight_ih": (rows, features),
                "weight_hh": (rows, hidden_size),
                "bias_ih": (rows,),
                "bias_hh": (rows,),
            }.items():
                setattr(self, f"{name}_l{i}", Parameter(init.uniform_(zeros(size), -bound, bound)))

    def _weights(self, i: int) -> list[Tensor]:
        return [getattr(self, f"{name}_l{i}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]

    def _layer(self, x: Tensor, h: Tensor, i: int) -> Tensor:
        return F.rnn(x, h, *self._weights(i))

    def _zeros(self, x: Tensor) -> Tensor:
        return zeros(self.num_layers, x.shape[1], self.hidden_size, dtype=x.dtype)

    def forward(self, x: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        """Run over a sequence."""
        x = x.transpose(0, 1) if self.batch_first else x
        state, last = self._zeros(x) if state is None else state, []
        for i in range(self.num_layers):
            x = self._layer(x, state[i], i)
            last.append(x[-1])
        return x.transpose(0, 1) if self.batch_first else x, stack(last)


class GRU(RNN):
    """Gated recurrent units stacked in layers, see `gru`; otherwise as `RNN`.

    >>> out, h = GRU(3, 4)(zeros(5, 2, 3))
    >>> out.shape, h.shape
    ((5, 2, 4), (1, 2, 4))
    """

    _gates = 3

    def _layer(self, x: Tensor, h: Tensor, i: int) -> Tensor:
        return F.gru(x, h, *self._weights(i))


class LSTM(RNN):
    """Long short-term memories stacked in layers, see `lstm`; otherwise as `RNN`.

    The state is a pair: hidden states and cells.

    >>> out, (h, c) = LSTM(3, 4)(zeros(5, 2, 3))
    >>> out.shape, h.shape, c.shape
    ((5, 2, 4), (1, 2, 4), (1, 2, 4))
    """

    _gates = 4

    def forward(self, x: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        """Run over a sequence."""
        x = x.transpose(0, 1) if self.batch_first else x
        h0, c0 = (self._zeros(x), self._zeros(x)) if state is None else state
        last_h: list[Tensor] = []
        last_c: list[Tensor] = []
        for i in range(self.num_layers):
            both = F.lstm(x, h0[i], c0[i], *self._weights(i))
            x = both[0]
            last_h.append(x[-1])
            last_c.append(both[1, -1])
        return x.transpose(0, 1) if self.batch_first else x, (stack(last_h), stack(last_c))


class MultiheadAttention(Module):
    """Attention in num_heads parts of the width side by side (Vaswani et al. 2017).

    `forward(query, key, value)` takes (time, batch, embed_dim), or (batch, time, embed_dim) with
    batch_first, and returns the result and the attention weights, averaged over num_heads: (batch, T, S).
    `bias` says whether the maps into and out of the heads have one.

    Raises
    ------
    ValueError
        If embed_dim cannot be cut into num_heads equal parts.

    >>> x = ones(2, 3, 8)
    >>> out, weights = MultiheadAttention(8, 4, batch_first=True)(x, x, x)
    >>> out.shape, weights.shape
    ((2, 3, 8), (2, 3, 3))
    """

    def __init__(self, embed_dim: int, num_heads: int, bias: bool = True, batch_first: bool = False) -> None:
        if embed_dim % num_heads:
            raise ValueError(
                f"MultiheadAttention: embed_dim {embed_dim} cannot be cut into {num_heads} equal heads"
            )
        self.embed_dim, self.num_heads, self.batch_first = embed_dim, num_heads, batch_first
        self.in_proj_weight = Parameter(init.xavier_uniform_(zeros(3 * embed_dim, embed_dim)))
        self.in_proj_bias = Parameter(zeros(3 * embed_dim)) if bias else None
        self.out_proj = Linear(embed_dim, embed_dim, bias)
        if self.out_proj.bias is not None:
            init.constant_(self.out_proj.bias, 0.0)

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Any = None,
        need_weights: bool = True,
        attn_mask: Any = None,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """Attend.

        Parameters
        ----------
        key_padding_mask
            (batch, S), True where a key is padding and not to be seen.
        need_weights
            False returns None instead of the weights, and is faster.
        attn_mask
            (T, S): True where a query may *not* look (PyTorch's meaning here), or floats to be added.
        is_causal
            Query t sees keys 0 to t only.
        """
        e, heads = self.embed_dim, self.num_heads
        parts = []
        for i, x in enumerate((query, key, value)):
            x = x if self.batch_first else x.transpose(0, 1)
            b = None if self.in_proj_bias is None else self.in_proj_bias[i * e : (i + 1) * e]
            x = F.linear(x, self.in_proj_weight[i * e : (i + 1) * e], b)
            parts.append(
                x.reshape(*x.shape[:2], heads, e // heads).transpose(1, 2)
            )  # (batch, heads, time, width)
        q, k, v = parts
        mask = self._mask(q.shape[2], k.shape[2], q.dtype, key_padding_mask, attn_mask, is_causal)
        weights = None
        if need_weights:
            scores = q @ k.transpose(2, 3) * (e // heads) ** -0.5
            weights = softmax(scores if mask is None else scores + mask, dim=-1)
            out = weights @ v
            weights = weights.mean(dim=1)
        else:
            out = F.scaled_dot_product_attention(q, k, v, mask)
        out = self.out_proj(out.transpose(1, 2).reshape(*parts[0].transpose(1, 2).shape[:2], e))
        return out if self.batch_first else out.transpose(0, 1), weights

    @staticmethod
    def _mask(t: int, s: int, dtype: Any, padding: Any, attn_mask: Any, is_causal: bool) -> np.ndarray | None:
        """Return what is added to the scores: 0, or -inf where a query may not look."""
        masks = [np.triu(np.ones((t, s), bool), 1)] if is_causal else []
        masks += [unwrap(attn_mask)] if attn_mask is not None else []
        masks += [unwrap(padding)[:, None, None, :]] if padding is not None else []
        added = [np.where(m, -np.inf, 0) if m.dtype == bool else m for m in masks]
        return sum(added[1:], added[0]).astype(dtype) if added else None


# ---- losses ----------------------------------------------------------------------------------------


class _Loss(Module):
    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = reduction


class MSELoss(_Loss):
    """Mean squared error; shapes: see `mse_loss`.

    >>> MSELoss()(tensor([1.0]), tensor([3.0]))
    tensor(4.)
    """

    def forward(self, x: Tensor, target: Tensor) -> Tensor:
        """Compare x with the target."""
        return F.mse_loss(x, target, reduction=self.reduction)


class BCEWithLogitsLoss(_Loss):
    """Cross-entropy of yes-or-no answers; shapes: see `binary_cross_entropy_with_logits`.

    >>> BCEWithLogitsLoss()(tensor([0.0]), tensor([1.0]))
    tensor(0.6931)
    """

    def forward(self, x: Tensor, target: Tensor) -> Tensor:
        """Compare logits x with targets between 0 and 1."""
        return F.binary_cross_entropy_with_logits(x, target, reduction=self.reduction)


class CrossEntropyLoss(_Loss):
    """Cross-entropy of classes; ignore_index, reduction, label_smoothing and shapes: see `cross_entropy`.

    >>> CrossEntropyLoss()(zeros(1, 2), tensor([0]))
    tensor(0.6931)
    """

    def __init__(
        self, ignore_index: int = -100, reduction: str = "mean", label_smoothing: float = 0.0
    ) -> None:
        super().__init__(reduction)
        self.ignore_index, self.label_smoothing = ignore_index, label_smoothing

    def forward(self, x: Tensor, target: Tensor) -> Tensor:
        """Compare logits x with class numbers."""
        return F.cross_entropy(x, target, self.ignore_index, self.label_smoothing, self.reduction)
