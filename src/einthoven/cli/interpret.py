"""`einthoven interpret`: recordings in, answers out."""

from pathlib import Path

import click

from einthoven.cli.common import FILE, PATH

_FORMATS = ("text", "json", "jsonl", "csv", "parquet")
_PAGES = ("pdf", "png", "svg")
_LAYOUTS = ("3x4", "6x2", "12x1")


def _prevalences(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> dict[str, float]:
    """mi=0.05, also several."""
    prevalence = {}
    for value in values:
        label, _, share = value.partition("=")
        try:
            prevalence[label] = float(share)
        except ValueError:
            raise click.BadParameter(f"{value!r} is no LABEL=SHARE; write mi=0.05 for 5 %.") from None
    return prevalence


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="FILE|FOLDER|PATTERN...")
@click.option("--model", default="default", show_default=True, help="Shipped bundle, or the folder of one.")
@click.option("--format", "format_", type=click.Choice(_FORMATS), help="[by --out's ending, or text]")
@click.option("--out", type=FILE, help="Write there. Stopped, the same command goes on.")
@click.option("--workers", type=click.IntRange(1), help="Processes. [one for each CPU; a single file needs none]")
@click.option("--force", is_flag=True, help="Interpret also what is unfit; the answer says so.")
@click.option(
    "--prevalence",
    multiple=True,
    callback=_prevalences,
    metavar="LABEL=SHARE",
    help="How common it is where the recordings come from, such as mi=0.05. [as in PTB-XL]",
)
@click.option(
    "--report",
    type=PATH,
    metavar="PATH",
    help="A page with the tracing too: .pdf, .png or .svg; of many files a folder, with a page for each.",
)
@click.option("--report-format", type=click.Choice(_PAGES), help="Of the pages in a folder. [pdf]")
@click.option("--speed", type=click.Choice(("25", "50")), help="Of the report's paper, in mm/s. [25]")
@click.option("--gain", type=click.Choice(("5", "10", "20")), help="In mm/mV. [10]")
@click.option("--layout", type=click.Choice(_LAYOUTS), help="Rows and columns of leads. [3x4; 6x2 at 50 mm/s]")
@click.option("--paper", type=click.Choice(("A4", "letter")), help="[A4]")
@click.option("--identify", is_flag=True, help="Show the patient's name, id and birth date on the page.")
@click.option("--rate", type=float, help="Of a table that does not say it: sampling rate in Hz.")
@click.option("--unit", help="Of a table: nV, uV, mV or V.")
@click.option("--leads", help="Of a table: names of its columns, as I,II,V1.")
def interpret(
    sources: tuple[str, ...],
    model: str,
    format_: str | None,
    out: Path | None,
    workers: int | None,
    force: bool,
    prevalence: dict[str, float],
    report: Path | None,
    report_format: str | None,
    speed: str | None,
    gain: str | None,
    layout: str | None,
    paper: str | None,
    identify: bool,
    rate: float | None,
    unit: str | None,
    leads: str | None,
) -> int:
    """Interpret 12-lead ECGs of any format: infarct pattern first.

    Of a WFDB record name the header, or the stem. In a folder all files with a recorder's ending are taken.

    \b
      einthoven interpret ecg.dcm
      einthoven interpret ecg.xml --format json | jq .mi
      einthoven interpret archive/ --out answers.csv
      einthoven interpret ecg.dcm --report page.pdf
      einthoven interpret ecg.csv --rate 500 --unit uV

    What a result means: docs/interpret.md. Exit code 0: all files were interpreted, or unfit and so answered; 1: some
    failed, each with its error in the output; 2: nothing could be done.

    Research software, not a medical device.
    """
    from einthoven.batch.pages import Pages
    from einthoven.batch.run import run
    from einthoven.batch.sources import find_sources
    from einthoven.batch.work import Wishes

    format_ = format_ or _by_ending(out)
    if format_ == "parquet" and not out:
        raise click.UsageError("Parquet is no text for a terminal or a pipe; give --out FILE.")
    found = find_sources(sources)
    look = {
        "speed": speed and float(speed),
        "gain": gain and float(gain),
        "layout": layout,
        "size": paper,
        "identify": identify or None,
    }
    look = {name: value for name, value in look.items() if value is not None}
    if (look or report_format) and not report:
        raise click.UsageError("How a report looks was said, but not where it goes; add --report PATH.")
    pages = Pages.at(report, found, report_format, look) if report else None
    wishes = Wishes(model, force, prevalence, rate, unit, leads.split(",") if leads else None, pages)
    return run(found, wishes, format_, out, workers)


def _by_ending(out: Path | None) -> str:
    ending = out.suffix.lower().removeprefix(".") if out else ""
    return ending if ending in _FORMATS else "text"
