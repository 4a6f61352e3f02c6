"""inception1d: InceptionTime (Ismail Fawaz et al., Data Min Knowl Disc 2020, 34, 1936) as Strodthoff et al. use it."""

import torch
from torch import Tensor, nn

from einthoven.networks.head import RECIPE, PooledHead
from einthoven.networks.network import Network, register
from einthoven.networks.planar import Planar

FILTERS, BOTTLENECK, KERNELS = 32, 32, (39, 19, 9)
CHANNELS = FILTERS * (len(KERNELS) + 1)
DEPTH = 6


class Inception(nn.Module):
    """Three kernel lengths and a pooled branch side by side, behind a bottleneck."""

    def __init__(self, before: int) -> None:
        super().__init__()
        narrow = before > BOTTLENECK
        self.bottleneck = nn.Conv1d(before, BOTTLENECK, 1, bias=False) if narrow else nn.Identity()
        inputs = BOTTLENECK if narrow else before
        self.branches = nn.ModuleList(nn.Conv1d(inputs, FILTERS, k, padding=k // 2, bias=False) for k in KERNELS)
        self.pooled = nn.Sequential(nn.MaxPool1d(3, 1, padding=1), nn.Conv1d(before, FILTERS, 1, bias=False))
        self.norm = nn.Sequential(nn.BatchNorm1d(CHANNELS), nn.ReLU())

    def forward(self, signal: Tensor) -> Tensor:
        """(batch, before, steps) -> (batch, 128, steps)."""
        narrow = self.bottleneck(signal)
        out: Tensor = self.norm(torch.cat([*(branch(narrow) for branch in self.branches), self.pooled(signal)], 1))
        return out


class Body(nn.Module):
    """Six inception modules, a shortcut around every three."""

    def __init__(self) -> None:
        super().__init__()
        self.inceptions = nn.ModuleList(Inception(12 if k == 0 else CHANNELS) for k in range(DEPTH))
        self.shortcuts = nn.ModuleList(
            nn.Sequential(nn.Conv1d(before, CHANNELS, 1, bias=False), nn.BatchNorm1d(CHANNELS))
            for before in (12, CHANNELS)
        )

    def forward(self, signal: Tensor) -> Tensor:
        """(batch, 12, steps) -> (batch, 128, steps)."""
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
    recipe = RECIPE

    def __init__(self, outputs: int, samples: int) -> None:
        super().__init__(outputs, samples)
        self.body = Planar(Body())
        self.head = PooledHead(CHANNELS, outputs)

    def forward(self, signal: Tensor) -> Tensor:
        """(batch, 12, samples) -> logits (batch, outputs)."""
        logits: Tensor = self.head(self.body(signal))
        return logits
