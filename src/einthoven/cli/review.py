"""`einthoven review`: forms in which a reader confirms or corrects answers."""

import sys
from pathlib import Path

import click

from einthoven.cli.common import FILE
from einthoven.terminal import print_escaped


@click.group()
def review() -> None:
    """Have readers confirm or correct answers.

    `einthoven data import` takes the reviews as labels.

    \b
    Examples:
      einthoven interpret archive/ --format jsonl --out answers.jsonl
      einthoven review form answers.jsonl --reader "A. Reader" --out reviews.jsonl
      einthoven review check reviews.jsonl
      einthoven data import archive --labels reviews.jsonl --out sets/reviewed

    See docs/how-to/own-data.md for the fields.
    """


@review.command()
@click.argument("answers", type=FILE)
@click.option("--reader", required=True, help="Who will fill in the form.")
@click.option("--out", type=FILE, required=True, help="The new file (JSON lines).")
def form(answers: Path, reader: str, out: Path) -> None:
    """Write a form to fill in.

    It has a line for each interpretation of ANSWERS, which `einthoven interpret --format jsonl` wrote.

    \b
    Example:
      einthoven review form answers.jsonl --reader "A. Reader" --out reviews.jsonl
    """
    from einthoven.datasets.reviews import write_form

    lines, failed = write_form(answers, out, reader)
    print_escaped(f"{out}: {lines:,} recordings to review" + (f", {failed:,} failed ones left out." if failed else "."))


@review.command()
@click.argument("file", type=FILE)
def check(file: Path) -> None:
    """Check reviews, and list conflicts between readers.

    \b
    Example:
      einthoven review check reviews.jsonl

    \b
    Exit codes:
      0  every line can be imported or is still open
      2  a line is wrong
    """
    from einthoven.datasets.reviews import read_reviews

    reviews = read_reviews(file)
    for line in reviews.lines():
        print_escaped(line)
    sys.exit(2 if reviews.problems else 0)
