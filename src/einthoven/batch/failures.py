"""The answer of a file that failed: its source, and why."""

import orjson

from einthoven.readers.names import printable

_FAILED = '{"recording"'


def failed(source: str, error: str) -> str:
    """The answer for `source`, as JSON on one line."""
    reason = error.removeprefix(f"{source}: ").removeprefix(f"{printable(source)}: ")
    return orjson.dumps({"recording": {"source": path_text(source)}, "error": path_text(reason)}).decode()


def failure(answer: str) -> str | None:
    """The sentence that an answer has instead of an interpretation; None where it is one."""
    if not answer.startswith(_FAILED):
        return None
    facts = orjson.loads(answer)
    return f"{facts['recording']['source']}: {facts['error']}"


def path_text(source: str) -> str:
    r"""A path as text that every output can hold: bytes of a file's name that are no UTF-8 are shown as \udcff."""
    return source.encode("utf-8", "backslashreplace").decode()
