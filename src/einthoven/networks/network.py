"""The contract that every network keeps, and the registry."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from einthoven.errors import EinthovenError


@dataclass(frozen=True)
class Features:
    """Numbers that a network wants beside the tracing, computed once per record and cached."""

    name: str
    """Names the cached array; change it when the function changes."""
    size: int
    """How many numbers a record has."""
    compute: Callable[[NDArray[np.float32], int], NDArray[np.float32]]
    """(leads, samples) in mV and the rate in Hz -> (size,)."""


class Network(nn.Module):
    """Maps a standardised tracing (batch, 12, samples) to one logit per label (batch, outputs).

    A network with `features` is called with those as its second argument, (batch, features.size); it is for
    comparison and exempt from export.
    """

    lengths: ClassVar[tuple[int, ...]] = (1000,)
    """Numbers of samples that the network is held to: built for each, it accepts each."""
    features: ClassVar[Features | None] = None
    recipe: ClassVar[Mapping[str, Any]] = {}
    """Training settings that belong to this network and differ from the defaults of TrainConfig."""
    undecayed: ClassVar[tuple[str, ...]] = ()
    """Last names of the parameters that the optimizer's weight decay spares."""

    def __init__(self, outputs: int, samples: int) -> None:
        super().__init__()
        self.outputs, self.samples = outputs, samples

    def for_export(self) -> "Network":
        """The network as it is exported: itself, or a copy in which all that no longer changes is computed."""
        return self


class Standardised(nn.Module):
    """A network that takes mV: subtracts the mean and divides by the standard deviation of the training folds."""

    mean: Tensor
    std: Tensor

    def __init__(self, network: Network, mean: float = 0.0, std: float = 1.0) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.tensor(mean))
        self.register_buffer("std", torch.tensor(std))

    def forward(self, signal: Tensor, *features: Tensor) -> Tensor:
        """(batch, 12, samples) in mV, and the features of a network that has some -> logits (batch, outputs)."""
        logits: Tensor = self.network((signal - self.mean) / self.std, *features)
        return logits


_REGISTRY: dict[str, type[Network]] = {}


def register(name: str) -> Callable[[type[Network]], type[Network]]:
    """Class decorator: make a network known by `name`."""

    def add(network: type[Network]) -> type[Network]:
        if name in _REGISTRY:
            raise ValueError(f"two networks are called {name!r}")
        _REGISTRY[name] = network
        return network

    return add


def registered(name: str) -> type[Network]:
    """The network class called `name`; EinthovenError that lists the known ones if there is none."""
    if name not in _REGISTRY:
        raise EinthovenError(f"There is no model {name!r}; choose one of {', '.join(sorted(_REGISTRY))}.")
    return _REGISTRY[name]


def names() -> list[str]:
    """The names of all networks."""
    return sorted(_REGISTRY)


def create(name: str, outputs: int, samples: int) -> Network:
    """A new network called `name` for windows of `samples`; EinthovenError where there is none of that name."""
    return registered(name)(outputs, samples)
