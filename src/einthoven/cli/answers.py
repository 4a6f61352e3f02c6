"""`einthoven evaluate --as-answered`: the whole engine next to its bare model."""

from collections.abc import Sequence
from pathlib import Path

from einthoven.cli.common import TEST_FOLD, print_table


def evaluate_answers(
    model: str, data: Path, folds: Sequence[int] | None, out: Path, n_resamples: int, workers: int | None
) -> None:
    """Measure the answers of the engine on a data set, print tables and write as-answered.json.

    Parameters
    ----------
    model
        Name of a shipped bundle, or the folder of a bundle.
    data
        Folder of PTB-XL or of an imported set.
    folds
        Folds to evaluate; None for fold 10, or for all of a set that the bundle was not trained on.
    out
        Folder for the results.
    n_resamples
        Number of bootstrap resamples.
    workers
        Number of processes; None for one per CPU.

    Raises
    ------
    EinthovenError
        If the bundle or the data cannot be read, or the results cannot be written.
    """
    from einthoven.datasets.dataset import Dataset
    from einthoven.evaluate.as_answered.interpret import interpret_records
    from einthoven.evaluate.as_answered.measure import measure_answers
    from einthoven.evaluate.as_answered.tables import decisions_table, labels_table
    from einthoven.evaluate.evaluation_data import fold_rows
    from einthoven.evaluate.results import AS_ANSWERED, check_folder, write_as_answered
    from einthoven.model.bundle_files import bundle_folder
    from einthoven.model.card import Card

    card = Card.read(bundle_folder(model))
    check_folder(out, [AS_ANSWERED])  # before the long interpretation
    dataset = Dataset.open(data, card.rate)
    external = dataset.annotations.facts.is_foreign_to(card.description()["data"])
    folds = folds or (sorted(set(map(int, dataset.annotations.folds))) if external else TEST_FOLD)
    rows = fold_rows(dataset.annotations, folds)
    answers = interpret_records(model, dataset, rows, workers)
    measured = measure_answers(
        answers,
        dataset.annotations,
        rows,
        model=card.name,
        folds=folds,
        external=external,
        n_resamples=n_resamples,
    )
    write_as_answered(measured, out)
    print_table(decisions_table(measured))
    print_table(labels_table(measured))
