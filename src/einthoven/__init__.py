"""Einthoven: open 12-lead ECG interpretation. Research software, not a medical device."""

import os
from typing import TYPE_CHECKING, Any

# For ONNX Runtime, which reads the first when it is imported: so it must be set before that, in every process. Without
# it, it stores a device id and an event database in the home folder and sends events to its maker
# (docs/how-to/hospital.md). The second keeps a model's file from choosing the session's settings.
os.environ.update(ORT_DISABLE_TELEMETRY="1", ORT_LOAD_CONFIG_FROM_MODEL="0")

if TYPE_CHECKING:
    from einthoven.errors import EinthovenError, RecordingError, ShortageError
    from einthoven.interpret.interpretation import Interpretation
    from einthoven.interpret.interpreter import Interpreter
    from einthoven.readers import read
    from einthoven.recording import Recording, RecordingWarning

__version__ = "0.2.0"
__all__ = [
    "EinthovenError",
    "Interpretation",
    "Interpreter",
    "Recording",
    "RecordingError",
    "RecordingWarning",
    "ShortageError",
    "read",
]


def __getattr__(name: str) -> Any:
    """Import what is asked for only then, so that `einthoven --help` answers at once."""
    from importlib import import_module

    homes = {
        "EinthovenError": "einthoven.errors",
        "Interpretation": "einthoven.interpret.interpretation",
        "Interpreter": "einthoven.interpret.interpreter",
        "Recording": "einthoven.recording",
        "RecordingError": "einthoven.errors",
        "RecordingWarning": "einthoven.recording",
        "ShortageError": "einthoven.errors",
        "read": "einthoven.readers",
    }
    if name not in homes:
        raise AttributeError(f"module 'einthoven' has no attribute {name!r}")
    return getattr(import_module(homes[name]), name)
