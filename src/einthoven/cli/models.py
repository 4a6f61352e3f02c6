"""`einthoven models`: the bundles and their figures."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from einthoven.cli.common import print_table

if TYPE_CHECKING:
    from rich.table import Table

    from einthoven.model.card import Card
    from einthoven.model.figures import AttainedPoint, Interval


@click.command()
@click.argument("bundles", nargs=-1, metavar="[BUNDLE]...")
@click.option("--json", "as_json", is_flag=True, help="Print the cards as JSON instead of a table.")
def models(bundles: tuple[str, ...], as_json: bool) -> None:
    """List bundles and their figures on the test fold of PTB-XL.

    BUNDLE is the name of a shipped bundle, or the folder of a bundle. Without it, all shipped bundles are listed.

    \b
    Examples:
      einthoven models
      einthoven models default bundles/mine --json
    """
    import json

    from einthoven.model.bundle_files import bundle_folder, bundle_names
    from einthoven.model.card import Card

    folders = [bundle_folder(bundle) for bundle in bundles or bundle_names()]
    cards = [Card.read(folder) for folder in folders]
    if as_json:
        click.echo(json.dumps([card.to_dict() for card in cards], indent=1))
    else:
        print_table(models_table(folders, cards))


def models_table(folders: Sequence[Path], cards: Sequence["Card"]) -> "Table":
    """Return a table with a row for each bundle: its size, and the figures of its card.

    Parameters
    ----------
    folders
        Folders of the bundles.
    cards
        Cards of the bundles, in the same order.

    Returns
    -------
    rich.table.Table
        A dash means that a figure was not measured.
    """
    from rich.table import Table

    from einthoven.model.bundle_files import MEASUREMENTS_MODEL, MODEL

    table = Table(title="Bundles and their figures on the test fold of PTB-XL (95 % intervals)")
    table.add_column("name", no_wrap=True)
    for name in ("version", "MB", "labels", "superclass AUROC", "statements AUROC", "MI AUROC", "MI sens. (spec.)"):
        table.add_column(name, justify="right")
    simulated = False
    for folder, card in zip(folders, cards, strict=True):
        tasks = card.results.tasks if card.results else {}
        simulated |= bool(card.results and card.results.simulated)
        mi = tasks["mi"].per_label.get("MI") if "mi" in tasks else None
        networks = [folder / name for name in (MODEL, MEASUREMENTS_MODEL) if name in card.files]
        table.add_row(
            card.name,
            card.version,
            f"{sum(path.stat().st_size for path in networks) / 1e6:.1f}",
            str(len(card.labels)),
            *(_interval(tasks[name].macro_auroc if name in tasks else None) for name in ("superclass", "statements")),
            _interval(mi.auroc if mi else None),
            _sensitivity(mi.operating_points.specificity.get("0.95") if mi and mi.operating_points else None),
        )
    table.caption = "MI: sensitivity and specificity at the rule-in threshold, which the validation fold set."
    if simulated:
        table.caption += "\nSIMULATED DATA: these figures say nothing about real ECGs."
    return table


def _interval(interval: "Interval | None") -> str:
    return f"{interval:.3f}" if interval else "–"


def _sensitivity(point: "AttainedPoint | None") -> str:
    if not point or not point.sensitivity or not point.specificity:
        return "–"
    return f"{point.sensitivity.value:.2f} ({point.specificity.value:.3f})"
