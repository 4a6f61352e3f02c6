"""Interpret files and write all results to a file or to standard output, with resume."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, cast

from einthoven import __version__
from einthoven.batch.checkpoint import Checkpoint, checkpoint_path
from einthoven.batch.interpret import InterpretOptions, interpret_files
from einthoven.batch.outcome import Outcome, outcome_from_json
from einthoven.batch.outputs import refuse_overwriting
from einthoven.batch.pages import Pages
from einthoven.errors import EinthovenError, ShortageError
from einthoven.files import atomic_write, resolve_output
from einthoven.interpret.interpretation import Failure
from einthoven.limits import Limits
from einthoven.model.bundle_files import MODEL, bundle_folder
from einthoven.model.card import Card
from einthoven.progress import progress
from einthoven.report.formats import result_writer
from einthoven.terminal import EscapedOutput, print_escaped


def run_batch(
    sources: Sequence[str],
    options: InterpretOptions,
    format_: str,
    out: Path | None,
    workers: int | None,
    subject: str | None = None,
    same_study: bool = False,
    limits: Limits | None = None,
    verbose: bool = False,
) -> int:
    """Interpret files, and write the results.

    OUT.part holds the results until all are complete. If the run is interrupted, the same call resumes from there.

    Parameters
    ----------
    sources
        Paths of recordings.
    options
        Settings for reading and interpreting recordings.
    format_
        Output format: one of `einthoven.report.formats.FORMATS`.
    out
        The output file; None for standard output.
    workers
        Number of processes; None for one per CPU.
    subject
        Reference of the patient in FHIR output, as Patient/ID.
    same_study
        Whether to put a DICOM report into the patient and study of the recording.
    limits
        CPU time and memory that each file may take; None for the defaults.
    verbose
        Whether text output shows every criterion, met or not, and the ST table.

    Returns
    -------
    int
        1 if some files failed, otherwise 0.

    Raises
    ------
    EinthovenError
        If an option is wrong, or the only file failed.
    ShortageError
        If the machine lacks disk, memory or processes.
    """
    card = Card.read(bundle_folder(options.model))
    options = replace(options, csv_lines=format_ == "csv")
    write, failures = result_writer(format_, subject, same_study, verbose), list[Failure]()
    out = resolve_output(out) if out else None
    inputs = [*sources, options.previous] if options.previous else sources
    refuse_overwriting(_outputs(sources, out, options.pages), inputs)
    if options.pages:
        options.pages.prepare()
    if out:
        checkpoint = Checkpoint(out, options.run_key | {"model": card.files[MODEL], "einthoven": __version__})
        complete(checkpoint, sources, lambda missing: interpret_files(missing, options, workers, limits))
        try:
            with atomic_write(out) as path, path.open("wb") as file:
                write(_collect_failures(checkpoint.outcomes(sources), failures), file, card)
        except EinthovenError:
            if len(sources) == 1:  # nothing to resume
                checkpoint.remove()
            raise
        checkpoint.remove()
    else:
        texts = interpret_files(sources, options, workers, limits)
        if not sys.stdout.isatty():  # on a terminal, the results themselves show the progress
            texts = _with_progress(texts, sources, sources)
        results = _collect_failures(map(outcome_from_json, texts), failures)
        if len(sources) == 1 and format_ == "text":  # a failure is printed on stderr
            results = iter([result for result in results if not failures])
        write(results, _stdout(), card)
        sys.stdout.flush()
    if failures and len(sources) == 1:
        raise EinthovenError(str(failures[0]))
    if failures:
        print_escaped(f"{len(failures)} of {len(sources)} files failed; first error: {failures[0]}", sys.stderr)
    return int(bool(failures))


def _outputs(sources: Iterable[str], out: Path | None, pages: Pages | None) -> list[Path]:
    """Return all files that the command writes."""
    outputs = [out, checkpoint_path(out)] if out else []
    return [*outputs, *map(pages.path_for, sources)] if pages else outputs


def _stdout() -> BinaryIO:
    return cast(BinaryIO, EscapedOutput(sys.stdout.buffer)) if sys.stdout.isatty() else sys.stdout.buffer


def complete(
    checkpoint: Checkpoint,
    sources: Sequence[str],
    work: Callable[[Sequence[str]], Iterable[bytes]],
    activity: str = "Interpreting",
) -> None:
    """Add the missing results to a checkpoint, which stays if the command is interrupted.

    Parameters
    ----------
    checkpoint
        Checkpoint for the results.
    sources
        Paths of recordings.
    work
        Returns the JSON of a result for each of some sources.
    activity
        Text next to the progress bar.

    Raises
    ------
    EinthovenError
        If an option is wrong; ShortageError if the machine lacks disk, memory or processes.
    """
    missing = checkpoint.missing(sources)
    try:
        for _ in _with_progress(checkpoint.extend(missing, work(missing)), sources, missing, activity):
            pass
    except ShortageError as error:
        checkpoint.close()
        reason = f"{error.reason} All results so far are in {checkpoint.path}; the same command resumes from there."
        raise ShortageError(reason, error.source) from error
    except BaseException:
        checkpoint.close()
        raise


def _collect_failures(results: Iterable[Outcome], failures: list[Failure]) -> Iterator[Outcome]:
    """Yield all results, and append those that failed to `failures`."""
    for result in results:
        if isinstance(result, Failure):
            failures.append(result)
        yield result


def _with_progress(
    results: Iterable[bytes], sources: Sequence[str], missing: Sequence[str], activity: str = "Interpreting"
) -> Iterator[bytes]:
    """Yield all results, with a progress bar if several are missing."""
    with progress(shown=len(missing) > 1) as bar:
        task = bar.add_task(activity, total=len(sources), completed=len(sources) - len(missing))
        for result in results:
            bar.advance(task)
            yield result
