"""What the verbs share: types of arguments, and printing."""

from pathlib import Path
from typing import Any

import click

from einthoven.text import escape

FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)
PATH = click.Path(path_type=Path)


def fold_list(_ctx: click.Context, _param: click.Parameter, value: str | None) -> tuple[int, ...] | None:
    """Fold numbers as people write them: 9, 1-8, 1,2,5 or none."""
    if value is None:
        return None
    folds: list[int] = []
    try:
        for part in [] if value == "none" else value.split(","):
            first, _, last = part.partition("-")
            span = range(int(first), int(last or first) + 1)
            if not span:
                raise ValueError
            folds += span
    except ValueError:
        raise click.BadParameter(f"{value!r} is no list of folds; write 9, 1-8, 1,2,5 or none.") from None
    return tuple(folds)


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


prevalence_option = click.option(
    "--prevalence",
    multiple=True,
    callback=_prevalences,
    metavar="LABEL=SHARE",
    help="How common it is where the recordings come from, such as mi=0.05. [as in PTB-XL]",
)


model_key_option = click.option(
    "--model-key",
    type=FILE,
    help="Public key (PEM) of whoever must have signed the bundle. [any bundle is accepted]",
)


def print_table(table: Any) -> None:
    """Print a rich table; whole also where the output is piped and has no width. Its texts are no markup."""
    from rich.console import Console

    class Plain(Console):
        def render_str(self, text: str, **options: Any) -> Any:
            return super().render_str(escape(text, "\n"), **options)

    console = Plain(markup=False, emoji=False)
    if not console.is_terminal:
        console.width = 120
    console.print(table)
