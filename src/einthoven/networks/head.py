"""Pooling before the last layer, and the initial bias of that layer; Strodthoff et al. (IEEE JBHI 2021, 25, 1519)."""

import torch
from torch import Tensor, nn

HIDDEN = 128
RECIPE = {"window": 2.5, "epochs": 50, "batch_size": 128, "learning_rate": 1e-2, "keep": "last"}
"""Training settings of Strodthoff et al."""


def init_prior_bias(layer: nn.Linear, logit: float = -3.0) -> nn.Linear:
    """Set all biases of a last layer to the logit of a prior probability.

    Otherwise, at small learning rates, the biases would need epochs to reach it.

    Parameters
    ----------
    layer
        A layer that outputs logits. It is changed in place.
    logit
        -3 is a probability of .05. Most labels are rarer than that.

    Returns
    -------
    nn.Linear
        The layer, changed in place.

    References
    ----------
    Lin et al., Focal Loss for Dense Object Detection, ICCV 2017, section 4.1.
    """
    nn.init.constant_(layer.bias, logit)
    return layer


def pooled_size(channels: int, *, hidden: bool) -> int:
    """Return the number of features that `Pooling` computes.

    Parameters
    ----------
    channels
        Channels of its input.
    hidden
        Whether it has a hidden layer.

    Returns
    -------
    int
        Number of features; the output of `Pooling` is (batch, features).
    """
    return HIDDEN if hidden else 2 * channels


class Pooling(nn.Module):
    """Maximum and mean over time, and an optional hidden layer, with batch normalization and dropout.

    Without the hidden layer, the same networks learn rare statements better and sooner
    (docs/explanation/experiments.md).

    Parameters
    ----------
    channels
        Channels of the input.
    hidden
        Whether there is a hidden layer.
    """

    def __init__(self, channels: int, *, hidden: bool = True) -> None:
        super().__init__()
        pooled = 2 * channels
        between = [nn.Linear(pooled, HIDDEN), nn.ReLU(), nn.BatchNorm1d(HIDDEN), nn.Dropout(0.5)] if hidden else []
        self.layers = nn.Sequential(nn.BatchNorm1d(pooled), nn.Dropout(0.25), *between)

    def forward(self, signal: Tensor) -> Tensor:
        """Pool over time.

        Parameters
        ----------
        signal
            Signal of shape (batch, channels, steps).

        Returns
        -------
        Tensor
            Pooled features of shape (batch, pooled_size).
        """
        features: Tensor = self.layers(torch.cat([signal.amax(-1), signal.mean(-1)], 1))
        return features
