"""The options of `einthoven interpret` that ask for reports."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from einthoven.cli.common import PATH

_Command = TypeVar("_Command", bound=Callable[..., Any])
_OPTIONS = (
    click.option(
        "--report",
        type=PATH,
        metavar="PATH",
        help="A page with the tracing too: .pdf, .png, .svg or .dcm; of many files a folder, with a page for each.",
    ),
    click.option(
        "--report-format", type=click.Choice(("pdf", "png", "svg", "dcm")), help="Of the pages in a folder. [pdf]"
    ),
    click.option("--speed", type=click.Choice(("25", "50")), help="Of the report's paper, in mm/s. [25]"),
    click.option("--gain", type=click.Choice(("5", "10", "20")), help="Of the report's paper, in mm/mV. [10]"),
    click.option(
        "--layout", type=click.Choice(("3x4", "6x2", "12x1")), help="Rows and columns of leads. [3x4; 6x2 at 50 mm/s]"
    ),
    click.option("--paper", "size", type=click.Choice(("A4", "letter")), help="Of the report. [A4]"),
    click.option("--identify", is_flag=True, default=None, help="Show the patient's name, id and birth date on it."),
)


def report_options(command: _Command) -> _Command:
    """Give a command these options: `report`, `report_format`, and `**page_options` for `chosen_page_options`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def chosen_page_options(page_options: dict[str, Any]) -> dict[str, Any]:
    """What of `page_options` was asked for, as `einthoven.report.page.compose.compose_page` takes it."""
    return {name: float(value) if name in ("speed", "gain") else value for name, value in page_options.items() if value}
