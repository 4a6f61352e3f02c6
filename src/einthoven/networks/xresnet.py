"""xresnet1d: residual networks with the tricks of He et al. (CVPR 2019), along time.

The sizes are those with which Strodthoff et al. (IEEE JBHI 2021, 25, 1519) did best on PTB-XL: kernel 5, and the
same width in all four stages. xresnet1d50 is the same network with 50 layers, xresnet1d50-linear has no
hidden layer before its head, and xresnet1d-edge has half the width and 35 layers, for small processors.
"""

from typing import ClassVar

from torch import Tensor, nn

from einthoven.networks.conv1d_as_2d import Conv1dAs2d
from einthoven.networks.head import RECIPE, Pooling, init_prior_bias, pooled_size
from einthoven.networks.network import Network, register

EXPANSION, KERNEL = 4, 5


def convolution(
    in_channels: int, out_channels: int, kernel: int, stride: int = 1, *, last: bool = False
) -> nn.Sequential:
    """Create a convolution with batch normalization, and ReLU unless it is the last of a residual branch.

    Parameters
    ----------
    in_channels, out_channels, kernel, stride
        Input and output channels, kernel size, and stride.
    last
        Whether it is the last of a branch. Then its normalization starts at zero, so that every block begins as the
        identity.

    Returns
    -------
    nn.Sequential
        The layers.
    """
    norm = nn.BatchNorm1d(out_channels)
    layers: list[nn.Module] = [
        nn.Conv1d(in_channels, out_channels, kernel, stride, padding=kernel // 2, bias=False),
        norm,
    ]
    if last:
        nn.init.zeros_(norm.weight)
    else:
        layers.append(nn.ReLU(inplace=True))
    return nn.Sequential(*layers)


class Bottleneck(nn.Module):
    """A residual block: reduce the channels, convolve along time, expand the channels.

    Parameters
    ----------
    in_channels
        Channels of the input.
    width
        Channels between the first and the last convolution.
    stride
        Stride of the middle convolution.
    """

    def __init__(self, in_channels: int, width: int, stride: int) -> None:
        super().__init__()
        out_channels = width * EXPANSION
        self.branch = nn.Sequential(
            convolution(in_channels, width, 1),
            convolution(width, width, KERNEL, stride),
            convolution(width, out_channels, 1, last=True),
        )
        self.shortcut = nn.Sequential(
            nn.AvgPool1d(2, ceil_mode=True) if stride > 1 else nn.Identity(),
            nn.Identity()
            if in_channels == out_channels
            else nn.Sequential(nn.Conv1d(in_channels, out_channels, 1, bias=False), nn.BatchNorm1d(out_channels)),
        )
        self.activation = nn.ReLU(inplace=True)

    def forward(self, signal: Tensor) -> Tensor:
        """Apply the block.

        Parameters
        ----------
        signal
            Signal of shape (batch, in_channels, steps).

        Returns
        -------
        Tensor
            Output of shape (batch, 4 width, steps / stride), rounded up.
        """
        out: Tensor = self.activation(self.branch(signal) + self.shortcut(signal))
        return out


class XResNet(Network):
    """A stem of three convolutions, four stages of bottleneck blocks, pooling over time.

    Parameters
    ----------
    outputs
        Number of labels.
    samples
        Samples of a window.
    """

    lengths = (250, 1000)
    recipe = RECIPE
    blocks: ClassVar[tuple[int, ...]]
    width: ClassVar = 64
    hidden: ClassVar = True
    """Whether there is a hidden layer before the head."""

    def __init__(self, outputs: int, samples: int) -> None:
        super().__init__(outputs, samples)
        layers: list[nn.Module] = [
            convolution(12, self.width // 2, KERNEL, stride=2),
            convolution(self.width // 2, self.width // 2, KERNEL),
            convolution(self.width // 2, self.width, KERNEL),
            nn.MaxPool1d(3, 2, padding=1),
        ]
        channels = self.width
        for stage, blocks in enumerate(self.blocks):
            for block in range(blocks):
                layers.append(Bottleneck(channels, self.width, stride=2 if stage > 0 and block == 0 else 1))
                channels = self.width * EXPANSION
        body = nn.Sequential(*layers)
        for module in body.modules():
            if isinstance(module, nn.Conv1d):
                nn.init.kaiming_normal_(module.weight)
        self.body = Conv1dAs2d(body)
        self.head = init_prior_bias(nn.Linear(pooled_size(channels, hidden=self.hidden), outputs))
        self.pooling = Pooling(channels, hidden=self.hidden)

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


@register("xresnet1d101")
class XResNet101(XResNet):
    """101 layers."""

    blocks = (3, 4, 23, 3)


@register("xresnet1d50")
class XResNet50(XResNet):
    """50 layers."""

    blocks = (3, 4, 6, 3)


@register("xresnet1d50-linear")
class XResNet50Linear(XResNet50):
    """50 layers, and no hidden layer before the head."""

    recipe: ClassVar = {**RECIPE, "epochs": 16}
    hidden = False


@register("xresnet1d-edge")
class XResNetEdge(XResNet):
    """35 layers of half the width: 0.7 MB."""

    blocks = (2, 3, 4, 2)
    width = 32
