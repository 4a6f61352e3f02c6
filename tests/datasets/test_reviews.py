"""Readers confirm and correct answers, and these become labels."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from einthoven.datasets.annotations import Annotations
from einthoven.datasets.reviews import read_reviews, reviewed_table
from einthoven.datasets.stated import Stated
from einthoven.errors import EinthovenError

Run = Callable[..., tuple[int, str, str]]
AT = "2026-11-29T14:30:00"


def line(source: str, reader: str = "A", at: str = AT, **fields: object) -> str:
    return json.dumps({"source": source, "reader": reader, "at": at, **fields}) + "\n"


def test_from_answers_to_a_data_set(einthoven: Run, challenge: Path, tmp_path: Path) -> None:
    answers, form, out = tmp_path / "answers.jsonl", tmp_path / "reviews.jsonl", tmp_path / "set"
    (tmp_path / "broken.dcm").write_text("no ECG")
    files = [challenge / f"g1/E{k:05}.hea" for k in range(3)]
    assert einthoven("interpret", *files, tmp_path / "broken.dcm", "--format", "jsonl", "--out", answers)[0] == 1
    code, text, err = einthoven("review", "form", answers, "--reader", "A", "--out", form)
    assert (code, err) == (0, "")
    assert "3 recordings to review, 1 failed ones left out" in text
    assert einthoven("review", "form", answers, "--reader", "A", "--out", form)[0] == 2  # it may hold reviews
    assert "0 reviews of 0 recordings (no reader), 3 open." in einthoven("review", "check", form)[1]
    lines = [json.loads(text) for text in form.read_text().splitlines()]
    assert all(facts["proposed"] for facts in lines)
    lines[0] |= {"at": AT, "confirmed": lines[0]["proposed"], "added": ["PVC"]}
    lines[1] |= {"at": AT, "removed": lines[1]["proposed"], "added": ["AFIB"]}
    form.write_text("".join(json.dumps(facts) + "\n" for facts in lines))
    assert einthoven("review", "check", form)[0] == 0
    code, text, err = einthoven("data", "import", challenge, "--labels", form, "--out", out, "--workers", 1)
    assert (code, err) == (0, "")
    annotations = Annotations.read(out)
    assert annotations.table.source.tolist() == ["g1/E00000.hea", "g1/E00001.hea"]
    names = annotations.task("labels")
    has = [{name for name, present in zip(names, row, strict=True) if present} for row in annotations.labels(names)]
    assert has == [{*lines[0]["proposed"], "PVC"}, {"AFIB"}]


def test_the_last_line_counts_and_conflicts_are_listed(tmp_path: Path) -> None:
    path = tmp_path / "reviews.jsonl"
    path.write_text(
        line("a", added=["MI"])
        + line("a", added=["AFIB"], proposed=["SR", "MI"], removed=["MI"])
        + line("a", "B", added=["AFIB"])
        + "\n"
        + line("b", confirmed=["MI"])
        + line("b", "B", removed=["MI"], proposed=["MI"])
        + line("c", at="", proposed=["MI"])
    )
    table = reviewed_table(path)
    assert table.rows == {"a": Stated(frozenset({"AFIB"})), "b": Stated(frozenset())}
    (problem,) = table.problems
    assert (problem.source, problem.problem) == ("b", "readers-differ")
    assert problem.detail == "Readers differ: A sees MI; B sees nothing."
    reviews = read_reviews(path)
    assert reviews.lines()[0] == "5 reviews of 2 recordings (A 3, B 2), 1 open."


def test_what_is_neither_confirmed_nor_removed_is_unknown(tmp_path: Path) -> None:
    path = tmp_path / "reviews.jsonl"
    path.write_text(line("a", proposed=["SR", "MI", "LVH"], confirmed=["SR"], removed=["MI"]))
    assert reviewed_table(path).rows == {"a": Stated(frozenset({"SR"}), frozenset({"LVH"}))}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "Line 1: is not JSON."),
        ("[]", "Line 1: is not a JSON object."),
        (line("a", label="MI"), "has the field 'label'; the fields are source, reader, at, comment, proposed"),
        (line("", added=["MI"]), "has no source."),
        (line("a", "", added=["MI"]), "has no reader."),
        (line("a", at="", added=["MI"]), "is filled in and has no `at`"),
        (line("a", at="today", added=["MI"]), "has the time 'today'; write it as"),
        (line("a", at=7), "has at 7, which is not a text."),
        (line("a", added="MI"), "has added 'MI', which is not a list of labels."),
        (line("a", added=["MI"], removed=["MI"]), "both has and removes MI."),
    ],
)
def test_wrong_lines(einthoven: Run, tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "reviews.jsonl"
    path.write_text(text)
    code, out, _ = einthoven("review", "check", path)
    assert code == 2
    assert message in out
    with pytest.raises(EinthovenError, match=r"Line 1: .* `einthoven review check` lists all wrong lines"):
        reviewed_table(path)


def test_answers_of_something_else(einthoven: Run, tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text("source,error\n")
    code, _, err = einthoven("review", "form", path, "--reader", "A", "--out", tmp_path / "r.jsonl")
    assert code == 2
    assert "line 1 is not an answer; give what `einthoven interpret --format jsonl` wrote" in err
