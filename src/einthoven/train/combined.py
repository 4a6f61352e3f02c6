"""Superclasses that hear what their statements say.

A network of superclasses and statements answers each superclass twice: by its own output, and by the statements that
make it up, as the probability that at least one of them holds, 1 - prod(1 - p), were they independent. The mean of both
logits is better than either (docs/experiments.md).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from einthoven.networks import Standardised
from einthoven.ptbxl.vocabulary import STATEMENTS

_SMALLEST = 1e-6  # of -log(1 - p), whose logit is to be finite


class Combination(nn.Module):
    """Logits whose superclasses are the mean of their own and of what their statements say."""

    members: Tensor
    combined: Tensor

    def __init__(self, labels: tuple[str, ...]) -> None:
        """`labels`: what the logits stand for; superclasses without all their statements stay as they are."""
        super().__init__()
        members = [_members(label, labels) for label in labels]
        self.register_buffer("members", torch.tensor(members).T.float(), persistent=False)
        self.register_buffer("combined", torch.tensor([any(row) for row in members]), persistent=False)

    def forward(self, logits: Tensor) -> Tensor:
        """(batch, labels) -> (batch, labels)."""
        absent = (F.softplus(logits) @ self.members).clamp(min=_SMALLEST)  # -log(prod(1 - p))
        together = absent + torch.log(1 - torch.exp(-absent))
        return torch.where(self.combined, (logits + together) / 2, logits)


class Combined(nn.Module):
    """A trained model with combined superclasses."""

    def __init__(self, model: Standardised, labels: tuple[str, ...]) -> None:
        """`labels`: what the model's outputs stand for."""
        super().__init__()
        self.model = model
        self.combination = Combination(labels)

    def forward(self, signal: Tensor, *features: Tensor) -> Tensor:
        """As the model: (batch, 12, samples) in mV -> logits (batch, outputs)."""
        combined: Tensor = self.combination(self.model(signal, *features))
        return combined


def superclass_loss(combined: Tensor, wanted: Tensor, apart: float) -> Tensor:
    """Loss of the superclasses (batch, superclasses): of their combined logits against what is wanted, 0 to 1.

    Mean binary cross-entropy, and `apart` times that of the softmax over records of which one superclass is wanted for
    certain and no other: that these are told apart is measured too.
    """
    loss = F.binary_cross_entropy_with_logits(combined, wanted)
    single = (wanted.sum(1) == 1) & (wanted.amax(1) == 1)
    if single.any():
        loss = loss + apart * F.cross_entropy(combined[single], wanted[single].argmax(1))
    return loss


def _members(label: str, labels: tuple[str, ...]) -> list[bool]:
    """Which of `labels` are the statements of the superclass `label`; none where it is none, or one is missing."""
    codes = {code for code, statement in STATEMENTS.items() if statement.diagnostic_class == label} - {label}
    return [codes <= set(labels) and other in codes for other in labels]
