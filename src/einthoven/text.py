"""Text from files and names of files, made safe for terminals, reports and messages."""

_MOST_READ = 8000  # characters of a text that are looked at
_LONGEST = 800


def printable(text: str) -> str:
    """Return `text` on one line of at most 800 characters, with "?" for each that a terminal would obey."""
    line = " ".join(text[:_MOST_READ].split())
    return "".join(sign if sign.isprintable() else "?" for sign in line[:_LONGEST])
