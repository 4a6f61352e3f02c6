"""`einthoven data`: download public data sets, check PTB-XL, import own recordings, or simulate records."""

import sys
from pathlib import Path

import click

from einthoven.cli.common import FOLDER
from einthoven.cli.data_import import import_
from einthoven.errors import EinthovenError
from einthoven.terminal import print_escaped


@click.group()
def data() -> None:
    """Download, import, check or simulate data sets.

    \b
    Examples:
      einthoven data get ptb-xl --rate 100
      einthoven data check ptb-xl
      einthoven data import archive --labels labels.csv --out sets/mine
      einthoven data simulate sim
    """


data.add_command(import_)


@data.command()
@click.argument("name", required=False, default="")
@click.argument("folder", type=FOLDER, required=False)
@click.option("--list", "show_list", is_flag=True, help="List the data sets and exit.")
@click.option(
    "--rate",
    type=click.Choice(["100", "500"]),
    help="PTB-XL only: download only the records at this rate, in Hz.  [default: both]",
)
@click.option("--base-url", metavar="URL", help="Server with the same files.  [default: PhysioNet]")
@click.option(
    "--connections",
    type=click.IntRange(1, 32),
    default=8,
    show_default=True,
    help="How many files to download at the same time.",
)
def get(
    name: str, folder: Path | None, show_list: bool, rate: str | None, base_url: str | None, connections: int
) -> None:
    """Download a data set, and check every file.

    The data set NAME goes into FOLDER (default: NAME). The same command resumes an interrupted download and repairs a
    copy: it downloads only files that are missing or damaged. PTB-XL takes 0.6 GB at 100 Hz and 3 GB more at 500 Hz (CC
    BY 4.0). Import the other sets before use.

    \b
    Examples:
      einthoven data get --list
      einthoven data get ptb-xl --rate 100
      einthoven data get georgia
      einthoven data import georgia --set georgia --out sets/georgia
    """
    from einthoven.datasets.known import known_names, known_set
    from einthoven.ptbxl.download import PTB_XL, download

    if show_list:
        print_escaped("ptb-xl: PTB-XL 1.0.3, 21,799 records, CC BY 4.0; Wagner et al. 2020, Scientific Data 7:154")
        for known in map(known_set, known_names()):
            print_escaped(known)
        return
    if not name:
        raise click.UsageError("Give the name of a data set; --list lists them.")
    publication = PTB_XL
    if name != "ptb-xl":
        known = known_set(name)
        if known.by_hand:
            raise EinthovenError(f"{known.title} cannot be downloaded here: {known.by_hand}. See {known.url}.")
        if rate:
            raise click.UsageError("--rate is for ptb-xl.")
        publication = known.publication
    target = folder or Path(name)
    print_escaped(download(target, int(rate) if rate else None, base_url, connections, publication))
    if name != "ptb-xl":
        print_escaped(f"Next: einthoven data import {target} --set {name} --out FOLDER")


@data.command()
@click.argument("folder", type=FOLDER)
def check(folder: Path) -> None:
    """Check the copy of PTB-XL in FOLDER, and name damaged files.

    A copy with only one of the two sampling rates is not damaged.

    \b
    Exit codes:
      0  no file is damaged
      2  a file is damaged, or there are no records
    """
    from einthoven.ptbxl.check import check as check_folder

    report = check_folder(folder)
    for line in report.lines():
        print_escaped(line)
    sys.exit(0 if report.intact else 2)


@data.command()
@click.argument("folder", type=FOLDER)
@click.option("--records", type=int, default=1000, show_default=True, help="Number of records.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the random numbers.")
@click.option(
    "--rate",
    "rates",
    type=click.Choice(["100", "500"]),
    multiple=True,
    default=["100"],
    show_default=True,
    help="Sampling rate in Hz. Repeat it for both.",
)
def simulate(folder: Path, records: int, seed: int, rates: tuple[str, ...]) -> None:
    """Write simulated 12-lead ECGs in the layout of PTB-XL.

    The records are for demonstrations and tests only. They say nothing about real patients.

    \b
    Example:
      einthoven data simulate sim --records 200
    """
    from einthoven.simulate.dataset import simulate as simulate_folder

    simulate_folder(folder, records, seed, [int(rate) for rate in rates])
    print_escaped(f"{folder}: {records} simulated records (not real patients)")
