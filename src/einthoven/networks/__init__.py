"""The networks: one file per architecture, named after its paper.

To add a network, add one file here with a class derived from `Network` and decorated with `register`. The package
finds it automatically. `contract` checks it. Networks of other packages are named module:Class, or by an entry point.
"""

from importlib import import_module
from pkgutil import iter_modules

from einthoven.networks.network import (
    InputNormalization,
    Network,
    RecordFeatures,
    create,
    network_class,
    network_names,
    register,
)

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = ["InputNormalization", "Network", "RecordFeatures", "create", "network_class", "network_names", "register"]
