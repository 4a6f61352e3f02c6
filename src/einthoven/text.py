"""Text from files and names of files, made safe for terminals, reports and messages."""

from collections.abc import Sequence

_MAX_LENGTH = 800


def printable(text: str, max_length: int | None = _MAX_LENGTH) -> str:
    """Return text on one line, without control characters.

    Parameters
    ----------
    text
        Any text.
    max_length
        Longest result in characters; None for text whose end must not be lost.

    Returns
    -------
    str
        Text with "?" for each character that is not printable, and one blank for any white space.
    """
    line = " ".join((text if max_length is None else text[: 10 * max_length]).split())[:max_length]
    return line if line.isprintable() else "".join(letter if letter.isprintable() else "?" for letter in line)


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
        Path from Python, with a surrogate for each byte that is not UTF-8.

    Returns
    -------
    str
        Valid Unicode, in which such a byte is written as \udcff.
    """
    return source.encode("utf-8", "backslashreplace").decode()


def shorten(text: str, width: int, *, keep_end: bool = False) -> str:
    """Return printable text that fits into a width.

    Parameters
    ----------
    text
        Any text.
    width
        Most characters.
    keep_end
        Whether to keep the end of a text that is too long, such as a path, instead of its beginning.

    Returns
    -------
    str
        Text with an ellipsis for the part that is left out.
    """
    text = printable(text, None)
    if len(text) <= width:
        return text
    return f"…{text[1 - width :]}" if keep_end else f"{text[: width - 1]}…"


def enumerate_names(items: Sequence[str], most: int = 8) -> str:
    """List a few names in a sentence.

    Parameters
    ----------
    items
        Names.
    most
        Largest number of names to list.

    Returns
    -------
    str
        Text such as "a, b and 3 more".
    """
    more = f" and {len(items) - most} more" if len(items) > most else ""
    return ", ".join(items[:most]) + more


def capitalize(words: str) -> str:
    """Return a text with a capital first letter; the other letters stay.

    Parameters
    ----------
    words
        Text of at least one character.

    Returns
    -------
    str
        The text.
    """
    return words[0].upper() + words[1:]


def format_duration(seconds: float) -> str:
    """Format a time or a duration.

    Parameters
    ----------
    seconds
        Time in s.

    Returns
    -------
    str
        Text such as "9.98 s", "2:05 min" or "1:00:00 h".
    """
    if seconds < 120:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d} h" if hours else f"{minutes}:{rest:02d} min"


def split_list(text: str, separators: str) -> list[str]:
    """Split a list as people write it.

    Parameters
    ----------
    text
        Text such as "a, b;c".
    separators
        Characters that separate.

    Returns
    -------
    list of str
        The parts without surrounding blanks; empty parts are left out.
    """
    for separator in separators:
        text = text.replace(separator, separators[0])
    return [part for part in map(str.strip, text.split(separators[0])) if part]
