"""Print the table of results that compares networks, from evaluated runs.

    python benchmarks/accuracy/results_table.py "seed=runs/seed" "smigiel-conv=runs/conv-0,runs/conv-1,runs/conv-2"

Prints a row for each argument NAME=RUN[,RUN...] as Markdown; of several runs mean ± standard deviation (n - 1).
"""

import json
import statistics
import sys
from pathlib import Path
from typing import Any

COLUMNS = (
    "macro AUROC [labelled only]",
    "macro F1",
    "global accuracy",
    "exact match",
    "single-superclass accuracy",
    "MI AUROC",
    "MI sensitivity (specificity) at the .95 threshold",
)


def figures(metrics: dict[str, Any]) -> list[tuple[float | None, int]]:
    """Return the row's numbers in the order in which they are printed, each with its number of digits."""
    mi = metrics["per_label"]["MI"]
    point = (mi["operating_points"] or {}).get("specificity", {}).get("0.95")
    return [
        (metrics["macro_auroc"]["value"], 3),
        (metrics["labelled_only"]["macro_auroc"]["value"], 3),
        (metrics["macro_f1"]["value"], 3),
        (metrics["global_accuracy"]["value"], 3),
        (metrics["exact_match"]["value"], 3),
        (metrics["single_label"]["accuracy"], 3),
        (mi["auroc"]["value"], 3),
        (point and point["sensitivity"]["value"], 3),
        (point and point["specificity"]["value"], 3),
    ]


def cell(values: list[float | None], digits: int) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return "–"
    text = f"{statistics.mean(known):.{digits}f}".lstrip("0")
    return text if len(known) == 1 else f"{text} ± {statistics.stdev(known):.{digits}f}".replace("± 0", "± ")


def main() -> None:
    print(f"| model | {' | '.join(COLUMNS)} |\n|{'---|' * (len(COLUMNS) + 1)}")
    for argument in sys.argv[1:]:
        name, _, runs = argument.partition("=")
        all_metrics = [json.loads(Path(run, "results/metrics.json").read_text()) for run in runs.split(",")]
        rows = list(zip(*(figures(metrics) for metrics in all_metrics), strict=True))
        auroc, labelled, *middle, sensitivity, specificity = (
            cell([value for value, _ in row], row[0][1]) for row in rows
        )
        cells = [f"{auroc} [{labelled}]", *middle, f"{sensitivity} ({specificity})"]
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
