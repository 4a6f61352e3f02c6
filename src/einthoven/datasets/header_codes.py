"""Codes that the comments of a WFDB header state, as in the PhysioNet Challenges."""

from collections.abc import Iterable

from einthoven.text import split_list

_NOTHING = {"", "nan", "none", "unknown", "n/a"}


def header_codes(comments: Iterable[str], name: str) -> frozenset[str] | None:
    """Return the codes that the comments of a WFDB header state.

    Parameters
    ----------
    comments
        Lines after "#".
    name
        The field, such as Dx: `#Dx: 164889003,426783006`. If the line has nothing after the colon, each line after it
        is a code.

    Returns
    -------
    frozenset of str or None
        Codes in the field; None if the field is missing or states nothing.
    """
    lines = [comment.strip() for comment in comments]
    for at, line in enumerate(lines):
        key, colon, text = line.partition(":")
        if colon and key.strip().casefold() == name.casefold():
            codes = split_list(text, ",") if text.strip() else lines[at + 1 :]
            return frozenset(code.rstrip(".") for code in codes if code.casefold() not in _NOTHING) or None
    return None
