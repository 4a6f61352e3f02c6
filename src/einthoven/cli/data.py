"""`einthoven data`: get PTB-XL, check a copy, or simulate its like."""

import sys
from pathlib import Path

import click

from einthoven.cli.common import FOLDER
from einthoven.terminal import print_escaped


@click.group()
def data() -> None:
    """Get PTB-XL, check a copy of it, or simulate its like."""


@data.command()
@click.argument("folder", type=FOLDER)
@click.option("--rate", type=click.Choice(["100", "500"]), help="Only this sampling rate, in Hz. [both]")
@click.option("--base-url", help="Another server with the same files. [default: PhysioNet]")
@click.option("--connections", type=click.IntRange(1, 32), default=8, show_default=True)
def get(folder: Path, rate: str | None, base_url: str | None, connections: int) -> None:
    """Download PTB-XL 1.0.3 into FOLDER, checking every file.

    Goes on where it was stopped. Run it again at any time: it fetches only what is missing or damaged.
    """
    from einthoven.ptbxl.download import BASE_URL, download

    summary = download(folder, int(rate) if rate else None, base_url or BASE_URL, connections)
    print_escaped(summary)


@data.command()
@click.argument("folder", type=FOLDER)
def check(folder: Path) -> None:
    """Say whether the copy of PTB-XL in FOLDER is complete and whole; name what is damaged.

    Exit code 2 when anything is damaged. Having only one sampling rate is not damage.
    """
    from einthoven.ptbxl.check import check as check_folder

    report = check_folder(folder)
    for line in report.lines():
        print_escaped(line)
    sys.exit(0 if report.intact else 2)


@data.command()
@click.argument("folder", type=FOLDER)
@click.option("--records", type=int, default=1000, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--rate", "rates", type=click.Choice(["100", "500"]), multiple=True, default=["100"], show_default=True)
def simulate(folder: Path, records: int, seed: int, rates: tuple[str, ...]) -> None:
    """Write SIMULATED 12-lead ECGs into FOLDER in PTB-XL's layout, for demonstrations and tests only."""
    from einthoven.simulate.dataset import simulate as simulate_folder

    simulate_folder(folder, records, seed, [int(rate) for rate in rates])
    print_escaped(f"{folder}: {records} simulated records (not real patients)")
