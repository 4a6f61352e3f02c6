"""The statement table against what PTB-XL publishes."""

import csv
import json
import re
from collections import Counter
from pathlib import Path

import pytest

import einthoven
from einthoven.model.bundle_files import CARD, SHIPPED, bundle_names
from einthoven.ptbxl.vocabulary import ACUTE_NAMES, NAMES, STATEMENTS, kinds, superclasses, write_statements

SOURCES = Path(einthoven.__file__).parent


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_counts_are_the_published_ones() -> None:
    statements = STATEMENTS.values()
    assert len(STATEMENTS) == 71
    assert sum(s.diagnostic for s in statements) == 44
    assert sum(s.form for s in statements) == 19
    assert sum(s.rhythm for s in statements) == 12
    classes = Counter(s.diagnostic_class for s in statements)
    assert classes == {"": 27, "MI": 14, "STTC": 13, "CD": 11, "HYP": 5, "NORM": 1}
    assert len({s.diagnostic_subclass for s in statements} - {""}) == 23


def test_classes_belong_to_diagnostic_statements_alone() -> None:
    for s in STATEMENTS.values():
        assert bool(s.diagnostic_class) == bool(s.diagnostic_subclass) == s.diagnostic
        assert s.diagnostic or s.form or s.rhythm
        assert s.name


def test_superclasses() -> None:
    assert superclasses(["NORM", "SR"]) == {"NORM"}
    assert superclasses(["IMI", "INJIN", "LAFB", "QWAVE"]) == {"MI", "CD"}
    assert superclasses(["AFIB"]) == set()


def test_file_has_one_line_a_statement(tmp_path: Path) -> None:
    write_statements(tmp_path / "scp_statements.csv")
    rows = _rows(tmp_path / "scp_statements.csv")
    assert [row[""] for row in rows] == list(STATEMENTS)
    ndt = rows[0]
    assert (ndt["diagnostic"], ndt["form"], ndt["rhythm"]) == ("1.0", "1.0", "")
    assert None not in [*ndt, *ndt.values()]  # as many fields as the header has


def test_flags_and_classes_are_those_of_ptbxl(test_data: Path, tmp_path: Path) -> None:
    write_statements(tmp_path / "scp_statements.csv")
    ours, real = _rows(tmp_path / "scp_statements.csv"), _rows(test_data / "ptbxl/scp_statements.csv")
    assert list(ours[0]) == list(real[0])
    for column in ("", "diagnostic", "form", "rhythm", "diagnostic_class", "diagnostic_subclass"):
        assert [row[column] for row in ours] == [row[column] for row in real], column


def test_kinds_of_labels() -> None:
    assert kinds("MI") == ["superclass"]
    assert kinds("NORM") == ["superclass", "diagnostic"]
    assert kinds("NDT") == ["diagnostic", "form"]
    assert kinds("AFIB") == ["rhythm"]
    assert kinds("subclass:AMI") == []


def test_every_label_has_a_name_of_its_own() -> None:
    assert len(set(NAMES.values())) == len(NAMES) == 71 + 5 + 2 - 1  # NORM is both a statement and a superclass
    assert all(name.isascii() and name.strip() == name and name != label for label, name in NAMES.items())


@pytest.mark.parametrize("bundle", bundle_names())
def test_cards_name_every_label_as_the_table_does(bundle: str) -> None:
    card = json.loads((SHIPPED / bundle / CARD).read_bytes())
    for label in card["labels"]:
        assert (label["description"], label["kinds"]) == (NAMES[label["name"]], kinds(label["name"]))


def test_the_example_of_the_service_uses_the_names_of_the_table() -> None:
    example = json.loads((SOURCES / "serve/example.json").read_bytes())
    for finding in [*example["findings"], *example["statements"], *example["scores_only"]]:
        assert finding["name"] == NAMES[finding["label"]]


def test_no_second_table_of_names_exists() -> None:
    """Outside the table and what is made of it, no source file maps several labels to words, whatever words."""
    labels = "|".join(map(re.escape, NAMES.keys() - ACUTE_NAMES.keys()))  # ACUTE is also the code of the acute answer
    mapping = re.compile(rf"""(?<![\w-])["'`]?({labels})["'`]?\s*[:,]\s*["'`]([a-zA-Z][^"'`]*[a-z ][^"'`]*)["'`]""")
    assert mapping.findall("""{"MI": "infarct pattern", HYP: 'hypertrophy'}""")
    copies = {"ptbxl/vocabulary.py", "serve/example.json", *(f"bundles/{bundle}/{CARD}" for bundle in bundle_names())}
    files = [path for ending in ("py", "js", "json", "html") for path in SOURCES.rglob(f"*.{ending}")]
    assert len(files) > 150
    for path in files:
        if path.relative_to(SOURCES).as_posix() not in copies:
            pairs = {pair for pair in mapping.findall(path.read_text(encoding="utf-8")) if pair[0] != pair[1]}
            assert len(pairs) < 2, f"{path}: {pairs}"
