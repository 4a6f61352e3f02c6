"""Networks from outside the package: found by module:Class or an entry point, checked, trained and exported."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from einthoven.datasets.dataset import Dataset
from einthoven.errors import EinthovenError
from einthoven.model.bundle import Bundle
from einthoven.networks import network_class
from einthoven.networks.contract import CHECKS
from einthoven.train.config import TrainConfig
from einthoven.train.export import export
from einthoven.train.run import Run
from einthoven.train.start import train

SOURCE = """
import torch
from einthoven.networks import Network

class Small(Network):
    recipe = {"window": 2.5, "stride": 2.5}
    lengths = (250,)

    def __init__(self, outputs, samples):
        super().__init__(outputs, samples)
        self.body = torch.nn.Conv1d(12, 8, 9, 4)
        self.head = torch.nn.Linear(8, outputs)

    def features(self, signal):
        return self.body(signal).relu().mean(-1)

class Mixes(Small):
    def features(self, signal):
        features = super().features(signal)
        return features - features.mean(0)

class Deaf(Small):
    def features(self, signal):
        return 0 * super().features(signal)

class MoreThanTheHead(Small):
    def forward(self, signal):
        return super().forward(signal).exp()

class NotANetwork(torch.nn.Module):
    pass
"""


@pytest.fixture(autouse=True)
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Another package, `elsewhere`, with an entry point."""
    (tmp_path / "elsewhere.py").write_text(SOURCE)
    metadata = tmp_path / "elsewhere-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Name: elsewhere\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text("[einthoven.networks]\nsmall-one = elsewhere:Small\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("elsewhere", None)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_it_can_be_checked_by_the_contract(check: Callable[[str], None]) -> None:
    check("elsewhere:Small")


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("Mixes", "records_of_a_batch_do_not_mix"),
        ("Deaf", "one_finite_logit_per_label"),
        ("MoreThanTheHead", "the_head_is_the_last_linear_layer"),
    ],
)
def test_the_contract_finds_what_is_wrong(name: str, check: str) -> None:
    (named,) = [function for function in CHECKS if function.__name__ == check]
    with pytest.raises(AssertionError):
        named(f"elsewhere:{name}")


def test_it_is_trained_and_exported(simulated: Path, tmp_path: Path) -> None:
    config = TrainConfig.make({"data": str(simulated), "model": "elsewhere:Small", "epochs": 1})
    assert config.window == 2.5, "its recipe counts"
    train(config, tmp_path / "run")
    run = Run.open(tmp_path / "run")
    export([run], Dataset.open(simulated), tmp_path / "bundle", name="small")
    assert Bundle.load(tmp_path / "bundle").embedding_dimension == 8


def test_an_entry_point_gives_it_a_name() -> None:
    assert network_class("small-one") is network_class("elsewhere:Small")
    with pytest.raises(EinthovenError, match=r"choose one of .*s4d-edge.*small-one.*, or give module:Class"):
        network_class("none")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("nowhere:Small", r"cannot be imported \(No module named 'nowhere'\); install its package"),
        ("elsewhere:Large", "cannot be imported .*no attribute 'Large'"),
        ("elsewhere:NotANetwork", "is not a subclass of einthoven.networks.Network"),
        ("elsewhere:SOURCE-", "cannot be imported"),
        (":", "cannot be imported"),
    ],
)
def test_what_is_no_network_is_refused(name: str, sentence: str) -> None:
    with pytest.raises(EinthovenError, match=sentence):
        network_class(name)
