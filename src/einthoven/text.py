"""Text from files and names of files, made safe for terminals, reports and messages."""

_MAX_READ = 8000  # characters of a text that are looked at
_MAX_LENGTH = 800


def printable(text: str) -> str:
    """Return text on one line, without what a terminal would obey.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    str
        At most 800 characters, with "?" for each that is not printable.
    """
    line = " ".join(text[:_MAX_READ].split())
    return "".join(character if character.isprintable() else "?" for character in line[:_MAX_LENGTH])


def escape(text: str, keep: str = "") -> str:
    r"""Return text with the code of every character that is not printable, such as \u001b for ESC.

    Parameters
    ----------
    text
        Any text.
    keep
        Characters that stay as they are.

    Returns
    -------
    str
        Printable, except for `keep`; no information is lost.
    """
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() or character in keep else _code(character) for character in text
    )


def _code(character: str) -> str:
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"


def path_text(source: str) -> str:
    r"""Return a path as text that every output can hold.

    Parameters
    ----------
    source
        A path as Python has it, with a surrogate for each byte that is not UTF-8.

    Returns
    -------
    str
        Valid Unicode, in which such a byte is written as \udcff.
    """
    return source.encode("utf-8", "backslashreplace").decode()
