"""inception1d: InceptionTime (Ismail Fawaz et al., Data Min Knowl Disc 2020, 34, 1936) as Strodthoff et al. use it.

inception1d-linear has no hidden layer before its head. inception1d-half also halves the sampling rate: it takes a third
of the computation and is as accurate.
"""

from typing import ClassVar

import torch
from torch import Tensor, nn

from einthoven.networks.conv1d_as_2d import Conv1dAs2d
from einthoven.networks.head import RECIPE, Pooling, init_prior_bias, pooled_size
from einthoven.networks.network import Network, register

FILTERS, BOTTLENECK = 32, 32
CHANNELS = 4 * FILTERS
DEPTH = 6

Kernels = tuple[int, int, int]
"""Lengths of the three kernels in samples."""


class Inception(nn.Module):
    """Three kernel lengths and a pooled branch in parallel, behind a bottleneck.

    Parameters
    ----------
    in_channels
        Channels of the input.
    kernels
        Lengths of the three kernels in samples.
    """

    def __init__(self, in_channels: int, kernels: Kernels) -> None:
        super().__init__()
        narrow = in_channels > BOTTLENECK
        self.bottleneck = nn.Conv1d(in_channels, BOTTLENECK, 1, bias=False) if narrow else nn.Identity()
        narrowed = BOTTLENECK if narrow else in_channels
        self.branches = nn.ModuleList(nn.Conv1d(narrowed, FILTERS, k, padding=k // 2, bias=False) for k in kernels)
        self.pooled = nn.Sequential(nn.MaxPool1d(3, 1, padding=1), nn.Conv1d(in_channels, FILTERS, 1, bias=False))
        self.norm = nn.Sequential(nn.BatchNorm1d(CHANNELS), nn.ReLU())

    def forward(self, signal: Tensor) -> Tensor:
        """Apply the module.

        Parameters
        ----------
        signal
            Signal of shape (batch, in_channels, steps).

        Returns
        -------
        Tensor
            Features of shape (batch, 128, steps).
        """
        narrow = self.bottleneck(signal)
        out: Tensor = self.norm(torch.cat([*(branch(narrow) for branch in self.branches), self.pooled(signal)], 1))
        return out


class Body(nn.Module):
    """Stack six inception modules, with a shortcut around every three.

    Parameters
    ----------
    in_channels
        Channels of the input.
    kernels
        Lengths of the kernels in samples.
    """

    def __init__(self, in_channels: int, kernels: Kernels) -> None:
        super().__init__()
        self.inceptions = nn.ModuleList(Inception(CHANNELS if k else in_channels, kernels) for k in range(DEPTH))
        self.shortcuts = nn.ModuleList(
            nn.Sequential(nn.Conv1d(channels, CHANNELS, 1, bias=False), nn.BatchNorm1d(CHANNELS))
            for channels in (in_channels, CHANNELS)
        )

    def forward(self, signal: Tensor) -> Tensor:
        """Apply the modules.

        Parameters
        ----------
        signal
            Signal of shape (batch, in_channels, steps).

        Returns
        -------
        Tensor
            Features of shape (batch, 128, steps).
        """
        shortcut = out = signal
        for k, inception in enumerate(self.inceptions):
            out = inception(out)
            if k % 3 == 2:
                shortcut = out = torch.relu(out + self.shortcuts[k // 3](shortcut))
        return out


@register("inception1d")
class Inception1d(Network):
    """The network of the published size: 0.5 million parameters.

    Parameters
    ----------
    outputs
        Number of labels.
    samples
        Number of samples in a window.
    """

    lengths = (250, 1000)
    recipe: ClassVar = RECIPE
    stem: ClassVar = 0
    """Channels of the convolution that halves the rate; 0 for none."""
    kernels: ClassVar[Kernels] = (39, 19, 9)
    hidden: ClassVar = True
    """Whether there is a hidden layer before the head."""

    def __init__(self, outputs: int, samples: int) -> None:
        super().__init__(outputs, samples)
        body: nn.Module = Body(self.stem or 12, self.kernels)
        if self.stem:
            halve = nn.Conv1d(12, self.stem, 7, 2, padding=3, bias=False)
            body = nn.Sequential(halve, nn.BatchNorm1d(self.stem), nn.ReLU(), body)
        self.body = Conv1dAs2d(body)
        self.head = init_prior_bias(nn.Linear(pooled_size(CHANNELS, hidden=self.hidden), outputs))
        self.pooling = Pooling(CHANNELS, hidden=self.hidden)

    def features(self, signal: Tensor) -> Tensor:
        """Compute the input of the head.

        Parameters
        ----------
        signal
            Normalized signal of shape (batch, 12, samples).

        Returns
        -------
        Tensor
            Features of shape (batch, head.in_features).
        """
        features: Tensor = self.pooling(self.body(signal))
        return features


@register("inception1d-linear")
class Inception1dLinear(Inception1d):
    """The published network without a hidden layer before the head."""

    recipe: ClassVar = {**RECIPE, "epochs": 20}
    hidden = False


@register("inception1d-half")
class InceptionHalf(Inception1dLinear):
    """inception1d-linear at 50 Hz, with kernels of the same length in seconds: a third of the computation."""

    stem = 64
    kernels = (19, 9, 5)
