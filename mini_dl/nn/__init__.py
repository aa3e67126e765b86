"""Layers, losses and starting values, under PyTorch's names."""

from mini_dl.nn import functional, init, utils
from mini_dl.nn.modules import *  # noqa: F403
from mini_dl.nn.modules import __all__ as _modules

__all__ = ["functional", "init", "utils", *_modules]
