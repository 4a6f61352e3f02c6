"""What is wrong with a stream, for the monitor's maker to read."""

from einthoven.errors import EinthovenError


class StreamError(EinthovenError):
    """One sentence; the stream is closed with it."""
