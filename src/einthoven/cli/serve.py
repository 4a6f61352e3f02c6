"""`einthoven serve`: run the HTTP service."""

import signal
import sys
from pathlib import Path

import click

from einthoven.cli.common import FILE, interpreter_options
from einthoven.errors import EinthovenError


@click.command()
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on; one that other machines can reach needs --token-file.",
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="Port to listen on; 0: any free one."
)
@interpreter_options
@click.option("--token-file", type=FILE, help="File with the token that clients must send.")
@click.option("--workers", type=click.IntRange(1), help="Number of worker processes.  [default: one per CPU]")
@click.option(
    "--allowed-host",
    "allowed_hosts",
    multiple=True,
    metavar="NAME",
    help="Another host name by which clients may call the service. Repeat it for several.",
)
@click.option(
    "--queue",
    type=click.IntRange(0),
    default=128,
    show_default=True,
    help="Recordings that may wait for a worker; more are answered with status 429.",
)
@click.option(
    "--max-mib", type=click.IntRange(1), default=32, show_default=True, help="Maximum size of a request in MiB."
)
@click.option(
    "--max-connections", type=click.IntRange(1), default=512, show_default=True, help="Maximum number of connections."
)
@click.option(
    "--max-client-connections",
    type=click.IntRange(1),
    default=128,
    show_default=True,
    help="Maximum number of connections from one address.",
)
@click.option(
    "--trusted-proxy",
    "trusted_proxies",
    multiple=True,
    metavar="ADDRESS",
    help="Address or network of a proxy, to which --max-client-connections does not apply. Repeat it for several.",
)
@click.option(
    "--max-streams", type=click.IntRange(0), default=128, show_default=True, help="Maximum number of live streams."
)
@click.option(
    "--stream-idle-seconds",
    type=click.FloatRange(1),
    default=30,
    show_default=True,
    help="Close the connection of a monitor that sends no sample for this time, in s.",
)
@click.option(
    "--stream-keep-seconds",
    type=click.FloatRange(0),
    default=60,
    show_default=True,
    help="Keep the stream of a monitor whose connection broke for this time, in s.",
)
@click.option(
    "--receive-seconds",
    type=click.FloatRange(0.1),
    default=30,
    show_default=True,
    help="Longest time for a request to arrive, in s.",
)
@click.option(
    "--stop-seconds",
    type=click.IntRange(0),
    default=30,
    show_default=True,
    help="Longest time to finish running requests when the service stops, in s.",
)
def serve(
    host: str,
    port: int,
    model: str,
    model_key: Path | None,
    token_file: Path | None,
    workers: int | None,
    prevalence: dict[str, float],
    allowed_hosts: tuple[str, ...],
    queue: int,
    max_mib: int,
    max_connections: int,
    max_client_connections: int,
    trusted_proxies: tuple[str, ...],
    max_streams: int,
    stream_idle_seconds: float,
    stream_keep_seconds: float,
    receive_seconds: float,
    stop_seconds: int,
) -> None:
    """Run the HTTP service, with monitor streams and a viewer.

    Listens on this machine only, unless --host and --token-file are given. Ctrl-C or SIGTERM stops the service after
    it has finished running requests.

    \b
    Examples:
      einthoven serve
      curl -F file=@ecg.dcm http://127.0.0.1:8000/v1/interpret

    See docs/how-to/service.md, and docs/how-to/hospital.md for a service on a network.

    Research software, not a medical device.
    """
    if sys.platform == "win32":
        raise EinthovenError("The service needs Linux or macOS; on Windows run it in WSL or in a container.")
    from einthoven.serve.pool import Pool
    from einthoven.serve.settings import MIB, Settings, listen, read_token
    from einthoven.workers import cpu_count

    token = read_token(token_file) if token_file else None
    settings = Settings(
        host=host,
        port=port,
        model=model,
        model_key=model_key,
        prevalence=prevalence,
        workers=workers or cpu_count(),
        token=token,
        allowed_hosts=allowed_hosts,
        queue=queue,
        max_body=max_mib * MIB,
        max_bodies=max(8 * max_mib, 256) * MIB,
        max_connections=max_connections,
        max_client_connections=max_client_connections,
        trusted_proxies=trusted_proxies,
        max_streams=max_streams,
        stream_idle_seconds=stream_idle_seconds,
        stream_keep_seconds=stream_keep_seconds,
        receive_seconds=receive_seconds,
        stop_seconds=stop_seconds,
    )
    settings.check()
    listener = listen(settings)
    _set_limits(settings.max_connections)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # until the server handles it
    pool = Pool(settings)  # its processes start while the web framework is imported
    try:
        from einthoven.serve.server import run

        run(settings, listener, pool)
    finally:
        pool.stop()


def _set_limits(connections: int) -> None:
    """Allow that many connections, and no core dumps, which would write recordings to the disk."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < connections + 256:
        needed = connections + 256 if hard == resource.RLIM_INFINITY else min(connections + 256, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
