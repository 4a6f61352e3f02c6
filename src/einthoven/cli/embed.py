"""`einthoven embed`: the model's features of recordings, to search or to classify."""

import sys
from pathlib import Path

import click

from einthoven.cli.common import FILE, table_options
from einthoven.terminal import print_escaped


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="FILE|FOLDER|PATTERN...")
@click.option("--out", type=FILE, required=True, help="The new file, .npz or .parquet.")
@click.option(
    "--model", default="default", show_default=True, metavar="NAME|FOLDER", help="A bundle that has an embedding."
)
@table_options
def embed(
    sources: tuple[str, ...],
    out: Path,
    model: str,
    rate: float | None,
    unit: str | None,
    leads: str | None,
    scale: str | None,
) -> int:
    """Compute the embeddings of ECGs.

    An embedding holds the features before the model's last layer. Writes a row for each segment of up to 10 s: source,
    segment, error and embedding. A segment that is unfit for interpretation has NaN. Files are read one after the
    other, in this process.

    \b
    Examples:
      einthoven embed archive/ --out embeddings.npz
      einthoven embed archive/ --model bundles/mine --out embeddings.parquet

    \b
    Exit codes:
      0  every file has an embedding, or is unfit
      1  some files failed; their rows contain the error
      2  an error stopped the command
    """
    from einthoven.batch.embed import embed_files
    from einthoven.batch.sources import find_sources
    from einthoven.interpret.interpreter import Interpreter

    files = find_sources(sources, [out]).files
    names = leads.split(",") if leads else None
    options = {"rate": rate, "unit": unit, "leads": names, "scale": scale}
    errors = embed_files(files, Interpreter.load(model), out, **options)
    print_escaped(f"{out}: embeddings of {len(files) - len(errors):,} recordings.")
    if errors:
        print_escaped(f"{len(errors)} of {len(files)} files failed; first error: {errors[0]}", sys.stderr)
    return int(bool(errors))
