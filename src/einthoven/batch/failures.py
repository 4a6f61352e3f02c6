"""The answer of a file that failed: its source, and why."""

import json

_FAILED = '{"recording"'


def failed(source: str, error: str) -> str:
    """The answer for `source`, as JSON on one line."""
    return json.dumps({"recording": {"source": source}, "error": error.removeprefix(f"{source}: ")}, ensure_ascii=False)


def failure(answer: str) -> str | None:
    """The sentence that an answer has instead of an interpretation; None where it is one."""
    if not answer.startswith(_FAILED):
        return None
    facts = json.loads(answer)
    return f"{facts['recording']['source']}: {facts['error']}"
