"""The last layers: how networks begin, and the head of those of Strodthoff et al. (IEEE JBHI 2021, 25, 1519)."""

import torch
from torch import Tensor, nn

HIDDEN = 128
RECIPE = {"window": 2.5, "epochs": 50, "batch_size": 128, "learning_rate": 1e-2, "keep": "last"}
"""How Strodthoff et al. train."""
_RARE = -3.0


def rare(layer: nn.Linear) -> nn.Linear:
    """The last layer, set to begin with a probability of .05 for every label, which most are rarer than.

    At small first learning rates the biases alone would need epochs for that (Lin et al., ICCV 2017, section 4.1).
    """
    nn.init.constant_(layer.bias, _RARE)
    return layer


class PooledHead(nn.Module):
    """Mean and maximum over time, a hidden layer, the logits; batch normalisation and dropout before each layer.

    Without the `hidden` layer the same bodies learn rare statements better, and sooner (docs/experiments.md).
    """

    def __init__(self, channels: int, outputs: int, *, hidden: bool = True) -> None:
        super().__init__()
        pooled = 2 * channels
        last = rare(nn.Linear(HIDDEN if hidden else pooled, outputs))
        between = [nn.Linear(pooled, HIDDEN), nn.ReLU(), nn.BatchNorm1d(HIDDEN), nn.Dropout(0.5)] if hidden else []
        self.layers = nn.Sequential(nn.BatchNorm1d(pooled), nn.Dropout(0.25), *between, last)

    def forward(self, features: Tensor) -> Tensor:
        """(batch, channels, steps) -> logits (batch, outputs)."""
        logits: Tensor = self.layers(torch.cat([features.amax(-1), features.mean(-1)], 1))
        return logits
