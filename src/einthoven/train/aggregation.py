"""Superclass logits averaged with the noisy-OR of their statements.

A network for superclasses and statements predicts each superclass twice: directly, and as the probability that at
least one of its statements is present. That is 1 - prod(1 - p) if the statements are independent. The mean of both
logits is better than either of them (docs/explanation/experiments.md).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from einthoven.networks import InputNormalization
from einthoven.ptbxl.vocabulary import STATEMENTS

_SMALLEST = 1e-6  # of -log(1 - p), so that its logit is finite


class SuperclassAggregation(nn.Module):
    """Averages each superclass logit with the noisy-OR of its statements.

    Parameters
    ----------
    labels
        The label of each logit, in order. A superclass that lacks one of its statements stays unchanged.
    """

    members: Tensor
    aggregated: Tensor

    def __init__(self, labels: tuple[str, ...]) -> None:
        super().__init__()
        members = [_members(label, labels) for label in labels]
        self.register_buffer("members", torch.tensor(members).T.float(), persistent=False)
        self.register_buffer("aggregated", torch.tensor([any(row) for row in members]), persistent=False)

    def forward(self, logits: Tensor) -> Tensor:
        """Aggregate the logits.

        Parameters
        ----------
        logits
            Logits of shape (batch, labels).

        Returns
        -------
        Tensor
            Logits of shape (batch, labels).
        """
        absent = (F.softplus(logits) @ self.members).clamp(min=_SMALLEST)  # -log(prod(1 - p))
        noisy_or = absent + torch.log(1 - torch.exp(-absent))
        return torch.where(self.aggregated, (logits + noisy_or) / 2, logits)


class AggregatedModel(nn.Module):
    """A trained model followed by `SuperclassAggregation`.

    Parameters
    ----------
    model
        Maps a signal in mV to logits.
    labels
        The label of each logit, in order.
    """

    def __init__(self, model: InputNormalization, labels: tuple[str, ...]) -> None:
        super().__init__()
        self.model = model
        self.aggregation = SuperclassAggregation(labels)

    def forward(self, signal: Tensor, *record_features: Tensor) -> Tensor:
        """Compute the logits.

        Parameters
        ----------
        signal
            Signal of shape (batch, 12, samples) in mV.
        *record_features
            Record features of shape (batch, size), for a network with `record_features`.

        Returns
        -------
        Tensor
            Logits of shape (batch, labels).
        """
        return self.logits_and_features(signal, *record_features)[0]

    def logits_and_features(self, signal: Tensor, *record_features: Tensor) -> tuple[Tensor, Tensor]:
        """Compute the logits, and the features that enter the last layer.

        Parameters
        ----------
        signal, *record_features
            Inputs as for the logits alone.

        Returns
        -------
        tuple of Tensor
            Logits (batch, labels), and features (batch, features).
        """
        features = self.model.features(signal, *record_features)
        return self.aggregation(self.model.network.head(features)), features


def _members(label: str, labels: tuple[str, ...]) -> list[bool]:
    """Return a mask of `labels` that are statements of a superclass; all False unless every statement is there."""
    codes = {code for code, statement in STATEMENTS.items() if statement.diagnostic_class == label} - {label}
    return [codes <= set(labels) and other in codes for other in labels]
