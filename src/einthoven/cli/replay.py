"""`einthoven replay`: stream a recording to a service."""

from pathlib import Path

import click

from einthoven.cli.common import FILE, table_options
from einthoven.terminal import print_escaped


@click.command()
@click.argument("source", metavar="FILE")
@click.option(
    "--url",
    default="ws://127.0.0.1:8000/v1/stream",
    show_default=True,
    help="Address of the service's stream.",
)
@click.option("--token-file", type=FILE, help="File with the token of the service.")
@click.option("--speed", type=click.FloatRange(0.1, 20), default=1.0, show_default=True, help="Relative to real time.")
@click.option("--loop", is_flag=True, help="Repeat the recording endlessly, spliced between beats.")
@click.option("--noise", is_flag=True, help="Add random baseline wander and muscle noise.")
@click.option(
    "--seconds",
    type=click.FloatRange(0, min_open=True),
    help="Stop after this time of the recording, in s.  [default: its end]",
)
@click.option("--name", help='Name of the stream for watchers, such as "Bed 4"; never the name of a patient.')
@table_options
def replay(
    source: str,
    url: str,
    token_file: Path | None,
    speed: float,
    loop: bool,
    noise: bool,
    seconds: float | None,
    name: str | None,
    rate: float | None,
    unit: str | None,
    leads: str | None,
    scale: str | None,
) -> None:
    """Stream a recording to a service, as a monitor does.

    Prints each answer of the service.

    \b
    Examples:
      einthoven serve &
      einthoven replay ecg.dcm --loop --noise
      einthoven replay ecg.dcm --loop --seconds 120 --speed 10

    See docs/how-to/monitor.md for the protocol. Research software, not a medical device.
    """
    import numpy as np

    from einthoven.readers import read
    from einthoven.serve.settings import read_token
    from einthoven.serve.stream.playback import Playback
    from einthoven.serve.stream.replay import Replay

    token = read_token(token_file) if token_file else None
    recording = read(source, rate=rate, unit=unit, leads=leads.split(",") if leads else None, scale=scale)
    playback = Playback(recording, loop=loop, noise=np.random.default_rng() if noise else None)
    Replay(playback, recording.leads, recording.rate, url, token, speed, seconds or float("inf"), name)(print_escaped)
