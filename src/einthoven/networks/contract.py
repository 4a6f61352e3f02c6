"""Requirements on every network, as functions for tests; also for networks from outside this package.

    @pytest.mark.parametrize("check", CHECKS)
    def test_contract(check):
        check("my_package.networks:MyNetwork")

Each check takes the name of a network, builds it for every length in `lengths`, and raises AssertionError.
"""

import torch
from torch import Tensor

from einthoven.networks.network import Network, create, network_class
from einthoven.onnx_session import load_session

_OUTPUTS = 5


def example(name: str, samples: int, batch: int = 3) -> tuple[Tensor, ...]:
    """Return inputs of a network.

    Parameters
    ----------
    name
        Name of the network.
    samples
        Samples of a window.
    batch
        Number of records.

    Returns
    -------
    tuple of Tensor
        Normalized signals (batch, 12, samples), and the record features if the network takes them.
    """
    generator = torch.Generator().manual_seed(1)
    signal = torch.randn(batch, 12, samples, generator=generator) * 0.3
    spec = network_class(name).record_features
    return (signal,) if spec is None else (signal, torch.randn(batch, spec.size, generator=generator))


def one_finite_logit_per_label(name: str) -> None:
    """Check that the logits are finite, have the right shape, and depend on the signal.

    Parameters
    ----------
    name
        Name of the network.
    """
    for samples in network_class(name).lengths:
        logits = _network(name, samples).eval()(*example(name, samples))
        assert logits.shape == (3, _OUTPUTS), f"the logits have the shape {tuple(logits.shape)}"
        assert logits.isfinite().all(), "a logit is not finite"
        assert logits.std(0).max() > 0, "the logits do not depend on the signal"


def gradients_reach_every_parameter(name: str) -> None:
    """Check that each parameter has a finite gradient, and that at most a tenth of them are zero.

    Parameters
    ----------
    name
        Name of the network.
    """
    for samples in network_class(name).lengths:
        network = _network(name, samples)
        with torch.no_grad():  # a residual branch may begin closed, with a last weight of zero
            for parameter in network.parameters():
                parameter.add_(0.05 * torch.randn_like(parameter))
        network(*example(name, samples)).square().sum().backward()
        reached = []
        for parameter_name, parameter in network.named_parameters():
            assert parameter.grad is not None, f"{parameter_name} has no gradient"
            assert parameter.grad.isfinite().all(), f"the gradient of {parameter_name} is not finite"
            reached.append(bool(parameter.grad.abs().max() > 0))
        assert sum(reached) >= 0.9 * len(reached), "more than a tenth of the parameters have no effect"


def the_head_is_the_last_linear_layer(name: str) -> None:
    """Check that `head` maps what `features` computes to the logits.

    Parameters
    ----------
    name
        Name of the network.
    """
    for samples in network_class(name).lengths:
        network = _network(name, samples).eval()
        features = network.features(*example(name, samples))
        assert features.shape == (3, network.head.in_features), f"the features have the shape {tuple(features.shape)}"
        assert torch.equal(network.head(features), network(*example(name, samples))), "forward does more than the head"


def records_of_a_batch_do_not_mix(name: str) -> None:
    """Check that, in evaluation, a record's logits are the same alone as in a batch.

    Parameters
    ----------
    name
        Name of the network.
    """
    for samples in network_class(name).lengths:
        network, whole = _network(name, samples).eval(), example(name, samples)
        alone = network(*(argument[1:2] for argument in whole))
        torch.testing.assert_close(network(*whole)[1:2], alone, rtol=1e-4, atol=1e-5)


def export_keeps_the_logits(name: str) -> None:
    """Check that `for_export` and ONNX compute the same logits, for one record and for several.

    Networks with record features are not exported, and pass.

    Parameters
    ----------
    name
        Name of the network.
    """
    if network_class(name).record_features is not None:
        return
    samples = min(network_class(name).lengths)  # the graph is the same for every length
    network = _network(name, samples).eval()
    (signal,) = example(name, samples)
    expected = network(signal).detach()
    batch = torch.export.Dim("batch", min=1)
    program = torch.onnx.export(
        network.for_export(),
        (signal,),
        input_names=["signal"],
        dynamic_shapes=({0: batch},),
        dynamo=True,
        verbose=False,
    )
    assert program is not None
    session = load_session(program.model_proto.SerializeToString(), name)
    for records in (3, 1):
        (logits,) = session.run(None, {"signal": signal[:records].numpy()})
        torch.testing.assert_close(torch.from_numpy(logits), expected[:records], rtol=0, atol=1e-4)


CHECKS = (
    one_finite_logit_per_label,
    gradients_reach_every_parameter,
    the_head_is_the_last_linear_layer,
    records_of_a_batch_do_not_mix,
    export_keeps_the_logits,
)
"""All checks."""


def _network(name: str, samples: int) -> Network:
    torch.manual_seed(0)
    return create(name, _OUTPUTS, samples)
