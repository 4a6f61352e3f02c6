"""Every registered network keeps the same contract."""

from collections.abc import Callable

import pytest
import torch

from einthoven.errors import EinthovenError
from einthoven.networks import InputNormalization, create, network_class, network_names
from einthoven.networks.contract import CHECKS, example
from einthoven.train.objective import AuxiliaryHead

CASES = [(name, samples) for name in network_names() for samples in network_class(name).lengths]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", network_names())
def test_contract(name: str, check: Callable[[str], None]) -> None:
    check(name)


@pytest.mark.parametrize(("name", "samples"), CASES)
def test_the_auxiliary_head_takes_the_features_of_the_head(name: str, samples: int) -> None:
    torch.manual_seed(0)
    model = InputNormalization(create(name, 5, samples)).eval()
    both = AuxiliaryHead(model, 3).eval()
    logits = both(*example(name, samples))
    assert logits.shape == (3, 8)
    assert torch.equal(logits[:, :5], model(*example(name, samples)))
    head = model.network.head
    both.head.weight.data, both.head.bias.data = head.weight.data[:3], head.bias.data[:3]
    logits = both(*example(name, samples))
    torch.testing.assert_close(logits[:, 5:], logits[:, :3])


def test_the_original_cnn_has_the_published_size() -> None:
    assert sum(p.numel() for p in create("original-cnn", 5, 1000).parameters()) == 64_573


def test_an_unknown_model_is_named_with_the_known_ones() -> None:
    with pytest.raises(EinthovenError, match=r"no network 'resnet'.*smigiel-conv"):
        network_class("resnet")
