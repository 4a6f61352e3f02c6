"""The networks: one file per architecture, named after its paper.

A new network is one new file here: a class derived from `Network`, decorated with `register`. It is found by
itself and held to the contract that `tests/networks/test_contract.py` checks.
"""

from importlib import import_module
from pkgutil import iter_modules

from einthoven.networks.network import Features, Network, Standardised, create, names, register, registered

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = ["Features", "Network", "Standardised", "create", "names", "register", "registered"]
