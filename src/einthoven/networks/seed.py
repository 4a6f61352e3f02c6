"""The published starting point that Einthoven replaces, as it stood."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, ClassVar

from torch import Tensor, nn

from einthoven.networks.network import Network, register


@register("seed")
class Seed(Network):
    """Five convolutions that take the 1,000 samples as channels and slide over the leads.

    Kept as it was published, mistakes included, so that its result can stand beside better ones: Conv1d
    1000-8-16-32-64-128 with kernel 3 over the twelve leads, LeakyReLU, one fully connected layer; mV as they
    are, a sigmoid loss, Adam 1e-3, batch 32, 50 epochs on folds 1-9, the last epoch kept.
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
        "standardise": False,
        "keep": "last",
    }

    def __init__(self, outputs: int, samples: int) -> None:
        super().__init__(outputs, samples)
        layers: list[nn.Module] = []
        channels = (samples, 8, 16, 32, 64, 128)
        for before, after in pairwise(channels):
            layers += [nn.Conv1d(before, after, kernel_size=3, padding=1), nn.LeakyReLU()]
        self.body = nn.Sequential(*layers, nn.Flatten())
        self.head = nn.Linear(128 * 12, outputs)

    def forward(self, signal: Tensor) -> Tensor:
        """(batch, 12, samples) -> logits (batch, outputs)."""
        logits: Tensor = self.head(self.body(signal.transpose(1, 2)))  # (batch, samples, 12): time as channels
        return logits
