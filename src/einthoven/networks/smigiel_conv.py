"""The convolutional network of Śmigiel, Pałczyński and Ledziński (Entropy 2021, 23, 1121)."""

from torch import Tensor, nn

from einthoven.networks.network import Network, register

CHANNELS = (32, 64, 64, 128, 128)


def convolutions(in_channels: int, samples: int) -> tuple[nn.Sequential, int]:
    """Create five convolutions along time, with a flattened output.

    Parameters
    ----------
    in_channels, samples
        Channels and samples of the input (batch, in_channels, samples).

    Returns
    -------
    tuple of nn.Sequential and int
        The layers, and the size of their output (batch, size).
    """
    layers: list[nn.Module] = []
    length = samples
    for out_channels in CHANNELS:
        layers += [
            nn.Conv1d(in_channels, out_channels, kernel_size=7, stride=2, padding=3, bias=False),
            nn.BatchNorm1d(out_channels),
            nn.LeakyReLU(),
        ]
        in_channels = out_channels
        length = (length + 1) // 2
    return nn.Sequential(*layers, nn.Flatten()), CHANNELS[-1] * length


@register("smigiel-conv")
class SmigielConv(Network):
    """Five Conv1d along time with LeakyReLU, flattened into one fully connected layer.

    The paper gives this outline; its table of sizes was not available. The sizes here are 32, 64, 64, 128 and 128
    channels, kernel 7, stride 2, batch normalization, and dropout before the fully connected layer.

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
        self.body, size = convolutions(12, samples)
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
        features: Tensor = self.dropout(self.body(signal))
        return features
