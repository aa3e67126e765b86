"""Layers, losses and starting values, under PyTorch's names."""

from mini_dl.nn import functional, init, utils
from mini_dl.nn.modules import (
    GELU, GRU, LSTM, RNN, AvgPool2d, BatchNorm1d, BatchNorm2d, BCEWithLogitsLoss, Buffer, Conv2d, CrossEntropyLoss,
    Dropout, Embedding, Flatten, LayerNorm, LeakyReLU, Linear, MaxPool2d, Module, ModuleList, MSELoss,
    MultiheadAttention, Parameter, ReLU, Sequential, Sigmoid, Tanh,
)  # fmt: skip

__all__ = [
    "GELU", "GRU", "LSTM", "RNN", "AvgPool2d", "BCEWithLogitsLoss", "BatchNorm1d", "BatchNorm2d", "Buffer", "Conv2d",
    "CrossEntropyLoss", "Dropout", "Embedding", "Flatten", "LayerNorm", "LeakyReLU", "Linear", "MSELoss", "MaxPool2d",
    "Module", "ModuleList", "MultiheadAttention", "Parameter", "ReLU", "Sequential", "Sigmoid", "Tanh", "functional",
    "init", "utils",
]  # fmt: skip
