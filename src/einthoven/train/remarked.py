"""A network with a second last layer, which says what is remarked of its records while it is trained."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from einthoven.networks import Standardised

_BIAS = -2.0  # most remarks are rare


class Remarked(nn.Module):
    """A network whose outputs are its labels' logits and, behind them, those of the remarks."""

    def __init__(self, network: Standardised, remarks: int) -> None:
        """The remarks hear what the network's last linear layer hears."""
        super().__init__()
        self.network = network
        last = [module for module in network.modules() if isinstance(module, nn.Linear)][-1]
        self.remarks = nn.Linear(last.in_features, remarks)
        nn.init.constant_(self.remarks.bias, _BIAS)
        last.register_forward_pre_hook(self._hear)

    def _hear(self, _layer: nn.Module, heard: tuple[Tensor]) -> None:
        (self._heard,) = heard

    def forward(self, signal: Tensor, *features: Tensor) -> Tensor:
        """As the network: (batch, 12, samples) in mV -> logits (batch, labels + remarks)."""
        logits = self.network(signal, *features)
        return torch.cat([logits, self.remarks(self._heard)], 1)


def loss_with_remarks(logits: Tensor, wanted: Tensor, labels: int, weight: float) -> Tensor:
    """Mean binary cross-entropy of the first `labels` outputs, and `weight` times that of the others, if there are any.

    `wanted` (batch, outputs) is NaN where a remark is not known, which then costs nothing.
    """
    loss = F.binary_cross_entropy_with_logits(logits[:, :labels], wanted[:, :labels])
    if logits.shape[1] > labels:
        remarks, known = wanted[:, labels:].nan_to_num(), ~wanted[:, labels:].isnan()
        loss = loss + weight * F.binary_cross_entropy_with_logits(logits[:, labels:], remarks, known.float())
    return loss
