"""Compare the interpretations of one ECG at two sampling rates.

    python benchmarks/accuracy/two_rates.py default edge --data ptb-xl

Interprets each record of PTB-XL that is there at 100 and at 500 Hz at both rates, and compares. Prints Markdown.
"""

import argparse
from pathlib import Path

import numpy as np

from einthoven import Interpretation, Interpreter, read
from einthoven.interpret.answer import Finding
from einthoven.interpret.decisions import PRESENT


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+")
    parser.add_argument("--data", type=Path, required=True, help="folder with PTB-XL at both rates")
    options = parser.parse_args()
    fast = sorted((options.data / "records500").rglob("*.hea"))
    slow = [options.data / "records100" / path.parent.name / path.name.replace("_hr", "_lr") for path in fast]
    print("| model | records | within .02 | largest difference | decisions that differ | of them beyond .02 |")
    print("|---|---|---|---|---|---|")
    for model in options.models:
        interpreter = Interpreter.load(model)
        pairs = [
            (interpreter(read(a), force=True), interpreter(read(b), force=True))
            for a, b in zip(slow, fast, strict=True)
        ]
        differences, changed, far = map(np.concatenate, zip(*(compare(*pair) for pair in pairs), strict=True))
        print(
            f"| `{model}` | {len(pairs)} | {np.mean(differences <= 0.02):.2%} | {differences.max():.3f} | "
            f"{changed.sum()} of {changed.size} | {far.sum()} |"
        )


def of_model(answer: Interpretation) -> list[Finding]:
    """Return the statements of the model, without those that only a measurement adds, in the order of their labels."""
    known = [finding for finding in answer.findings + answer.statements if finding.probability is not None]
    return sorted(known, key=lambda finding: finding.label)


def compare(one: Interpretation, two: Interpretation) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return differences of probabilities; decisions of the model that differ; those not near their threshold."""
    assert one.mi
    assert two.mi
    pairs = list(zip(of_model(one), of_model(two), strict=True))
    difference = [abs(a.probability - b.probability) for a, b in pairs]
    changed = [a.source == b.source == "model" and a.present != b.present for a, b in pairs]
    near = [min(abs(f.probability - max(f.threshold, PRESENT)) for f in pair) <= 0.02 for pair in pairs]
    mi = one.mi, two.mi
    changed.append(mi[0].decision != mi[1].decision)
    near.append(min(abs(m.probability - limit) for m in mi for limit in (m.rule_in_from, m.rule_out_below)) <= 0.02)
    return np.array(difference), np.array(changed), np.array(changed) & ~np.array(near)


if __name__ == "__main__":
    main()
