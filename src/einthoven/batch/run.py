"""`einthoven interpret`, whole: results for many files, into a file or onto stdout."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO, cast

from einthoven import __version__
from einthoven.batch.checkpoint import Checkpoint, checkpoint_path
from einthoven.batch.interpret import InterpretOptions, interpret_files
from einthoven.batch.outputs import refuse_overwriting
from einthoven.batch.pages import Pages
from einthoven.errors import EinthovenError, ShortageError
from einthoven.files import resolve_output, write_beside
from einthoven.interpret.interpretation import Failure, Result, result_from_json
from einthoven.limits import Limits
from einthoven.model.bundle import find
from einthoven.model.bundle_files import MODEL
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
) -> int:
    """Interpret `sources` into `out`, or onto stdout; returns 1 where a file failed, else 0.

    What is done stands in OUT.part until all is, so that the same call goes on where it was stopped. `subject` and
    `same_study` as in `writer`, `limits` as in `interpret_files`. Raises EinthovenError where nothing could be done: a
    wrong option, or a single file that failed; ShortageError where the machine lacks what the rest needs.
    """
    card = Card.read(find(options.model))
    write, failures = result_writer(format_, subject, same_study), list[Failure]()
    out = resolve_output(out) if out else None
    refuse_overwriting(_outputs(sources, out, options.pages), sources)
    if options.pages:
        options.pages.prepare()
    if out:
        checkpoint = Checkpoint(out, asdict(options) | {"model": card.files[MODEL], "einthoven": __version__})
        _complete(checkpoint, sources, options, workers, limits)
        try:
            with write_beside(out) as path, path.open("wb") as file:
                write(_collect_failures(checkpoint.results(sources), failures), file, card)
        except EinthovenError:
            if len(sources) == 1:  # there is nothing to go on with
                checkpoint.remove()
            raise
        checkpoint.remove()
    else:
        shown = interpret_files(sources, options, workers, limits)
        if not sys.stdout.isatty():  # where results run past, they show how far it is
            shown = _with_progress(shown, sources, sources)
        found = _collect_failures(map(result_from_json, shown), failures)
        if len(sources) == 1 and format_ == "text":  # the error on stderr says it all
            found = iter([result for result in found if not failures])
        write(found, _stdout(), card)
        sys.stdout.flush()
    if failures and len(sources) == 1:
        raise EinthovenError(str(failures[0]))
    if failures:
        print_escaped(f"{len(failures)} of {len(sources)} files failed; the first: {failures[0]}", sys.stderr)
    return int(bool(failures))


def _outputs(sources: Iterable[str], out: Path | None, pages: Pages | None) -> list[Path]:
    """All files that a run writes."""
    own = [out, checkpoint_path(out)] if out else []
    return [*own, *map(pages.path_for, sources)] if pages else own


def _stdout() -> BinaryIO:
    return cast(BinaryIO, EscapedOutput(sys.stdout.buffer)) if sys.stdout.isatty() else sys.stdout.buffer


def _complete(
    checkpoint: Checkpoint,
    sources: Sequence[str],
    options: InterpretOptions,
    workers: int | None,
    limits: Limits | None,
) -> None:
    """Have `checkpoint` hold a result for each source. What it holds stays if the run is stopped."""
    missing = checkpoint.missing(sources)
    try:
        for _ in _with_progress(
            checkpoint.extend(missing, interpret_files(missing, options, workers, limits)), sources, missing
        ):
            pass
    except ShortageError as error:
        checkpoint.close()
        reason = f"{error.reason} What is done is kept in {checkpoint.path}; the same command continues."
        raise ShortageError(reason, error.source) from error
    except BaseException:
        checkpoint.close()
        raise


def _collect_failures(results: Iterable[Result], failures: list[Failure]) -> Iterator[Result]:
    """Pass results on, adding to `failures` what failed."""
    for result in results:
        if isinstance(result, Failure):
            failures.append(result)
        yield result


def _with_progress(results: Iterable[bytes], sources: Sequence[str], missing: Sequence[str]) -> Iterator[bytes]:
    """Pass results on, with a progress bar where there are many."""
    with progress(shown=len(missing) > 1) as bar:
        task = bar.add_task("Interpreting", total=len(sources), completed=len(sources) - len(missing))
        for result in results:
            bar.advance(task)
            yield result
