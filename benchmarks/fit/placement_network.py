"""The network that detects exchanged electrodes, and the exchanges and disturbances that it learns from."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from einthoven.signal.electrodes.network import AFTER, BEFORE, INDEPENDENT
from einthoven.simulate.exchanges import EXCHANGES, SUSPECTED_AS

CLASSES = [name for name in EXCHANGES if name not in SUSPECTED_AS]

_FLAT_MV = 0.02  # the size at which an almost flat limb lead is seen in detail
_SHIFT = 1  # samples by which a beat may come earlier or later
_MATRICES = torch.tensor(np.stack([np.eye(len(INDEPENDENT)), *EXCHANGES.values()]), dtype=torch.float32)
_TARGETS = torch.tensor([0, *(1 + CLASSES.index(SUSPECTED_AS.get(name, name)) for name in EXCHANGES)])


class Placement(nn.Module):
    """Convolutions along the median beat.

    Its outputs are log-likelihoods of electrodes in their places and of each of CLASSES, up to a common constant.

    Parameters
    ----------
    channels
        Output channels of the first convolution; later ones have twice as many.
    dropout
        Dropout probability of the last layer's input.
    """

    def __init__(self, channels: int, dropout: float) -> None:
        super().__init__()
        leads, wide = len(INDEPENDENT) + 1, 2 * channels
        self.layers = nn.Sequential(
            *_convolution(leads + 3, channels, 7),
            _Residual(channels),
            *_convolution(channels, wide, 5),
            _Residual(wide),
            *_convolution(wide, wide, 5),
            nn.Flatten(),
            nn.Dropout(dropout),
            nn.Linear(wide * (BEFORE + AFTER) // 8, 1 + len(CLASSES)),
        )

    def forward(self, beats: Tensor) -> Tensor:
        """Compute log-likelihoods (beats, 1 + CLASSES) of beats (beats, INDEPENDENT, samples) in mV."""
        leads = torch.cat([beats[:, :2], beats[:, 1:2] - beats[:, :1], beats[:, 2:]], 1)  # with III
        size = leads.square().mean((1, 2), keepdim=True).sqrt() + 1e-3
        return self.layers(torch.cat([torch.asinh(3 * leads / size), torch.asinh(leads[:, :3] / _FLAT_MV)], 1))


class LogOdds(nn.Module):
    """The exported module: log-likelihood ratios of each of CLASSES against electrodes in their places."""

    def __init__(self, network: Placement) -> None:
        super().__init__()
        self.network = network

    def forward(self, beats: Tensor) -> Tensor:
        """Compute ratios (beats, CLASSES) of beats (beats, INDEPENDENT, samples) in mV."""
        likelihoods = self.network(beats)
        return likelihoods[:, 1:] - likelihoods[:, :1]


class _Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        first, second = (_convolution(channels, channels, 5, 1) for _ in range(2))
        self.layers = nn.Sequential(*first, *second[:2])

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.layers(x))


def _convolution(in_channels: int, out_channels: int, kernel: int, stride: int = 2) -> list[nn.Module]:
    convolution = nn.Conv1d(in_channels, out_channels, kernel, stride, kernel // 2, bias=False)
    return [convolution, nn.BatchNorm1d(out_channels), nn.ReLU()]


def exchange_at_random(beats: Tensor, share_correct: float) -> tuple[Tensor, Tensor]:
    """Exchange electrodes of all beats but `share_correct`; return the beats and their classes, 0 for none."""
    choice = torch.randint(1, len(_MATRICES), (len(beats),))
    choice[torch.rand(len(beats)) < share_correct] = 0
    return _MATRICES[choice] @ beats, _TARGETS[choice]


def class_shares(share_correct: float) -> Tensor:
    """Return the share of each class in the output of `exchange_at_random`."""
    shares = torch.bincount(_TARGETS[1:], minlength=1 + len(CLASSES)) * (1 - share_correct) / (len(_MATRICES) - 1)
    shares[0] = share_correct
    return shares


def disturb(beats: Tensor) -> Tensor:
    """Disturb beats (beats, INDEPENDENT, samples) in mV as noise, other recorders and other places would.

    - each electrode a little elsewhere: 2 % of the other leads in each lead, 5 % of gain; 15 % of gain for the record
    - white noise up to .016 mV, and drift up to .02 mV
    - in 3 of 10 a low-pass filter
    - the beat earlier or later by a sample
    """
    count, leads, samples = beats.shape
    mixing = 0.02 * torch.randn(count, leads, leads) + torch.diag_embed(1 + 0.05 * torch.randn(count, leads))
    beats = torch.exp(0.15 * torch.randn(count, 1, 1)) * (mixing @ beats)
    beats = beats + 0.016 * torch.rand(count, 1, 1) * torch.randn(beats.shape)
    drift = 0.02 * torch.rand(count, 1, 1) * torch.randn(count, leads, 4)
    beats = beats + F.interpolate(drift, samples, mode="linear", align_corners=True)
    share = 0.5 * torch.rand(count, 1, 1) * (torch.rand(count, 1, 1) < 0.3)
    neighbors = F.pad(beats, (1, 1), mode="replicate")
    beats = (1 - share) * beats + share * (neighbors[..., 2:] + neighbors[..., :-2]) / 2
    place = torch.arange(samples) + torch.randint(-_SHIFT, _SHIFT + 1, (count, 1, 1))
    return beats.gather(2, place.clamp(0, samples - 1).expand(-1, leads, -1))
