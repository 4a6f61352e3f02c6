"""The published network that Einthoven replaces, unchanged."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, ClassVar

from torch import Tensor, nn

from einthoven.networks.network import Network, register


@register("original-cnn")
class OriginalCNN(Network):
    """Five convolutions that take the 1,000 samples as channels and slide over the leads.

    It is as published, mistakes included, for comparison. Layers: Conv1d 1000-8-16-32-64-128 with kernel 3
    over the twelve leads, LeakyReLU, one fully connected layer. Training: input in mV without normalization, sigmoid
    loss, Adam 1e-3, batch 32, 50 epochs on folds 1-9, the last epoch kept.

    Parameters
    ----------
    outputs
        Number of labels.
    samples
        Samples of a window.
    """

    recipe: ClassVar[Mapping[str, Any]] = {
        "train_folds": (1, 2, 3, 4, 5, 6, 7, 8, 9),
        "validation_folds": (),
        "epochs": 50,
        "batch_size": 32,
        "optimizer": "adam",
        "schedule": "constant",
        "learning_rate": 1e-3,
        "weight_decay": 0.0,
        "normalize": False,
        "keep": "last",
    }

    def __init__(self, outputs: int, samples: int) -> None:
        super().__init__(outputs, samples)
        layers: list[nn.Module] = []
        channels = (samples, 8, 16, 32, 64, 128)
        for in_channels, out_channels in pairwise(channels):
            layers += [nn.Conv1d(in_channels, out_channels, kernel_size=3, padding=1), nn.LeakyReLU()]
        self.body = nn.Sequential(*layers, nn.Flatten())
        self.head = nn.Linear(128 * 12, outputs)

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
        features: Tensor = self.body(signal.transpose(1, 2))  # (batch, samples, 12): time as channels
        return features
