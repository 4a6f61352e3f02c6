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


class Combined(nn.Module):
    """A trained model whose superclasses' logits are the mean of their own and of what their statements say."""

    members: Tensor
    combined: Tensor

    def __init__(self, model: Standardised, labels: tuple[str, ...]) -> None:
        """`labels`: what the model's outputs stand for; superclasses without all their statements stay as they are."""
        super().__init__()
        self.model = model
        members = [_members(label, labels) for label in labels]
        self.register_buffer("members", torch.tensor(members).T.float(), persistent=False)
        self.register_buffer("combined", torch.tensor([any(row) for row in members]), persistent=False)

    def forward(self, signal: Tensor, *features: Tensor) -> Tensor:
        """As the model: (batch, 12, samples) in mV -> logits (batch, outputs)."""
        logits: Tensor = self.model(signal, *features)
        absent = (F.softplus(logits) @ self.members).clamp(min=_SMALLEST)  # -log(prod(1 - p))
        together = absent + torch.log(1 - torch.exp(-absent))
        return torch.where(self.combined, (logits + together) / 2, logits)


def _members(label: str, labels: tuple[str, ...]) -> list[bool]:
    """Which of `labels` are the statements of the superclass `label`; none where it is none, or one is missing."""
    codes = {code for code, statement in STATEMENTS.items() if statement.diagnostic_class == label} - {label}
    return [codes <= set(labels) and other in codes for other in labels]
