"""Options of `einthoven interpret` for archives on a cluster."""

from typing import Any

import click

from einthoven.cli.common import combine

archive_options = combine(
    click.option(
        "--engine",
        type=click.Choice(["local", "ray"]),
        default="local",
        show_default=True,
        help="Ray interprets an archive, from and to folders or URLs (s3://, gs://, az://), on one machine or many.",
    ),
    click.option("--address", metavar="ADDRESS", help="Ray only: the cluster, or auto.  [default: this machine]"),
    click.option(
        "--manifest",
        metavar="FILE|URL",
        help="Ray only: a Parquet file with a column `path`, relative to the FOLDER if there is one. Other columns are "
        "copied to the results.",
    ),
    click.option(
        "--shard-size",
        type=click.IntRange(1),
        default=1000,
        show_default=True,
        help="Ray only: recordings in one Parquet file.",
    ),
)
"""`engine`, `address`, `manifest` and `shard_size`."""


def check_archive_options(
    sources: tuple[str, ...], out: str | None, manifest: str | None, others: dict[str, Any]
) -> None:
    """Refuse options that an archive cannot have.

    Parameters
    ----------
    sources
        The sources of the command.
    out
        Output of the command.
    manifest
        Manifest of the command.
    others
        Options that only a local run has, by name.

    Raises
    ------
    click.UsageError
        If something is missing or does not fit.
    """
    if given := [name for name, value in others.items() if value]:
        raise click.UsageError(f"--engine ray writes Parquet tables only; remove {', '.join(given)}.")
    if not out:
        raise click.UsageError("--engine ray writes a folder; add --out FOLDER or --out URL.")
    if not sources and not manifest:
        raise click.UsageError("Missing argument 'FOLDER|URL...'; or add --manifest FILE.")
    if manifest and len(sources) > 1:
        raise click.UsageError("With --manifest, give at most one FOLDER or URL, which its paths are relative to.")
