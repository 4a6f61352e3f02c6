"""The options of `einthoven interpret` for report pages."""

from typing import Any

import click

from einthoven.cli.common import PATH, combine

_NUMBERS = ("speed", "gain")


report_options = combine(
    click.option(
        "--report",
        type=PATH,
        metavar="PATH",
        help="Also draw a page with the tracing: a .pdf, .png, .svg or .dcm file; for several recordings a folder.",
    ),
    click.option(
        "--report-format",
        type=click.Choice(("pdf", "png", "svg", "dcm")),
        help="Format of the pages in a folder.  [default: pdf]",
    ),
    click.option("--speed", type=click.Choice(("25", "50")), help="Paper speed in mm/s.  [default: 25]"),
    click.option(
        "--gain",
        type=click.Choice(("5", "10", "20")),
        help="Gain in mm/mV.  [default: 10, or half of it if rows would overlap]",
    ),
    click.option(
        "--layout",
        type=click.Choice(("3x4", "6x2", "12x1")),
        help="Rows and columns of leads.  [default: 3x4; 6x2 at 50 mm/s]",
    ),
    click.option("--paper", "size", type=click.Choice(("A4", "letter")), help="Paper size.  [default: A4]"),
    click.option(
        "--identify", is_flag=True, default=None, help="Print the patient's name, ID and birth date on the page."
    ),
)
"""`report`, `report_format`, and the options of a page for `chosen_page_options`."""


def chosen_page_options(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options that the user chose, as arguments of `einthoven.report.page.compose.compose_page`.

    Parameters
    ----------
    options
        Values of `speed`, `gain`, `layout`, `size` and `identify` as click passes them; None if not chosen.

    Returns
    -------
    dict
        Chosen options; `speed` (mm/s) and `gain` (mm/mV) are numbers.
    """
    return {name: float(value) if name in _NUMBERS else value for name, value in options.items() if value}
