"""xresnet1d: residual networks with the tricks of He et al. (CVPR 2019), along time.

The sizes are those with which Strodthoff et al. (IEEE JBHI 2021, 25, 1519) did best on PTB-XL: kernel 5, and the
same width in all four stages. xresnet1d50 is the same network with 50 layers, xresnet1d50-linear that with a head
without a hidden layer, and xresnet1d-edge one of half the width and 35 layers, for processors that are short of time
and memory.
"""

from typing import ClassVar

from torch import Tensor, nn

from einthoven.networks.head import RECIPE, PooledHead
from einthoven.networks.network import Network, register
from einthoven.networks.planar import Planar

EXPANSION, KERNEL = 4, 5


def convolution(before: int, after: int, kernel: int, stride: int = 1, *, last: bool = False) -> nn.Sequential:
    """Convolution and batch normalisation, then ReLU unless it is the `last` of a residual branch.

    The branch's last normalisation starts at zero, so that every block begins as the identity.
    """
    norm = nn.BatchNorm1d(after)
    layers: list[nn.Module] = [
        nn.Conv1d(before, after, kernel, stride, padding=kernel // 2, bias=False),
        norm,
    ]
    if last:
        nn.init.zeros_(norm.weight)
    else:
        layers.append(nn.ReLU(inplace=True))
    return nn.Sequential(*layers)


class Bottleneck(nn.Module):
    """A residual block: narrow, convolve along time, widen."""

    def __init__(self, before: int, width: int, stride: int) -> None:
        super().__init__()
        after = width * EXPANSION
        self.branch = nn.Sequential(
            convolution(before, width, 1),
            convolution(width, width, KERNEL, stride),
            convolution(width, after, 1, last=True),
        )
        self.shortcut = nn.Sequential(
            nn.AvgPool1d(2, ceil_mode=True) if stride > 1 else nn.Identity(),
            nn.Identity()
            if before == after
            else nn.Sequential(nn.Conv1d(before, after, 1, bias=False), nn.BatchNorm1d(after)),
        )
        self.activation = nn.ReLU(inplace=True)

    def forward(self, signal: Tensor) -> Tensor:
        """(batch, before, steps) -> (batch, 4 width, steps over stride, rounded up)."""
        out: Tensor = self.activation(self.branch(signal) + self.shortcut(signal))
        return out


class XResNet(Network):
    """A stem of three convolutions, four stages of bottleneck blocks, pooling over time."""

    lengths = (250, 1000)
    recipe = RECIPE
    blocks: ClassVar[tuple[int, ...]]
    width: ClassVar = 64
    hidden: ClassVar = True
    """Whether the head has a hidden layer."""

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
        self.body = Planar(body)
        self.head = PooledHead(channels, outputs, hidden=self.hidden)

    def forward(self, signal: Tensor) -> Tensor:
        """(batch, 12, samples) -> logits (batch, outputs)."""
        logits: Tensor = self.head(self.body(signal))
        return logits


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
    """50 layers, and no hidden layer in the head."""

    recipe: ClassVar = {**RECIPE, "epochs": 16}
    hidden = False


@register("xresnet1d-edge")
class XResNetEdge(XResNet):
    """35 layers of half the width: 0.7 MB."""

    blocks = (2, 3, 4, 2)
    width = 32
