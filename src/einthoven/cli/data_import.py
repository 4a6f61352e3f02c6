"""`einthoven data import`: recordings and labels of one's own as a data set."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from einthoven.cli.common import FILE, FOLDER
from einthoven.errors import EinthovenError
from einthoven.terminal import print_escaped

if TYPE_CHECKING:
    from einthoven.datasets.stated import StatedTable


def _columns(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    roles = ("file", "labels", "patient", "fold", "age", "sex")
    pairs = [value.partition("=") for value in values]
    for role, _, name in pairs:
        if role not in roles or not name:
            raise click.BadParameter(f"write ROLE=NAME; the roles are {', '.join(roles)}.")
    return {role: name for role, _, name in pairs}


@click.command("import")
@click.argument("folder", metavar="FOLDER|PATTERN")
@click.option("--labels", type=FILE, help="Table of labels (CSV or Parquet), or a file of reviews (JSON lines).")
@click.option("--snomed", is_flag=True, help="Take the labels from the #Dx: lines of PhysioNet Challenge headers.")
@click.option("--set", "known", metavar="NAME", help="FOLDER holds this public set (see `einthoven data get --list`).")
@click.option("--out", type=FOLDER, required=True, help="Folder of the new data set.")
@click.option(
    "--mapping", metavar="NAME|FILE", help="Mapping of codes to labels: challenge, scp, aha, or a TOML or CSV file."
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    callback=_columns,
    metavar="ROLE=NAME",
    help="Column of the table: file, labels (a list), patient, fold, age or sex. Repeat it for several.  "
    "[default: by its name]",
)
@click.option(
    "--rate",
    "rates",
    type=click.Choice(["100", "500"]),
    multiple=True,
    default=["100"],
    show_default=True,
    help="Sampling rate of the set in Hz. Repeat it for both.",
)
@click.option("--patient-folders", is_flag=True, help="The folder of a recording names its patient.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the assignment to folds.")
@click.option("--name", help="Name of the set.  [default: the name of --out]")
@click.option("--licence", default="", help="Licence of the data, for results pages.")
@click.option("--citation", default="", help="Citation of the data, for results pages.")
@click.option("--table-rate", type=float, metavar="HZ", help="Sampling rate of recordings in tables without one.")
@click.option("--table-unit", metavar="nV|uV|mV|V", help="Unit of recordings in tables without one.")
@click.option("--table-leads", metavar="NAMES", help="Leads of recordings in tables without names: I,II,V1.")
@click.option("--workers", type=click.IntRange(1), help="Worker processes.  [default: one per CPU]")
def import_(
    folder: str,
    labels: Path | None,
    snomed: bool,
    known: str | None,
    out: Path,
    mapping: str | None,
    columns: dict[str, str],
    rates: tuple[str, ...],
    patient_folders: bool,
    seed: int,
    name: str | None,
    licence: str,
    citation: str,
    table_rate: float | None,
    table_unit: str | None,
    table_leads: str | None,
    workers: int | None,
) -> None:
    """Import your own recordings and labels as a data set.

    `einthoven train` and `einthoven evaluate` use it as they use PTB-XL. The recordings of FOLDER may be of any
    readable format, length and sampling rate. Each becomes a record of 10 s: of a longer one the first 10 s, while a
    shorter one keeps its last values to the end. The table of labels has a column with the file, and either a column of
    0 and 1 for each label, or one column with lists.

    Recordings that cannot be used are listed in import-report.csv of the set, and nothing stops at the first.

    \b
    Examples:
      einthoven data import archive --labels labels.csv --out sets/mine
      einthoven data import archive --snomed --mapping mine.toml --out sets/mine
      einthoven data import georgia --set georgia --out sets/georgia
    """
    from einthoven.batch.patterns import is_pattern
    from einthoven.batch.sources import find_sources
    from einthoven.datasets.importing import ImportOptions, import_recordings
    from einthoven.datasets.known import known_set
    from einthoven.datasets.mapping import LabelMapping, read_mapping
    from einthoven.datasets.reading import ReadOptions

    if sum((labels is not None, snomed, known is not None and not labels)) != 1:
        raise click.UsageError("Give --labels (a table), --snomed (labels in the headers) or --set (a known set).")
    if not (Path(folder).exists() or is_pattern(folder)):
        raise EinthovenError("not found; check the path of the recordings.", folder)
    public = known_set(known) if known else None
    field = None if labels else public.header_field if public else "Dx"
    if not labels and not field:
        raise EinthovenError(f"The headers of {known} state no labels; give a table with --labels.")
    default = public.mapping if public else read_mapping("challenge") if snomed else LabelMapping()
    options = ImportOptions(
        name=name or (public.title if public else out.resolve().name),
        mapping=read_mapping(mapping) if mapping else default,
        read=ReadOptions(
            tuple(sorted({int(rate) for rate in rates})),
            field,
            table_rate,
            table_unit,
            table_leads.split(",") if table_leads else None,
        ),
        citation=citation or (public.citation if public else ""),
        licence=licence or (public.licence if public else ""),
        patient_folders=patient_folders or (public is not None and public.patient_folders),
        seed=seed,
        workers=workers,
    )
    table = _table(labels, columns) if labels else None
    files = [file for file in find_sources([folder]).files if labels is None or Path(file) != labels]
    report = import_recordings(_root(folder), files, table, out, options)
    for line in report.lines():
        print_escaped(line)
    print_escaped(f"Next: einthoven evaluate default --data {out} --out FOLDER, or einthoven train --data {out}")


def _table(path: Path, columns: dict[str, str]) -> "StatedTable":
    if path.suffix.lower() == ".jsonl":
        from einthoven.datasets.reviews import reviewed_table

        return reviewed_table(path)
    from einthoven.datasets.label_table import read_table

    return read_table(path, columns)


def _root(folder: str) -> Path:
    """Return the folder below which recordings are named: that before the first wildcard of a pattern."""
    from einthoven.batch.patterns import is_pattern

    path = Path(folder)
    while is_pattern(str(path)) and not path.exists():
        path = path.parent
    return path if path.is_dir() else path.parent
