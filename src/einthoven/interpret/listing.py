"""The bundles and what they are worth, as a table for the terminal."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from einthoven.interpret.bundle_files import MODEL
from einthoven.interpret.card import Card


def models_table(folders: Sequence[Path], cards: Sequence[Card]) -> Table:
    """A row for each bundle: size, and the figures of its card; those not measured yet are dashes."""
    table = Table(title="Bundles and their figures on the test fold of PTB-XL (95 % intervals)")
    table.add_column("name", no_wrap=True)
    for name in ("version", "MB", "labels", "superclass AUROC", "statements AUROC", "MI AUROC", "MI sens. (spec.)"):
        table.add_column(name, justify="right")
    simulated = False
    for folder, card in zip(folders, cards, strict=True):
        results = card.facts["results"] or {"tasks": {}}
        simulated |= bool(results.get("simulated"))
        tasks = results["tasks"]
        mi = tasks.get("mi", {}).get("per_label", {}).get("MI") or {}
        table.add_row(
            card.name,
            card.facts["version"],
            f"{(folder / MODEL).stat().st_size / 1e6:.1f}",
            str(len(card.labels)),
            _interval(tasks.get("superclass", {}).get("macro_auroc")),
            _interval(tasks.get("statements", {}).get("macro_auroc")),
            _interval(mi.get("auroc")),
            _sensitivity(mi),
        )
    table.caption = "MI sensitivity and attained specificity at the rule-in threshold; fold 9 set it."
    if simulated:
        table.caption += "\nSIMULATED DATA: these figures say nothing about real ECGs."
    return table


def _interval(interval: Mapping[str, float] | None) -> str:
    if interval is None:
        return "–"
    return f"{interval['value']:.3f} ({interval['low']:.3f} to {interval['high']:.3f})"


def _sensitivity(mi: Mapping[str, Any]) -> str:
    point = (mi.get("operating_points") or {}).get("specificity", {}).get("0.95", {})
    if not point.get("sensitivity") or not point.get("specificity"):
        return "–"
    return f"{point['sensitivity']['value']:.2f} ({point['specificity']['value']:.3f})"
