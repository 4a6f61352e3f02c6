"""The SincNet variant of Śmigiel et al. (Entropy 2021, 23, 1121), after Ravanelli and Bengio (SLT 2018)."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from einthoven.networks.network import Network, register
from einthoven.networks.smigiel_conv import convolutions


class SincConv(nn.Module):
    """Learnable band-pass filters, the same for every lead, followed by taking every second sample.

    Each filter has two parameters, its lower edge and its width, in cycles per sample. Its impulse response is the
    difference of two sinc functions in a Hamming window (Ravanelli and Bengio 2018, equation 4). The bands are evenly
    spaced at first, between 0 and half the sampling rate.

    Parameters
    ----------
    filters
        Number of filters.
    kernel_size
        Samples of the impulse responses, an odd number.
    """

    NARROWEST = 0.005
    """Smallest lower edge and width, in cycles per sample: 0.5 Hz at 100 Hz."""

    time: Tensor
    window: Tensor

    def __init__(self, filters: int, kernel_size: int) -> None:
        super().__init__()
        self.filters = filters
        edges = torch.linspace(0, 0.5 - 2 * self.NARROWEST, filters + 1)
        self.low = nn.Parameter(edges[:-1].clone())
        self.width = nn.Parameter(edges.diff())
        half = kernel_size // 2
        self.register_buffer("time", torch.arange(1, half + 1, dtype=torch.float32))
        self.register_buffer("window", torch.hamming_window(kernel_size, periodic=False))

    def kernels(self) -> Tensor:
        """Compute the impulse responses, each with a gain of about 1 in its band.

        Returns
        -------
        Tensor
            Kernels of shape (filters, 1, kernel_size).
        """
        low = self.NARROWEST + self.low.abs()
        high = (low + self.NARROWEST + self.width.abs()).clamp(max=0.5)
        right = (self._low_pass(high) - self._low_pass(low)) / (math.pi * self.time)
        middle = 2 * (high - low)[:, None]
        kernels = torch.cat([right.flip(1), middle, right], dim=1) * self.window
        return kernels[:, None]

    def _low_pass(self, edge: Tensor) -> Tensor:
        return torch.sin(2 * math.pi * edge[:, None] * self.time)

    def forward(self, signal: Tensor) -> Tensor:
        """Filter every lead.

        Parameters
        ----------
        signal
            Signal of shape (batch, leads, samples).

        Returns
        -------
        Tensor
            Output of shape (batch, leads * filters, samples / 2), rounded up.
        """
        batch, leads, n = signal.shape
        kernels = self.kernels()
        filtered = F.conv1d(signal.reshape(batch * leads, 1, n), kernels, stride=2, padding=kernels.shape[-1] // 2)
        return filtered.reshape(batch, leads * self.filters, -1)


@register("smigiel-sinc")
class SmigielSinc(Network):
    """Learnable band-pass filters on each lead, then the convolutions of `smigiel-conv`.

    The paper's sizes were not available. Here, 6 filters of 0.5 s at 100 Hz (51 samples) are shared by the leads.

    Parameters
    ----------
    outputs
        Number of labels.
    samples
        Samples of a window.
    """

    lengths = (1000, 250)

    def __init__(self, outputs: int, samples: int) -> None:
        super().__init__(outputs, samples)
        filters = 6
        self.bands = nn.Sequential(SincConv(filters, kernel_size=51), nn.BatchNorm1d(12 * filters), nn.LeakyReLU())
        self.body, size = convolutions(12 * filters, (samples + 1) // 2)
        self.dropout = nn.Dropout(0.5)
        self.head = nn.Linear(size, outputs)

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
        features: Tensor = self.dropout(self.body(self.bands(signal)))
        return features
