"""What ONNX Runtime computes on can be chosen among what is installed."""

import onnxruntime
import pytest

from einthoven.errors import EinthovenError
from einthoven.model.bundle import Bundle
from einthoven.onnx_session import PROVIDERS


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_provider_is_used_or_the_error_lists_those_that_are_installed(provider: str) -> None:
    if PROVIDERS[provider] in onnxruntime.get_available_providers():
        assert Bundle.load("edge", provider=provider).session.get_providers()[0] == PROVIDERS[provider]
    else:
        with pytest.raises(EinthovenError, match=rf"has no provider {provider}; it offers cpu"):
            Bundle.load("edge", provider=provider)
