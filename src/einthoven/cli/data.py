"""`einthoven data`: download PTB-XL, check a copy, or simulate records."""

import sys
from pathlib import Path

import click

from einthoven.cli.common import FOLDER
from einthoven.terminal import print_escaped


@click.group()
def data() -> None:
    """Download PTB-XL, check a copy of it, or simulate records.

    \b
    Examples:
      einthoven data get ptb-xl --rate 100
      einthoven data check ptb-xl
      einthoven data simulate sim
    """


@data.command()
@click.argument("folder", type=FOLDER)
@click.option(
    "--rate", type=click.Choice(["100", "500"]), help="Download only the records at this rate, in Hz.  [default: both]"
)
@click.option("--base-url", metavar="URL", help="Server with the same files.  [default: PhysioNet]")
@click.option(
    "--connections",
    type=click.IntRange(1, 32),
    default=8,
    show_default=True,
    help="How many files to download at the same time.",
)
def get(folder: Path, rate: str | None, base_url: str | None, connections: int) -> None:
    """Download PTB-XL 1.0.3 into FOLDER and check every file.

    The data set takes 0.6 GB at 100 Hz and 3 GB more at 500 Hz (CC BY 4.0). The same command resumes an interrupted
    download and repairs a copy: it downloads only files that are missing or damaged.

    \b
    Example:
      einthoven data get ptb-xl --rate 100
    """
    from einthoven.ptbxl.download import BASE_URL, download

    print_escaped(download(folder, int(rate) if rate else None, base_url or BASE_URL, connections))


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
