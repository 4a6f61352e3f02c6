"""The training loss: of the labels, of the auxiliary targets and of the aggregated superclasses."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from einthoven.networks import InputNormalization
from einthoven.networks.head import init_prior_bias
from einthoven.ptbxl.annotations import SUPERCLASSES
from einthoven.ptbxl.vocabulary import ACUTE_NAMES
from einthoven.train.aggregation import SuperclassAggregation
from einthoven.train.config import TrainConfig

_AUXILIARY_LOGIT = -2.0  # most auxiliary targets are rare


class AuxiliaryHead(nn.Module):
    """A model with a second last layer, which predicts the auxiliary targets during training.

    Both heads take the same features, so that the auxiliary targets shape them too.

    Parameters
    ----------
    model
        The model that is trained. It stays usable alone.
    outputs
        Number of auxiliary targets.
    """

    def __init__(self, model: InputNormalization, outputs: int) -> None:
        super().__init__()
        self.model = model
        self.head = init_prior_bias(nn.Linear(model.network.head.in_features, outputs), _AUXILIARY_LOGIT)

    def forward(self, signal: Tensor, *record_features: Tensor) -> Tensor:
        """Compute the logits of both heads.

        Parameters
        ----------
        signal
            Signal of shape (batch, 12, samples) in mV.
        *record_features
            Record features of shape (batch, size), for a network with `record_features`.

        Returns
        -------
        Tensor
            Logits of shape (batch, labels + outputs).
        """
        features = self.model.features(signal, *record_features)
        return torch.cat([self.model.network.head(features), self.head(features)], 1)


class Objective(nn.Module):
    """The weighted sum of all losses.

    - the mean binary cross-entropy of the labels
    - `auxiliary_weight` times that of the auxiliary targets, where they are known
    - `superclass_weight` times `superclass_loss` of the aggregated superclasses
    - `acute_weight` times the binary cross-entropy of ACUTE and INJURY, among records with an infarct

    Parameters
    ----------
    labels
        The label of each of the first logits, in order. All further logits are auxiliary.
    config
        Configuration with the weights.
    """

    def __init__(self, labels: tuple[str, ...], config: TrainConfig) -> None:
        super().__init__()
        self.labels = len(labels)
        self.auxiliary_weight = config.auxiliary_weight
        self.superclass_weight = config.superclass_weight
        self.single_label_weight = config.single_label_weight
        self.aggregation = SuperclassAggregation(labels)
        self.superclasses = [k for k, label in enumerate(labels) if label in SUPERCLASSES]
        self.acute_weight = config.acute_weight
        self.acute = [k for k, label in enumerate(labels) if label in ACUTE_NAMES]
        self.infarct = labels.index("MI") if self.acute_weight else None

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Compute the loss of one batch.

        Parameters
        ----------
        logits
            Logits of shape (batch, labels + auxiliary targets).
        targets
            Targets from 0 to 1, in the shape of `logits`. An unknown auxiliary target is NaN and does not count.

        Returns
        -------
        Tensor
            A scalar.
        """
        labels, auxiliary = logits[:, : self.labels], logits[:, self.labels :]
        loss = F.binary_cross_entropy_with_logits(labels, targets[:, : self.labels])
        if auxiliary.shape[1]:
            loss = loss + self.auxiliary_weight * _known_cross_entropy(auxiliary, targets[:, self.labels :])
        if self.superclass_weight:
            aggregated = self.aggregation(labels)[:, self.superclasses]
            superclasses = superclass_loss(aggregated, targets[:, self.superclasses], self.single_label_weight)
            loss = loss + self.superclass_weight * superclasses
        if self.infarct is not None:
            infarct = targets[:, self.infarct, None].expand(-1, len(self.acute))
            acute = _weighted_cross_entropy(labels[:, self.acute], targets[:, self.acute], infarct)
            loss = loss + self.acute_weight * acute
        return loss


def superclass_loss(logits: Tensor, targets: Tensor, single_label_weight: float) -> Tensor:
    """Compute the loss of the aggregated superclasses.

    The loss is the mean binary cross-entropy, plus `single_label_weight` times the softmax cross-entropy of the records
    with exactly one superclass. The latter improves single-superclass accuracy, which is measured too.

    Parameters
    ----------
    logits, targets
        Logits and targets of shape (batch, superclasses), targets from 0 to 1.
    single_label_weight
        Weight of the softmax cross-entropy.

    Returns
    -------
    Tensor
        A scalar.
    """
    loss = F.binary_cross_entropy_with_logits(logits, targets)
    single = (targets.sum(1) == 1) & (targets.amax(1) == 1)
    if single.any():
        loss = loss + single_label_weight * F.cross_entropy(logits[single], targets[single].argmax(1))
    return loss


def _known_cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean binary cross-entropy, in which a target that is NaN counts as 0."""
    known = ~targets.isnan()
    return F.binary_cross_entropy_with_logits(logits, targets.nan_to_num(), known.float())


def _weighted_cross_entropy(logits: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
    """Weighted mean of the binary cross-entropy; 0 without weight."""
    total = F.binary_cross_entropy_with_logits(logits, targets, weights, reduction="sum")
    return total / weights.sum().clamp(min=1)
