"""The only place that starts ONNX Runtime: without telemetry, on one thread, from bytes that were checked before."""

import re
from os import PathLike
from typing import TYPE_CHECKING

from einthoven.errors import EinthovenError

if TYPE_CHECKING:
    import onnxruntime

PROVIDERS = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
}
"""ONNX Runtime's names of its execution providers. Only cpu was tested."""
OUT_OF_MEMORY = "Failed to allocate memory for requested buffer"
"""Text of an ONNX Runtime error that means a MemoryError."""
_FATAL_ONLY = 4
_LOCATION = re.compile(rb"location(?<=[\n\0]\x08location|[\x80\x88]\0location)")
"""The text "location" as a protobuf field 1, which every reference to a file of weights holds, however encoded."""


def load_session(model: bytes, source: str | PathLike[str], provider: str = "cpu") -> "onnxruntime.InferenceSession":
    """Load an ONNX model for one CPU thread, so that results do not depend on the machine's load or size.

    Parameters
    ----------
    model
        Content of the file. With a path, ONNX Runtime could load other bytes than those that were checked.
    source
        Path of the model, for errors.
    provider
        Execution provider: one of PROVIDERS. The CPU computes operators that the provider does not support.

    Returns
    -------
    onnxruntime.InferenceSession
        Safe to use from several threads.

    Raises
    ------
    EinthovenError
        If ONNX Runtime cannot load it or lacks the provider, or its weights lie in other files.
    """
    import onnxruntime  # here, because reading a card does not need it

    _check_provider(provider, onnxruntime.get_available_providers())
    if _LOCATION.search(model):
        raise EinthovenError("refers to weights in another file; export the model with its weights inside.", source)
    onnxruntime.disable_telemetry_events()  # for builds that ignore what einthoven/__init__.py sets, as some on Windows
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _FATAL_ONLY  # its errors come as exceptions too
    options.add_session_config_entry("session.load_model_format", "ONNX")
    try:
        return onnxruntime.InferenceSession(
            model,
            options,
            providers=list(dict.fromkeys([PROVIDERS[provider], PROVIDERS["cpu"]])),
            enable_fallback=0,  # the fallback prints to stdout and tries again
        )
    except MemoryError:
        raise
    except Exception as error:  # ONNX Runtime's own exceptions share no base class
        raise EinthovenError(f"ONNX Runtime refuses it ({reason(error)}); get the bundle again.", source) from error


def _check_provider(provider: str, available: list[str]) -> None:
    offered = [name for name, full_name in PROVIDERS.items() if full_name in available]
    if provider not in offered:
        raise EinthovenError(
            f"The installed ONNX Runtime has no provider {provider}; it offers {', '.join(offered)}. Choose one of "
            "them, or install the build of ONNX Runtime for your device (https://onnxruntime.ai)."
        )


def reason(error: Exception) -> str:
    """Return the first words of an error of ONNX Runtime.

    Parameters
    ----------
    error
        Any exception.

    Returns
    -------
    str
        One line, without control characters.
    """
    text = "".join(character if character.isprintable() else " " for character in str(error)[:300])
    return f"{type(error).__name__}: {text.removeprefix('[ONNXRuntimeError] : ')}"
