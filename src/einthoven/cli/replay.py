"""`einthoven replay`: a recording played to a service as a monitor would."""

from pathlib import Path

import click

from einthoven.cli.common import FILE
from einthoven.terminal import print_escaped


@click.command()
@click.argument("source", metavar="FILE")
@click.option("--url", default="ws://127.0.0.1:8000/v1/stream", show_default=True, help="The service's stream.")
@click.option("--token-file", type=FILE, help="File with the service's token.")
@click.option("--speed", type=click.FloatRange(0.1, 20), default=1.0, show_default=True, help="Times real time.")
@click.option("--loop", is_flag=True, help="Play on and on, spliced between beats.")
@click.option("--noise", is_flag=True, help="Add baseline wander and muscle noise that never repeat.")
@click.option("--seconds", type=click.FloatRange(0, min_open=True), help="Stop after so much of the recording's time.")
@click.option("--name", help='Name of the stream for those who watch it, as "Bed 4"; not a patient\'s.')
@click.option("--rate", type=float, help="Of a table that does not say it: sampling rate in Hz.")
@click.option("--unit", help="Of a table: nV, uV, mV or V.")
@click.option("--leads", help="Of a table: names of its columns, as I,II,V1.")
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
) -> None:
    """Play a recording to `einthoven serve` as a monitor would, and print each answer.

    \b
      einthoven serve &
      einthoven replay ecg.dcm --loop --noise
      einthoven replay ecg.dcm --loop --seconds 120 --speed 10

    The protocol stands in docs/how-to/monitor.md.

    Research software, not a medical device.
    """
    import numpy as np

    from einthoven.readers import read
    from einthoven.serve.settings import read_token
    from einthoven.serve.stream.playback import Playback
    from einthoven.serve.stream.replay import Replay

    token = read_token(token_file) if token_file else None
    recording = read(source, rate=rate, unit=unit, leads=leads.split(",") if leads else None)
    playback = Playback(recording, loop=loop, noise=np.random.default_rng() if noise else None)
    Replay(playback, recording.leads, recording.rate, url, token, speed, seconds or float("inf"), name)(print_escaped)
