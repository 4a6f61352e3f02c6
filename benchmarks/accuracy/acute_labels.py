"""Count the records with the labels ACUTE and INJURY, and with each phrase of a report, on PTB-XL's folds 1-9.

    python benchmarks/accuracy/acute_labels.py --data ptb-xl

Prints Markdown. "counted" records become ACUTE: they have an infarct statement and no stage II-III or III.
"""

import argparse
from pathlib import Path

import numpy as np

from einthoven.ptbxl.acute_reports import phrase_matches
from einthoven.ptbxl.annotations import EARLY_STAGES, Annotations, staged


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    annotations = Annotations.read(parser.parse_args().data)
    known = annotations.folds < 10
    acute, injury, infarct = annotations.labels(("ACUTE", "INJURY", "MI"))[known].T
    table = annotations.table[known]
    early = staged(table, EARLY_STAGES).to_numpy()
    phrases = phrase_matches(table.report.fillna(""))
    print("| phrase | records | with an infarct statement | counted | of them not of stage I or I-II |")
    print("|---|---|---|---|---|")
    for name, found in {**phrases, "any of them": np.any(list(phrases.values()), axis=0)}.items():
        counts = (found, found & infarct, found & acute, found & acute & ~early)
        print(f"| {name} | {' | '.join(str(of.sum()) for of in counts)} |")
    print("\n| label | folds 1-9 | fold 9 |\n|---|---|---|")
    for name, label in (
        ("stage I or I-II", early & infarct),
        ("ACUTE", acute),
        ("INJURY", injury),
        ("both", acute & injury),
    ):
        print(f"| {name} | {label.sum()} | {label[table.strat_fold == 9].sum()} |")


if __name__ == "__main__":
    main()
