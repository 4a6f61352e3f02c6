"""Display of recordings and interpretations by `print` and notebooks.

report/ draws recordings and writes results, and lower layers must not import it. So the package root, which Python
imports before any of its modules, registers the functions of report/ here, and `Recording` and `Interpretation` call
them by kind. `Interpreter.frame` calls frame.py for the same reason.
"""

from collections.abc import Callable
from typing import Any, Literal

Kind = Literal["text", "html", "svg", "frame"]
_functions: dict[Kind, Callable[..., Any]] = {}


def register(kind: Kind, function: Callable[..., Any]) -> None:
    """Set the function that shows values in one way.

    Parameters
    ----------
    kind
        text and html for an interpretation, svg for a recording, frame for an interpreter and recordings.
    function
        Function that takes the values.
    """
    _functions[kind] = function


def show(kind: Kind, *values: Any) -> Any:
    """Show a value in one way.

    Parameters
    ----------
    kind
        A registered kind.
    *values
        An interpretation, a recording, or an interpreter and recordings.

    Returns
    -------
    str or DataFrame
        Text, HTML or SVG, or the table.
    """
    return _functions[kind](*values)
