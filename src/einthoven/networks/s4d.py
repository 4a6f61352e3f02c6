"""s4d: diagonal state spaces (Gu et al., NeurIPS 2022), in both directions of time.

Mehari and Strodthoff (IEEE J Biomed Health Inform 2023) found state spaces to be the best networks for PTB-XL. Theirs
has 512 channels at 100 Hz. These have 96 to 192 channels at 50 Hz or less, small enough for two CPU cores. On such
short windows, a convolution with the whole kernel is one matrix product per channel, which is faster than an FFT.
"""

import copy
import math
from typing import ClassVar

import torch
from torch import Tensor, nn

from einthoven.networks.conv1d_as_2d import Conv1dAs2d
from einthoven.networks.head import init_prior_bias
from einthoven.networks.network import Network, register

BLOCKS, STATES = 4, 8
DROPOUT = 0.2


class Kernel(nn.Module):
    """The impulse response of a diagonal state space in each direction of time.

    S4D-Lin: state n decays with exp(-t/2) and turns with pi n.

    Parameters
    ----------
    channels
        Number of channels.
    steps
        Length of the signal.
    """

    def __init__(self, channels: int, steps: int) -> None:
        super().__init__()
        self.steps = steps
        low, high = math.log(1e-3), math.log(1e-1)
        self.log_step = nn.Parameter(torch.rand(channels) * (high - low) + low)
        self.log_decay = nn.Parameter(torch.full((channels, STATES), math.log(0.5)))
        self.turn = nn.Parameter((math.pi * torch.arange(STATES)).repeat(channels, 1))
        self.mix = nn.Parameter(torch.randn(channels, 2, 2 * STATES) / math.sqrt(STATES))

    def forward(self) -> Tensor:
        """Compute the kernel.

        Returns
        -------
        Tensor
            Kernel of shape (channels, 2 steps - 1). The middle value is the weight of the current step.
        """
        step = self.log_step.exp()[:, None]
        time = torch.arange(self.steps, device=step.device, dtype=step.dtype)
        decay = self.log_decay.exp() * step
        angle = (self.turn * step)[..., None] * time
        response = torch.exp(-decay[..., None] * time)
        waves = torch.cat([response * angle.cos(), response * angle.sin()], 1)  # (channels, 2 states, steps)
        past, future = (self.mix @ waves * step[..., None]).unbind(1)
        return torch.cat([future[:, 1:].flip(-1), past], -1)


def toeplitz(kernel: Tensor) -> Tensor:
    """Turn kernels into matrices, so that a convolution is a matrix product.

    Parameters
    ----------
    kernel
        Kernel of shape (channels, 2 steps - 1).

    Returns
    -------
    Tensor
        Matrices of shape (channels, steps, steps). [c, i, j] is the weight of step i for step j, kernel[c, j - i +
        steps - 1].
    """
    return kernel.unfold(-1, (kernel.shape[1] + 1) // 2, 1).flip(1)


class Block(nn.Module):
    """Normalize, filter every channel along time, mix the channels, add the input.

    Parameters
    ----------
    channels
        Number of channels.
    steps
        Length of the signal.
    """

    def __init__(self, channels: int, steps: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(channels)
        self.kernel = Kernel(channels, steps)
        self.through = nn.Parameter(torch.randn(channels))
        self.mix = nn.Linear(channels, 2 * channels)

    def forward(self, signal: Tensor) -> Tensor:
        """Apply the block.

        Parameters
        ----------
        signal
            Signal of shape (channels, batch, steps): channels first, so that every step is a matrix product.

        Returns
        -------
        Tensor
            Output of shape (channels, batch, steps).
        """
        channels, batch, steps = signal.shape
        normal = self.norm(signal.reshape(1, channels, -1)).view(channels, batch, steps)
        filtered = torch.bmm(normal, toeplitz(self.kernel())) + self.through[:, None, None] * normal
        filtered = nn.functional.gelu(filtered)
        if self.training:  # whole channels of a record: cheaper than single steps, and what the S4 code does
            keep = 1 - DROPOUT
            filtered = filtered * (torch.rand(channels, batch, 1, device=signal.device) < keep) / keep
        return signal + self.mix_channels(filtered)

    def mix_channels(self, filtered: Tensor) -> Tensor:
        """Mix the channels at each step, with a gated linear unit.

        Parameters
        ----------
        filtered
            Filtered signal of shape (channels, batch, steps).

        Returns
        -------
        Tensor
            Output of shape (channels, batch, steps).
        """
        mixed = self.mix.weight @ filtered.view(len(filtered), -1) + self.mix.bias[:, None]
        return nn.functional.glu(mixed, 0).view(filtered.shape)


class FixedBlock(nn.Module):
    """A trained block for export: normalization, kernel and skip weight become one filter and a constant.

    Parameters
    ----------
    block
        The trained block.
    """

    response: Tensor
    constant: Tensor

    def __init__(self, block: Block) -> None:
        super().__init__()
        self.block, norm = block, block.norm
        assert norm.running_mean is not None
        assert norm.running_var is not None
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        shift = norm.bias - norm.running_mean * scale
        response = block.kernel()
        response[:, response.shape[1] // 2] += block.through
        self.register_buffer("response", (response * scale[:, None]).detach())
        self.register_buffer("constant", (toeplitz(response).sum(1) * shift[:, None]).detach()[:, None])

    def forward(self, signal: Tensor) -> Tensor:
        """Apply the block.

        Parameters
        ----------
        signal
            Signal of shape (channels, batch, steps): channels first, so that every step is a matrix product.

        Returns
        -------
        Tensor
            Output of shape (channels, batch, steps).
        """
        filtered = torch.bmm(signal, toeplitz(self.response)) + self.constant
        return signal + self.block.mix_channels(nn.functional.gelu(filtered))


@register("s4d")
class S4D(Network):
    """Convolutions that halve the rate, four state-space blocks, the mean over time.

    Parameters
    ----------
    outputs
        Number of labels.
    samples
        Samples of a window.
    """

    lengths = (250,)
    recipe: ClassVar = {"window": 2.5, "epochs": 50, "learning_rate": 4e-3, "keep": "last"}
    stem: ClassVar[tuple[tuple[int, int], ...]] = ((128, 9),)
    """Channels and kernel length of each convolution."""
    no_weight_decay = ("log_step", "log_decay", "turn")

    def __init__(self, outputs: int, samples: int) -> None:
        super().__init__(outputs, samples)
        layers: list[nn.Module] = []
        channels, steps = 12, samples
        for wider, kernel in self.stem:
            if layers:
                layers += [nn.BatchNorm1d(channels), nn.GELU()]
            layers.append(nn.Conv1d(channels, wider, kernel, 2, padding=kernel // 2))
            channels, steps = wider, -(-steps // 2)
        self.halve: nn.Module = nn.Sequential(*layers)
        self.blocks = nn.Sequential(*(Block(channels, steps) for _ in range(BLOCKS)))
        self.norm = nn.BatchNorm1d(channels)
        self.dropout = nn.Dropout(DROPOUT)
        self.head = init_prior_bias(nn.Linear(channels, outputs))

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
        steps = self.blocks(self.halve(signal).transpose(0, 1).contiguous())
        features: Tensor = self.dropout(self.norm(steps.mean(-1).T))
        return features

    def for_export(self) -> "S4D":
        """Prepare the network for inference.

        Returns
        -------
        S4D
            A copy with its filters computed, and with 2D convolutions, which ONNX Runtime computes faster.
        """
        ready = copy.deepcopy(self).eval()
        ready.halve = Conv1dAs2d(ready.halve)
        ready.blocks = nn.Sequential(*(FixedBlock(block) for block in ready.blocks if isinstance(block, Block)))
        return ready


@register("s4d-quarter")
class S4DQuarter(S4D):
    """192 channels on a quarter of the rate: less than half the work."""

    stem = ((64, 7), (192, 5))


@register("s4d-eighth")
class S4DEighth(S4D):
    """192 channels on an eighth of the rate: half the work again."""

    stem = ((48, 7), (96, 5), (192, 5))


@register("s4d-edge")
class S4DEdge(S4D):
    """96 channels on an eighth of the rate, for small processors."""

    stem = ((32, 7), (64, 5), (96, 5))
