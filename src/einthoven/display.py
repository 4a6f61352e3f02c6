"""How `print` and notebooks show recordings and interpretations.

report/ draws recordings and writes results, and lower layers must not import it. So the package root, which Python
imports before any of its modules, registers the functions of report/ here, and `Recording` and `Interpretation` call
them by kind.
"""

from collections.abc import Callable
from typing import Any, Literal

Kind = Literal["text", "html", "svg"]
_functions: dict[Kind, Callable[[Any], str]] = {}


def register(kind: Kind, function: Callable[[Any], str]) -> None:
    """Set the function that shows values in one way.

    Parameters
    ----------
    kind
        text and html for an interpretation, svg for a recording.
    function
        Takes the value.
    """
    _functions[kind] = function


def show(kind: Kind, value: Any) -> str:
    """Show a value in one way.

    Parameters
    ----------
    kind
        A registered kind.
    value
        An interpretation or a recording.

    Returns
    -------
    str
        Text, HTML or SVG.
    """
    return _functions[kind](value)
