"""inception1d: InceptionTime (Ismail Fawaz et al., Data Min Knowl Disc 2020, 34, 1936) as Strodthoff et al. use it.

inception1d-linear has a head without a hidden layer, and inception1d-half sees half the rate besides: a third of the
work, and no worse.
"""

from typing import ClassVar

import torch
from torch import Tensor, nn

from einthoven.networks.head import RECIPE, PooledHead
from einthoven.networks.network import Network, register
from einthoven.networks.planar import Planar

FILTERS, BOTTLENECK = 32, 32
CHANNELS = 4 * FILTERS
DEPTH = 6

Kernels = tuple[int, int, int]
"""Lengths in samples."""


class Inception(nn.Module):
    """Three kernel lengths and a pooled branch side by side, behind a bottleneck."""

    def __init__(self, before: int, kernels: Kernels) -> None:
        super().__init__()
        narrow = before > BOTTLENECK
        self.bottleneck = nn.Conv1d(before, BOTTLENECK, 1, bias=False) if narrow else nn.Identity()
        inputs = BOTTLENECK if narrow else before
        self.branches = nn.ModuleList(nn.Conv1d(inputs, FILTERS, k, padding=k // 2, bias=False) for k in kernels)
        self.pooled = nn.Sequential(nn.MaxPool1d(3, 1, padding=1), nn.Conv1d(before, FILTERS, 1, bias=False))
        self.norm = nn.Sequential(nn.BatchNorm1d(CHANNELS), nn.ReLU())

    def forward(self, signal: Tensor) -> Tensor:
        """(batch, before, steps) -> (batch, 128, steps)."""
        narrow = self.bottleneck(signal)
        out: Tensor = self.norm(torch.cat([*(branch(narrow) for branch in self.branches), self.pooled(signal)], 1))
        return out


class Body(nn.Module):
    """Six inception modules, a shortcut around every three."""

    def __init__(self, before: int, kernels: Kernels) -> None:
        super().__init__()
        self.inceptions = nn.ModuleList(Inception(CHANNELS if k else before, kernels) for k in range(DEPTH))
        self.shortcuts = nn.ModuleList(
            nn.Sequential(nn.Conv1d(inputs, CHANNELS, 1, bias=False), nn.BatchNorm1d(CHANNELS))
            for inputs in (before, CHANNELS)
        )

    def forward(self, signal: Tensor) -> Tensor:
        """(batch, before, steps) -> (batch, 128, steps)."""
        kept = out = signal
        for k, inception in enumerate(self.inceptions):
            out = inception(out)
            if k % 3 == 2:
                kept = out = torch.relu(out + self.shortcuts[k // 3](kept))
        return out


@register("inception1d")
class Inception1d(Network):
    """The published size: 0.5 million parameters."""

    lengths = (250, 1000)
    recipe: ClassVar = RECIPE
    stem: ClassVar = 0
    """Channels of a convolution that halves the rate, where there is one."""
    kernels: ClassVar[Kernels] = (39, 19, 9)
    hidden: ClassVar = True
    """Whether the head has a hidden layer."""

    def __init__(self, outputs: int, samples: int) -> None:
        super().__init__(outputs, samples)
        body: nn.Module = Body(self.stem or 12, self.kernels)
        if self.stem:
            halve = nn.Conv1d(12, self.stem, 7, 2, padding=3, bias=False)
            body = nn.Sequential(halve, nn.BatchNorm1d(self.stem), nn.ReLU(), body)
        self.body = Planar(body)
        self.head = PooledHead(CHANNELS, outputs, hidden=self.hidden)

    def forward(self, signal: Tensor) -> Tensor:
        """(batch, 12, samples) -> logits (batch, outputs)."""
        logits: Tensor = self.head(self.body(signal))
        return logits


@register("inception1d-linear")
class Inception1dLinear(Inception1d):
    """The published body, and no hidden layer in the head."""

    recipe: ClassVar = {**RECIPE, "epochs": 20}
    hidden = False


@register("inception1d-half")
class InceptionHalf(Inception1dLinear):
    """The same on 50 steps a second, with kernels as long in time: a third of the work."""

    stem = 64
    kernels = (19, 9, 5)
