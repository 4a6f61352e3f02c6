"""Reviews: JSON lines in which a reader confirms or corrects Einthoven's answers."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from einthoven.datasets.stated import Problem, Stated, StatedTable
from einthoven.errors import EinthovenError
from einthoven.files import explain, write_text
from einthoven.ptbxl.vocabulary import NAMES

_LISTS = ("proposed", "confirmed", "added", "removed")
_TEXTS = ("source", "reader", "at", "comment")


@dataclass(frozen=True)
class Review:
    """One line of a form: a reader's review of one recording."""

    source: str
    reader: str
    at: str
    """Date and time (ISO 8601); empty as long as the line is not filled in."""
    proposed: frozenset[str]
    """Labels that Einthoven found."""
    confirmed: frozenset[str]
    added: frozenset[str]
    removed: frozenset[str]
    comment: str = ""

    @property
    def labels(self) -> frozenset[str]:
        """The labels that the reader sees in the recording."""
        return self.confirmed | self.added

    @property
    def undecided(self) -> frozenset[str]:
        """Proposed labels that the reader neither confirmed nor removed."""
        return self.proposed - self.labels - self.removed


@dataclass(frozen=True)
class Reviews:
    """The content of a file of reviews."""

    done: list[Review]
    """Reviews in the order of the file."""
    open: int
    """Lines that are not filled in."""
    problems: list[str] = field(default_factory=list)
    """A sentence for each wrong line."""

    def conflicts(self) -> dict[str, list[Review]]:
        """Return the recordings that two readers labelled differently.

        Returns
        -------
        dict
            The last review of each reader, by source.
        """
        latest = dict[str, dict[str, Review]]()
        for review in self.done:
            latest.setdefault(review.source, {})[review.reader] = review
        return {
            source: list(by_reader.values())
            for source, by_reader in latest.items()
            if len({review.labels for review in by_reader.values()}) > 1
        }

    def lines(self) -> list[str]:
        """Describe the reviews for people.

        Returns
        -------
        list of str
            Numbers, conflicts of readers and wrong lines.
        """
        readers = ", ".join(f"{reader} {count:,}" for reader, count in Counter(r.reader for r in self.done).items())
        sources = len({review.source for review in self.done})
        unknown = Counter(label for review in self.done for label in review.labels if label not in NAMES)
        lines = [
            f"{len(self.done):,} reviews of {sources:,} recordings ({readers or 'no reader'}), {self.open:,} open."
        ]
        if unknown:
            counts = ", ".join(f"{label} {count:,}" for label, count in unknown.most_common())
            lines.append(f"Not among Einthoven's labels: {counts}.")
        lines += [f"{source}: {_conflict(reviews)}" for source, reviews in self.conflicts().items()]
        return lines + self.problems


def read_reviews(path: Path) -> Reviews:
    """Read and check a file of reviews.

    Parameters
    ----------
    path
        JSON lines; docs/how-to/own-data.md has the fields.

    Returns
    -------
    Reviews
        Wrong lines are listed and left out.

    Raises
    ------
    EinthovenError
        If the file cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise explain(error, path) from error
    except UnicodeDecodeError:
        raise EinthovenError("is not UTF-8 text; write one JSON object in each line.", path) from None
    done, problems, still_open = list[Review](), list[str](), 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            review = _review(json.loads(line))
        except ValueError as error:
            problems.append(
                f"Line {number}: {error if not isinstance(error, json.JSONDecodeError) else 'is not JSON.'}"
            )
            continue
        if review.at:
            done.append(review)
        else:
            still_open += 1
    return Reviews(done, still_open, problems)


def reviewed_table(path: Path) -> StatedTable:
    """Return the facts that reviews state, for `einthoven data import`.

    Parameters
    ----------
    path
        A file of reviews.

    Returns
    -------
    StatedTable
        The last line about a recording counts; conflicts between readers are problems.

    Raises
    ------
    EinthovenError
        If the file cannot be read or has a wrong line.
    """
    reviews = read_reviews(path)
    if reviews.problems:
        raise EinthovenError(
            f"{reviews.problems[0].rstrip('.')}; `einthoven review check` lists all wrong lines.", path
        )
    rows = {review.source: Stated(review.labels, review.undecided) for review in reviews.done}
    problems = [Problem(source, "readers-differ", _conflict(found)) for source, found in reviews.conflicts().items()]
    return StatedTable(rows, problems)


def write_form(answers: Path, out: Path, reader: str) -> tuple[int, int]:
    """Write a file of reviews to fill in, a line for each interpretation.

    Parameters
    ----------
    answers
        JSON Lines file from `einthoven interpret --format jsonl`.
    out
        The new file.
    reader
        Name of the person who will fill in the form.

    Returns
    -------
    lines : int
        Number of lines.
    failed : int
        Number of answers without an interpretation, which are left out.

    Raises
    ------
    EinthovenError
        If the answers cannot be read, or `out` exists.
    """
    if out.exists():
        raise EinthovenError("exists, and may hold reviews; choose another file.", out)
    try:
        with answers.open("rb") as file:
            interpretations = [_interpretation(line, number, answers) for number, line in enumerate(file, 1)]
    except OSError as error:
        raise explain(error, answers) from error
    empty = {"confirmed": [], "added": [], "removed": [], "comment": ""}
    forms = [
        {"source": facts["recording"]["source"], "reader": reader, "at": "", "proposed": _present(facts), **empty}
        for facts in interpretations
        if facts
    ]
    write_text(out, "".join(json.dumps(form, ensure_ascii=False) + "\n" for form in forms))
    return len(forms), len(interpretations) - len(forms)


def _review(facts: Any) -> Review:
    """Return the review of a JSON object; raise ValueError, with a sentence, if it is wrong."""
    if not isinstance(facts, dict):
        raise ValueError("is not a JSON object.")
    if wrong := sorted(set(facts) - {*_LISTS, *_TEXTS}):
        raise ValueError(f"has the field {wrong[0]!r}; the fields are {', '.join((*_TEXTS, *_LISTS))}.")
    texts = {name: facts.get(name) or "" for name in _TEXTS}
    lists = {name: facts.get(name) or [] for name in _LISTS}
    if name := next((name for name, text in texts.items() if not isinstance(text, str)), None):
        raise ValueError(f"has {name} {texts[name]!r}, which is not a text.")
    for name, labels in lists.items():
        if not isinstance(labels, list) or not all(isinstance(label, str) and label for label in labels):
            raise ValueError(f"has {name} {labels!r}, which is not a list of labels.")
    proposed, confirmed, added, removed = (frozenset(lists[name]) for name in _LISTS)
    source, reader, at, comment = (texts[name] for name in _TEXTS)
    review = Review(source, reader, at, proposed, confirmed, added, removed, comment)
    if not review.source:
        raise ValueError("has no source.")
    if not review.at and review.labels | review.removed:
        raise ValueError("is filled in and has no `at`; write the date and time of the review.")
    if review.at:
        try:
            datetime.fromisoformat(review.at)
        except ValueError:
            raise ValueError(f"has the time {review.at!r}; write it as 2026-11-29T14:30:00.") from None
        if not review.reader:
            raise ValueError("has no reader.")
    if both := sorted(review.labels & review.removed):
        raise ValueError(f"both has and removes {both[0]}.")
    return review


def _conflict(reviews: Iterable[Review]) -> str:
    texts = (f"{review.reader} sees {', '.join(sorted(review.labels)) or 'nothing'}" for review in reviews)
    return f"Readers differ: {'; '.join(texts)}."


def _interpretation(line: bytes, number: int, path: Path) -> Mapping[str, Any] | None:
    """Return the interpretation of a line; None for a recording that failed."""
    try:
        facts = json.loads(line)
        return facts if facts.get("recording") and "findings" in facts else None
    except (ValueError, AttributeError):
        raise EinthovenError(
            f"line {number} is not an answer; give what `einthoven interpret --format jsonl` wrote.", path
        ) from None


def _present(facts: Mapping[str, Any]) -> list[str]:
    """Return the labels that an interpretation has, each once."""

    def labels() -> Iterator[str]:
        for kind in ("findings", "statements"):
            yield from (item["label"] for item in facts.get(kind) or [] if item.get("present"))
        code = (facts.get("rhythm") or {}).get("code")
        if code in NAMES:
            yield code

    return list(dict.fromkeys(labels()))
