"""Measure the cost of each part of interpreting a folder: CPU time per ECG on one thread.

    python benchmarks/speed/stages.py --data ptb-xl [--records 400] [--model edge]

Files are read and interpreted eight at a time and become lines of a table, as in a worker; then the lines are read, as
in the main process. "Of which" lines are included in the line above. Machines are noisy: each part shows the
lowest of several passes. Prints Markdown.
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from einthoven import Interpreter

# Module and name under which each function is called
PARTS = {
    "file": ["einthoven:read"],
    "pacing spikes": [f"einthoven.signal.analysis:{name}" for name in ("find_spikes", "remove_spikes", "is_captured")],
    "frequency bands": ["einthoven.signal.analysis:split"],
    "quality": [f"einthoven.signal.analysis:{name}" for name in ("measure", "assess_measures", "remove_offset")],
    "outlier score": ["einthoven.signal.outlier:score"],
    "beats": ["einthoven.signal.analysis:_find_beats"],
    "- of which QRS complexes": ["einthoven.signal.beats:find_qrs"],
    "- of which P waves": ["einthoven.signal.beats:atrial_activity"],
    "measurements": ["einthoven.signal.analysis:measure_each"],
    "- of which median beat": ["einthoven.signal.measurements.measure:median_beat"],
    "- of which boundaries": ["einthoven.signal.measurements.measure:_clear_boundaries"],
    "- of which amplitudes": [
        "einthoven.signal.measurements.measure:amplitude_beats",
        "einthoven.signal.measurements.measure:measure_leads",
    ],
    "exchanged electrodes": ["einthoven.signal.analysis:detect_exchanges"],
    "model": ["einthoven.model.bundle:Bundle.windows", "einthoven.model.bundle:Bundle.window_logits"],
    "answer": ["einthoven.interpret.interpreter:interpret_each", "einthoven.interpret.interpreter:assemble"],
    "- of which criteria": ["einthoven.interpret.part:evaluate_criteria"],
    "- of which rhythm": ["einthoven.interpret.part:identify_rhythm"],
    "- of which acute pattern": ["einthoven.interpret.part:assess_acute"],
    "- of which consistency": ["einthoven.interpret.part:reconcile", "einthoven.interpret.part:with_segments"],
    "line of CSV": ["einthoven.batch.outcome:outcome_to_json"],
    "reading it": ["einthoven.batch.outcome:outcome_from_json"],
}
PASSES, WARM_UP, GROUP = 5, 40, 8

spent: dict[str, float] = defaultdict(float)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with PTB-XL")
    parser.add_argument("--records", type=int, default=400)
    parser.add_argument("--model", default="edge")
    options = parser.parse_args()
    headers = sorted((options.data / "records100").rglob("*.hea"))[: options.records]
    interpreter = Interpreter.load(options.model)
    for part, places in PARTS.items():
        for place in places:
            attach(part, place)
    interpret(interpreter, headers[:WARM_UP])
    passes = [costs(interpreter, headers) for _ in range(PASSES)]
    lowest = {part: min(cost[part] for cost in passes) for part in ("all", *PARTS)}
    print("| part | CPU time per ECG, ms | share |\n|---|---|---|")
    for part, cost in lowest.items():
        print(f"| {part} | {cost:.2f} | {cost / lowest['all']:.0%} |".replace("%", " %"))


def costs(interpreter: Interpreter, headers: list[Path]) -> dict[str, float]:
    """Return the CPU time in ms per ECG of each part, and of all."""
    spent.clear()
    began = time.process_time()
    interpret(interpreter, headers)
    spent["all"] = time.process_time() - began
    return {part: 1000 * spent[part] / len(headers) for part in ("all", *PARTS)}


def interpret(interpreter: Interpreter, headers: list[Path]) -> None:
    import einthoven
    from einthoven.batch import outcome
    from einthoven.report.rows import columns

    names = list(columns(interpreter.bundle.card))
    for k in range(0, len(headers), GROUP):
        recordings = [einthoven.read(header) for header in headers[k : k + GROUP]]
        for result in interpreter.batch(recordings, force=True):
            outcome.outcome_from_json(outcome.outcome_to_json(result, names))


def attach(part: str, place: str) -> None:
    """Count the CPU time of the function at `place` towards `part` from now on."""
    module, names = place.split(":")
    owner: Any = import_module(module)
    *path, name = names.split(".")
    for step in path:
        owner = getattr(owner, step)
    call: Callable[..., Any] = getattr(owner, name)

    def timed(*args: Any, **kwargs: Any) -> Any:
        began = time.thread_time()
        try:
            return call(*args, **kwargs)
        finally:
            spent[part] += time.thread_time() - began

    setattr(owner, name, timed)


if __name__ == "__main__":
    main()
