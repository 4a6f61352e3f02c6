"""inception1d: InceptionTime (Ismail Fawaz et al., Data Min Knowl Disc 2020, 34, 1936) as Strodthoff et al. use it.

inception1d-linear has no hidden layer before its head. inception1d-half also halves the sampling rate: it takes a third
of the computation and is as accurate. inception1d-edge halves the rate once more and has half the channels: it takes an
eighth of the computation of inception1d-half.
"""

from itertools import pairwise
from typing import ClassVar

import torch
from torch import Tensor, nn

from einthoven.networks.conv1d_as_2d import Conv1dAs2d
from einthoven.networks.head import RECIPE, Pooling, init_prior_bias, pooled_size
from einthoven.networks.network import Network, register

DEPTH = 6

Kernels = tuple[int, int, int]
"""Lengths of the three kernels in samples."""


class Inception(nn.Module):
    """Three kernel lengths and a pooled branch in parallel, behind a bottleneck.

    Parameters
    ----------
    in_channels
        Channels of the input.
    filters
        Channels of each branch, and of the bottleneck.
    kernels
        Lengths of the three kernels in samples.
    """

    def __init__(self, in_channels: int, filters: int, kernels: Kernels) -> None:
        super().__init__()
        narrow = in_channels > filters
        self.bottleneck = nn.Conv1d(in_channels, filters, 1, bias=False) if narrow else nn.Identity()
        narrowed = filters if narrow else in_channels
        self.branches = nn.ModuleList(nn.Conv1d(narrowed, filters, k, padding=k // 2, bias=False) for k in kernels)
        self.pooled = nn.Sequential(nn.MaxPool1d(3, 1, padding=1), nn.Conv1d(in_channels, filters, 1, bias=False))
        self.norm = nn.Sequential(nn.BatchNorm1d(4 * filters), nn.ReLU())

    def forward(self, signal: Tensor) -> Tensor:
        """Apply the module.

        Parameters
        ----------
        signal
            Signal of shape (batch, in_channels, steps).

        Returns
        -------
        Tensor
            Features of shape (batch, 4 * filters, steps).
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
    filters
        Channels of each branch of a module.
    kernels
        Lengths of the kernels in samples.
    """

    def __init__(self, in_channels: int, filters: int, kernels: Kernels) -> None:
        super().__init__()
        out_channels = 4 * filters
        self.inceptions = nn.ModuleList(
            Inception(out_channels if k else in_channels, filters, kernels) for k in range(DEPTH)
        )
        self.shortcuts = nn.ModuleList(
            nn.Sequential(nn.Conv1d(channels, out_channels, 1, bias=False), nn.BatchNorm1d(out_channels))
            for channels in (in_channels, out_channels)
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
            Features of shape (batch, 4 * filters, steps).
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
    stem: ClassVar[tuple[int, ...]] = ()
    """Channels of the convolutions before the modules. Each halves the rate."""
    filters: ClassVar = 32
    """Channels of each branch of a module."""
    kernels: ClassVar[Kernels] = (39, 19, 9)
    hidden: ClassVar = True
    """Whether there is a hidden layer before the head."""

    def __init__(self, outputs: int, samples: int) -> None:
        super().__init__(outputs, samples)
        channels = (12, *self.stem)
        body: nn.Module = Body(channels[-1], self.filters, self.kernels)
        stem: list[nn.Module] = []
        for in_channels, out_channels in pairwise(channels):
            convolution = nn.Conv1d(in_channels, out_channels, 7, 2, padding=3, bias=False)
            stem += [convolution, nn.BatchNorm1d(out_channels), nn.ReLU()]
        self.body = Conv1dAs2d(nn.Sequential(*stem, body) if stem else body)
        features = 4 * self.filters
        self.head = init_prior_bias(nn.Linear(pooled_size(features, hidden=self.hidden), outputs))
        self.pooling = Pooling(features, hidden=self.hidden)

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

    stem = (64,)
    kernels = (19, 9, 5)


@register("inception1d-edge")
class InceptionEdge(Inception1dLinear):
    """inception1d-half at 25 Hz with half the channels: an eighth of the computation, for small processors."""

    stem = (32, 64)
    filters = 16
    kernels = (9, 5, 3)
