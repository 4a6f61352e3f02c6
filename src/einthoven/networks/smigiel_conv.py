"""The convolutional network of Śmigiel, Pałczyński and Ledziński (Entropy 2021, 23, 1121)."""

from torch import Tensor, nn

from einthoven.networks.network import Network, register

CHANNELS = (32, 64, 64, 128, 128)


def convolutions(inputs: int, samples: int) -> tuple[nn.Sequential, int]:
    """Five convolutions along time, flattened: (batch, inputs, samples) -> (batch, size); and that size."""
    layers: list[nn.Module] = []
    channels, length = (inputs, *CHANNELS), samples
    for before, after in zip(channels, CHANNELS, strict=False):
        layers += [
            nn.Conv1d(before, after, kernel_size=7, stride=2, padding=3, bias=False),
            nn.BatchNorm1d(after),
            nn.LeakyReLU(),
        ]
        length = (length + 1) // 2
    return nn.Sequential(*layers, nn.Flatten()), CHANNELS[-1] * length


@register("smigiel-conv")
class SmigielConv(Network):
    """Five Conv1d along time with LeakyReLU, flattened into one fully connected layer.

    The paper gives this outline; its table of sizes was not at hand, so these are ours: 32, 64, 64, 128 and 128
    channels, kernel 7, stride 2, batch normalisation, and dropout before the fully connected layer.
    """

    lengths = (1000, 250)

    def __init__(self, outputs: int, samples: int) -> None:
        super().__init__(outputs, samples)
        self.body, size = convolutions(12, samples)
        self.head = nn.Sequential(nn.Dropout(0.5), nn.Linear(size, outputs))

    def forward(self, signal: Tensor) -> Tensor:
        """(batch, 12, samples) -> logits (batch, outputs)."""
        logits: Tensor = self.head(self.body(signal))
        return logits
