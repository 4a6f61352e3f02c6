"""Einthoven: open 12-lead ECG interpretation. Research software, not a medical device."""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

from einthoven import display

# For ONNX Runtime. It reads the first variable on import, so every process must set it before that. Otherwise ONNX
# Runtime stores a device id and an event database in the home folder, and sends events to its maker
# (docs/how-to/hospital.md). The second keeps a model's file from choosing the session's settings.
os.environ.update(ORT_DISABLE_TELEMETRY="1", ORT_LOAD_CONFIG_FROM_MODEL="0")

if TYPE_CHECKING:
    from einthoven import examples
    from einthoven.convert.write import write
    from einthoven.errors import EinthovenError, RecordingError, ShortageError
    from einthoven.interpret.interpretation import Failure, Interpretation
    from einthoven.interpret.interpreter import Interpreter
    from einthoven.readers import read
    from einthoven.recording import Recording, RecordingWarning

__version__ = "0.2.0"
__all__ = [
    "EinthovenError",
    "Failure",
    "Interpretation",
    "Interpreter",
    "Recording",
    "RecordingError",
    "RecordingWarning",
    "ShortageError",
    "examples",
    "read",
    "write",
]
_MODULES = {
    "EinthovenError": "einthoven.errors",
    "Failure": "einthoven.interpret.interpretation",
    "Interpretation": "einthoven.interpret.interpretation",
    "Interpreter": "einthoven.interpret.interpreter",
    "Recording": "einthoven.recording",
    "RecordingError": "einthoven.errors",
    "RecordingWarning": "einthoven.recording",
    "ShortageError": "einthoven.errors",
    "read": "einthoven.readers",
    "write": "einthoven.convert.write",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `einthoven --help` answers at once."""
    if name == "examples":
        return import_module("einthoven.examples")
    if name not in _MODULES:
        raise AttributeError(f"module 'einthoven' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


# These are imported when they are first called, for the same reason.
display.register("text", lambda result: str(import_module("einthoven.report.text").as_text(result)))
display.register("html", lambda interpretation: str(import_module("einthoven.report.html").as_html(interpretation)))
display.register("svg", lambda recording: str(import_module("einthoven.report.page.preview").preview(recording)))
display.register("frame", lambda *values: import_module("einthoven.frame").interpretation_frame(*values))
