"""`einthoven interpret`, whole: answers for many files, into a file or onto stdout."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO, cast

from einthoven import __version__
from einthoven.batch.checkpoint import Part, path_of
from einthoven.batch.failures import failure
from einthoven.batch.outputs import refuse_overwriting
from einthoven.batch.pages import Pages
from einthoven.batch.work import Wishes, answers
from einthoven.errors import EinthovenError, ShortageError
from einthoven.files import place, write_beside
from einthoven.limits import Limits
from einthoven.model.bundle import find
from einthoven.model.bundle_files import MODEL
from einthoven.model.card import Card
from einthoven.progress import progress
from einthoven.report.output import writer
from einthoven.terminal import EscapedOutput, say


def run(
    sources: Sequence[str],
    wishes: Wishes,
    format_: str,
    out: Path | None,
    workers: int | None,
    subject: str | None = None,
    same_study: bool = False,
    limits: Limits | None = None,
) -> int:
    """Interpret `sources` into `out`, or onto stdout; returns 1 where a file failed, else 0.

    What is done stands in OUT.part until all is, so that the same call goes on where it was stopped. `subject` and
    `same_study` as in `writer`, `limits` as in `answers`. Raises EinthovenError where nothing could be done: a wrong
    wish, or a single file that failed; ShortageError where the machine lacks what the rest needs.
    """
    card = Card.read(find(wishes.model))
    write, failures = writer(format_, subject, same_study), list[str]()
    out = place(out) if out else None
    refuse_overwriting(_outputs(sources, out, wishes.pages), sources)
    if wishes.pages:
        wishes.pages.begin()
    if out:
        part = Part(out, asdict(wishes) | {"model": card.files[MODEL], "einthoven": __version__})
        _complete(part, sources, wishes, workers, limits)
        try:
            with write_beside(out) as path, path.open("wb") as file:
                write(_noted(part.answers(sources), failures), file, card)
        except EinthovenError:
            if len(sources) == 1:  # there is nothing to go on with
                part.remove()
            raise
        part.remove()
    else:
        shown = answers(sources, wishes, workers, limits)
        if not sys.stdout.isatty():  # where answers run past, they show how far it is
            shown = _shown(shown, sources, sources)
        found = _noted(shown, failures)
        if len(sources) == 1 and format_ == "text":  # the error on stderr says it all
            found = iter([answer for answer in found if not failures])
        write(found, _stdout(), card)
        sys.stdout.flush()
    if failures and len(sources) == 1:
        raise EinthovenError(failures[0])
    if failures:
        say(f"{len(failures)} of {len(sources)} files failed; the first: {failures[0]}", sys.stderr)
    return int(bool(failures))


def _outputs(sources: Iterable[str], out: Path | None, pages: Pages | None) -> list[Path]:
    """All files that a run writes."""
    own = [out, path_of(out)] if out else []
    return [*own, *map(pages.of, sources)] if pages else own


def _stdout() -> BinaryIO:
    return cast(BinaryIO, EscapedOutput(sys.stdout.buffer)) if sys.stdout.isatty() else sys.stdout.buffer


def _complete(part: Part, sources: Sequence[str], wishes: Wishes, workers: int | None, limits: Limits | None) -> None:
    """Have `part` hold an answer for each source. What it holds stays if the run is stopped."""
    missing = part.missing(sources)
    try:
        for _ in _shown(part.extend(missing, answers(missing, wishes, workers, limits)), sources, missing):
            pass
    except ShortageError as error:
        part.close()
        raise ShortageError(f"{error} What is done is kept in {part.path}; the same command continues.") from error
    except BaseException:
        part.close()
        raise


def _noted(found: Iterable[str], failures: list[str]) -> Iterator[str]:
    """Pass answers on, adding to `failures` what failed."""
    for answer in found:
        if sentence := failure(answer):
            failures.append(sentence)
        yield answer


def _shown(found: Iterable[str], sources: Sequence[str], missing: Sequence[str]) -> Iterator[str]:
    """Pass answers on, with a progress bar where there are many."""
    with progress(shown=len(missing) > 1) as bar:
        task = bar.add_task("Interpreting", total=len(sources), completed=len(sources) - len(missing))
        for answer in found:
            bar.advance(task)
            yield answer
