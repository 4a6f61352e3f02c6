"""The contract of every network, input normalization, and the registry."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from einthoven.arrays import Float32Array
from einthoven.errors import EinthovenError


@dataclass(frozen=True)
class RecordFeatures:
    """Numbers that a network takes in addition to the signal, computed once per record and cached."""

    name: str
    """Name of the cached array. Change it if the function changes."""
    size: int
    """Number of features of a record."""
    compute: Callable[[Float32Array, int], Float32Array]
    """Function of a signal (leads, samples) in mV and the rate in Hz that returns an array (size,)."""


class Network(nn.Module):
    """Maps a normalized signal (batch, 12, samples) to one logit per label (batch, outputs).

    A subclass sets `head`, its last layer, and defines `features`, all that comes before it.

    A network with `record_features` takes those as its second argument, (batch, record_features.size). It is for
    comparison only and cannot be exported.

    Parameters
    ----------
    outputs
        Number of labels.
    samples
        Samples of a window.
    """

    lengths: ClassVar[tuple[int, ...]] = (1000,)
    """Numbers of samples for which the contract test builds the network."""
    record_features: ClassVar[RecordFeatures | None] = None
    recipe: ClassVar[Mapping[str, Any]] = {}
    """Training settings of this network that differ from the defaults of TrainConfig."""
    no_weight_decay: ClassVar[tuple[str, ...]] = ()
    """Last names of the parameters that are exempt from weight decay."""
    head: nn.Linear
    features: Callable[..., Tensor]
    """Maps (batch, 12, samples), and any record features, to the input of `head` (batch, head.in_features)."""

    def __init__(self, outputs: int, samples: int) -> None:
        super().__init__()
        self.outputs, self.samples = outputs, samples

    def forward(self, signal: Tensor, *record_features: Tensor) -> Tensor:
        """Compute the logits.

        Parameters
        ----------
        signal
            Normalized signal of shape (batch, 12, samples).
        *record_features
            Record features of shape (batch, size), for a network with `record_features`.

        Returns
        -------
        Tensor
            Logits of shape (batch, outputs).
        """
        logits: Tensor = self.head(self.features(signal, *record_features))
        return logits

    def for_export(self) -> "Network":
        """Prepare the network for inference.

        Returns
        -------
        Network
            The network itself, or a copy in which everything constant is computed.
        """
        return self


class InputNormalization(nn.Module):
    """A network with an input in mV: subtracts the training folds' mean and divides by their standard deviation.

    Parameters
    ----------
    network
        Network that takes the normalized signal.
    mean, std
        Mean and standard deviation of the signal in mV.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, network: Network, mean: float = 0.0, std: float = 1.0) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.tensor(mean))
        self.register_buffer("std", torch.tensor(std))

    def features(self, signal: Tensor, *record_features: Tensor) -> Tensor:
        """Compute the input of the network's head.

        Parameters
        ----------
        signal
            Signal of shape (batch, 12, samples) in mV.
        *record_features
            Record features of shape (batch, size), for a network with `record_features`.

        Returns
        -------
        Tensor
            Features of shape (batch, head.in_features).
        """
        return self.network.features((signal - self.mean) / self.std, *record_features)

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
            Logits of shape (batch, outputs).
        """
        logits: Tensor = self.network.head(self.features(signal, *record_features))
        return logits


_REGISTRY: dict[str, type[Network]] = {}
ENTRY_POINTS = "einthoven.networks"
"""Group of the entry points by which other packages name their networks."""


def register(name: str) -> Callable[[type[Network]], type[Network]]:
    """Register a network, as a class decorator.

    Parameters
    ----------
    name
        Name of the network in settings.

    Returns
    -------
    Callable
        The decorator.

    Raises
    ------
    ValueError
        If the name is taken.
    """

    def _add(network: type[Network]) -> type[Network]:
        if name in _REGISTRY:
            raise ValueError(f"two networks are called {name!r}")
        _REGISTRY[name] = network
        return network

    return _add


def network_class(name: str) -> type[Network]:
    """Find a network by its name.

    Parameters
    ----------
    name
        Name under which the network is registered, name of an entry point of another package, or module:Class.

    Returns
    -------
    type of Network
        The class.

    Raises
    ------
    EinthovenError
        If there is no such network, or it is not a `Network`. The message lists the known names.
    """
    return _REGISTRY[name] if name in _REGISTRY else _external_class(name)


def _external_class(name: str) -> type[Network]:
    """Import a network of another package."""
    given = [EntryPoint(name, name, ENTRY_POINTS)] if ":" in name else entry_points(group=ENTRY_POINTS, name=name)
    for entry in given:
        try:
            network = entry.load()
        except (ImportError, AttributeError, ValueError) as error:
            raise EinthovenError(
                f"The network {name} cannot be imported ({error}); install its package, or set PYTHONPATH."
            ) from error
        if not (isinstance(network, type) and issubclass(network, Network)):
            raise EinthovenError(f"The network {name} is not a subclass of einthoven.networks.Network.")
        return network
    known = ", ".join(sorted({*_REGISTRY, *entry_points(group=ENTRY_POINTS).names}))
    raise EinthovenError(f"There is no network {name!r}; choose one of {known}, or give module:Class.")


def network_names() -> list[str]:
    """List all networks.

    Returns
    -------
    list of str
        Names of the networks, sorted.
    """
    return sorted(_REGISTRY)


def create(name: str, outputs: int, samples: int) -> Network:
    """Create a network.

    Parameters
    ----------
    name
        Name of the network.
    outputs
        Number of labels.
    samples
        Samples of a window.

    Returns
    -------
    Network
        Network with untrained weights.

    Raises
    ------
    EinthovenError
        If there is no such network.
    """
    return network_class(name)(outputs, samples)
