"""Types of arguments, options and output that several commands share."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from einthoven.terminal import print_escaped
from einthoven.text import escape

if TYPE_CHECKING:
    from einthoven.batch.sources import SourceList

Command = TypeVar("Command", bound=Callable[..., Any])

FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)
PATH = click.Path(path_type=Path)
FOLDER.name = "folder"  # in the help; the default is DIRECTORY
TEST_FOLD = (10,)
"""Folds that are evaluated by default."""


def fold_list(value: str) -> tuple[int, ...]:
    """Parse a list of fold numbers, as the type of a click option.

    Parameters
    ----------
    value
        A number (9), a range (1-8), several of both (1-4,9), or none.

    Returns
    -------
    tuple of int
        The numbers in that order; empty for none.

    Raises
    ------
    click.BadParameter
        If the value is not such a list.
    """
    folds: list[int] = []
    try:
        for part in [] if value == "none" else value.split(","):
            first, _, last = part.partition("-")
            span = range(int(first), int(last or first) + 1)
            if not span:
                raise ValueError
            folds += span
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a list of folds; write 9, 1-8, 1,2,5 or none.") from None
    return tuple(folds)


def _prevalences(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> dict[str, float]:
    if not values:
        return {}
    from einthoven.model.prevalence import parse_prevalence  # here, because numpy takes a moment

    try:
        return dict(map(parse_prevalence, values))
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def combine(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Combine several options into one decorator.

    Parameters
    ----------
    *options
        Options from `click.option`, in the order of the help.

    Returns
    -------
    Callable
        A decorator that adds the options to a command.
    """

    def _decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return _decorate


interpreter_options = combine(
    click.option(
        "--model",
        default="default",
        show_default=True,
        metavar="NAME|FOLDER",
        help="A shipped bundle by name (see `einthoven models`), or the folder of a bundle.",
    ),
    click.option(
        "--model-key",
        type=FILE,
        help="Accept the bundle only if the owner of this public key (Ed25519, PEM) has signed it.",
    ),
    click.option(
        "--prevalence",
        multiple=True,
        callback=_prevalences,
        metavar="LABEL=SHARE",
        help="How common a finding is where the recordings come from: mi=0.05 for 5 %. Repeat it for several labels.  "
        "[default: as in PTB-XL]",
    ),
)
"""`model`, `model_key` and `prevalence`: how to interpret."""


def _seconds(_ctx: click.Context, _param: click.Parameter, value: str | None) -> float | None:
    from einthoven.readers.span import parse_time  # here, because the readers take a moment

    try:
        return None if value is None else parse_time(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


part_options = combine(
    click.option(
        "--from",
        "start_s",
        callback=_seconds,
        metavar="TIME",
        help="Read only the part from this time on: h:mm:ss, mm:ss or seconds from the start of the recording.",
    ),
    click.option("--to", "end_s", callback=_seconds, metavar="TIME", help="Read only the part up to this time."),
)
"""`start_s` and `end_s`: a part of a recording, in s."""

table_options = combine(
    click.option("--rate", type=float, metavar="HZ", help="Sampling rate of a table that does not state it."),
    click.option("--unit", metavar="nV|uV|mV|V", help="Unit of the values of a table that does not state it."),
    click.option("--leads", metavar="NAMES", help="Leads of a table's columns, if it does not name them: I,II,V1."),
    click.option(
        "--scale",
        metavar="uv-per-unit|NUMBER",
        help="WFDB only: take each stored unit as 1 uV (or NUMBER uV) instead of the gains in the header, which may "
        "scale each lead separately.",
    ),
)
"""`rate`, `unit`, `leads` and `scale`: the values of a table, and of a WFDB record."""

resamples_option = click.option(
    "--resamples",
    "n_resamples",
    type=click.IntRange(1),
    default=1000,
    show_default=True,
    help="Bootstrap resamples for the 95 % intervals.",
)


def report_skipped(selection: "SourceList", *, list_files: bool) -> None:
    """Print the number of files that were not read, so that no omission goes unnoticed; list them if asked.

    Parameters
    ----------
    selection
        The sources of a command.
    list_files
        Whether to name each file.
    """
    if not selection.skipped_files:
        return
    reasons = ", ".join(f"{count} {reason}" for reason, count in selection.skipped.items())
    hint = "" if list_files else " List them with --list-skipped."
    print_escaped(f"Skipped files: {reasons}.{hint}", sys.stderr)
    for file, reason in selection.skipped_files if list_files else ():
        print_escaped(f"  {file}: {reason}", sys.stderr)


def print_table(table: Any) -> None:
    """Print a table in full, even if the output is piped and has no width.

    Parameters
    ----------
    table
        A `rich.table.Table`. Its texts are escaped and not read as markup.
    """
    from rich.console import Console

    class _EscapingConsole(Console):
        def render_str(self, text: str, **options: Any) -> Any:
            return super().render_str(escape(text, "\n"), **options)

    console = _EscapingConsole(markup=False, emoji=False)
    if not console.is_terminal:
        console.width = 120
    console.print(table)
