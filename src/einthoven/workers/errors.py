"""Errors in processing an item that the item did not raise itself."""

from einthoven.errors import EinthovenError, ShortageError


class WorkerError(EinthovenError):
    """An item has no result: its process died or took too long, or Einthoven has a bug."""


class KilledError(ShortageError):
    """The process of an item was killed from outside, by a person or by Linux when memory is short."""

    def __init__(self) -> None:
        super().__init__(
            "A worker process was killed, which happens when memory is short. Use fewer workers and try again."
        )

    def __reduce__(self) -> tuple[type["KilledError"], tuple[()]]:
        return type(self), ()
