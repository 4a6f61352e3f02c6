"""Every registered network keeps the same contract."""

import io

import numpy as np
import onnxruntime
import pytest
import torch

from einthoven.errors import EinthovenError
from einthoven.networks import InputNormalization, create, network_class, network_names
from einthoven.train.objective import AuxiliaryHead

CASES = [(name, samples) for name in network_names() for samples in network_class(name).lengths]


def arguments(name: str, samples: int, batch: int = 3) -> tuple[torch.Tensor, ...]:
    generator = torch.Generator().manual_seed(1)
    signal = torch.randn(batch, 12, samples, generator=generator) * 0.3
    spec = network_class(name).record_features
    return (signal,) if spec is None else (signal, torch.randn(batch, spec.size, generator=generator))


@pytest.mark.parametrize(("name", "samples"), CASES)
def test_one_finite_logit_per_label(name: str, samples: int) -> None:
    torch.manual_seed(0)
    model = create(name, 7, samples).eval()
    logits = model(*arguments(name, samples))
    assert logits.shape == (3, 7)
    assert logits.isfinite().all()
    assert logits.std(0).max() > 0, "the logits do not depend on the signal"


@pytest.mark.parametrize(("name", "samples"), CASES)
def test_gradients_reach_every_parameter(name: str, samples: int) -> None:
    torch.manual_seed(0)
    model = create(name, 5, samples)
    with torch.no_grad():  # a residual branch may begin closed, with a last weight of zero
        for parameter in model.parameters():
            parameter += 0.05 * torch.randn_like(parameter)
    model(*arguments(name, samples)).square().sum().backward()
    for parameter_name, parameter in model.named_parameters():
        assert parameter.grad is not None, parameter_name
        assert parameter.grad.isfinite().all(), parameter_name
    assert sum(bool(p.grad.abs().max() > 0) for p in model.parameters()) >= 0.9 * len(list(model.parameters()))


@pytest.mark.parametrize(("name", "samples"), CASES)
def test_the_auxiliary_head_takes_the_features_of_the_head(name: str, samples: int) -> None:
    torch.manual_seed(0)
    model = InputNormalization(create(name, 5, samples)).eval()
    both = AuxiliaryHead(model, 3).eval()
    logits = both(*arguments(name, samples))
    assert logits.shape == (3, 8)
    assert torch.equal(logits[:, :5], model(*arguments(name, samples)))
    head = model.network.head
    both.head.weight.data, both.head.bias.data = head.weight.data[:3], head.bias.data[:3]
    logits = both(*arguments(name, samples))
    torch.testing.assert_close(logits[:, 5:], logits[:, :3])


@pytest.mark.parametrize(("name", "samples"), CASES)
def test_the_head_is_the_last_linear_layer(name: str, samples: int) -> None:
    network = create(name, 5, samples).eval()
    features = network.features(*arguments(name, samples))
    assert features.shape == (3, network.head.in_features)
    assert torch.equal(network.head(features), network(*arguments(name, samples)))


@pytest.mark.parametrize(("name", "samples"), CASES)
def test_records_of_a_batch_do_not_mix(name: str, samples: int) -> None:
    torch.manual_seed(0)
    model = create(name, 5, samples).eval()
    whole = arguments(name, samples)
    alone = model(*(argument[1:2] for argument in whole))
    torch.testing.assert_close(model(*whole)[1:2], alone, rtol=1e-4, atol=1e-5)


EXPORTABLE = [name for name in network_names() if network_class(name).record_features is None]


@pytest.mark.parametrize("name", EXPORTABLE)
def test_onnx_export_equals_torch(name: str) -> None:
    torch.manual_seed(0)
    samples = min(network_class(name).lengths)  # the graph is the same for every length
    network = create(name, 5, samples).eval()
    model = InputNormalization(network, mean=0.01, std=0.3).eval()
    original = InputNormalization(network, mean=0.01, std=0.3).eval()
    model.network = network.for_export()
    (signal,) = arguments(name, samples)
    batch = torch.export.Dim("batch", min=1)
    program = torch.onnx.export(
        model, (signal,), input_names=["signal"], dynamic_shapes=({0: batch},), dynamo=True, verbose=False
    )
    file = io.BytesIO()
    program.model_proto  # noqa: B018 - raises where the graph is not valid
    file.write(program.model_proto.SerializeToString())
    session = onnxruntime.InferenceSession(file.getvalue())
    for part in (signal, signal[:1]):
        (logits,) = session.run(None, {"signal": part.numpy()})
        np.testing.assert_allclose(logits, original(part).detach().numpy(), atol=1e-4)


def test_the_original_cnn_has_the_published_size() -> None:
    assert sum(p.numel() for p in create("original-cnn", 5, 1000).parameters()) == 64_573


def test_an_unknown_model_is_named_with_the_known_ones() -> None:
    with pytest.raises(EinthovenError, match=r"no model 'resnet'.*smigiel-conv"):
        network_class("resnet")
