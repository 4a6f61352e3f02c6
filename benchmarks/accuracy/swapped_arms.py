"""How often swapped arm electrodes are flagged, and how often records as they are, on fold 10 of PTB-XL.

    python benchmarks/accuracy/swapped_arms.py --data ptb-xl

benchmarks/fit/swapped_arms.py fits the flag. Prints Markdown, and the ecg_id of records that are flagged as they are.
"""

import argparse
from pathlib import Path

import numpy as np
from common import millivolts, percent, swap_arms

from einthoven.ptbxl.dataset import Dataset
from einthoven.recording import LEADS
from einthoven.signal.quality import assess


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    dataset = Dataset.open(options.data)
    rows = dataset.rows((10,))
    signals = [millivolts(dataset, row) for row in rows]
    flags = {
        "as recorded": np.array([assess(s, dataset.rate, LEADS).arms_swapped for s in signals]),
        "arms swapped": np.array([assess(swap_arms(s), dataset.rate, LEADS).arms_swapped for s in signals]),
    }
    groups = {"all": np.ones(len(rows), bool)}
    groups |= {label: dataset.annotations.labels((label,))[rows, 0] for label in ("NORM", "MI", "CD", "AFIB", "PACE")}
    print("| fold 10 | records | share flagged, 95 % interval |\n|---|---|---|")
    for group, member in groups.items():
        for name, flagged in flags.items():
            print(f"| {group}, {name} | {member.sum():,} | {percent(flagged[member], 2)} |")
    print("flagged as recorded, ecg_id:", dataset.annotations.ecg_ids[rows][flags["as recorded"]].tolist())


if __name__ == "__main__":
    main()
