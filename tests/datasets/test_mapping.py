"""From codes to labels."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from einthoven.datasets.known import known_names, known_set
from einthoven.datasets.mapping import Entry, LabelMapping, mapping_names, read_mapping
from einthoven.errors import EinthovenError
from einthoven.ptbxl.vocabulary import NAMES, STATEMENTS

LABELS = st.sampled_from(sorted(NAMES))
ENTRIES = st.builds(Entry, st.lists(LABELS, max_size=3).map(tuple), st.lists(LABELS, max_size=3).map(tuple))
CODES = st.sampled_from([*"abcdef"])


@given(st.dictionaries(CODES, ENTRIES, min_size=1), st.sets(CODES), st.sets(CODES), st.booleans())
def test_every_code_counts_and_none_is_lost(
    entries: dict[str, Entry], codes: set[str], unknown_codes: set[str], superclasses: bool
) -> None:
    mapped = LabelMapping(entries, superclasses).apply(codes, unknown_codes - codes)
    stated = {label for code in codes & entries.keys() for label in entries[code].labels}
    classes = {STATEMENTS[label].diagnostic_class for label in stated & STATEMENTS.keys()} - {""}
    assert mapped.labels == (stated | classes if superclasses else stated)
    assert not mapped.labels & mapped.unknown
    assert set(mapped.unmapped) == codes - entries.keys()
    for code in unknown_codes & entries.keys() - codes:
        assert set(entries[code].labels) <= mapped.labels | mapped.unknown


@given(st.sets(st.text(min_size=1)))
def test_without_entries_a_code_is_its_own_label(codes: set[str]) -> None:
    assert LabelMapping().apply(codes) == (codes, frozenset(), ())


@pytest.mark.parametrize("name", mapping_names())
def test_shipped_mappings_have_only_einthovens_labels(name: str) -> None:
    mapping = read_mapping(name)
    assert mapping.source
    assert mapping.entries
    for entry in mapping.entries.values():
        assert {*entry.labels, *entry.unknown} <= NAMES.keys()


def test_the_challenge_mapping() -> None:
    mapping = read_mapping("challenge")
    assert mapping.apply(["164889003", "713427006"]).labels == {"AFIB", "CRBBB"}
    assert mapping.apply(["6374002"]).unknown == {"CLBBB", "CRBBB"}  # bundle branch block
    assert mapping.apply(["6374002", "733534002"]) == ({"CLBBB"}, {"CRBBB"}, ())
    assert mapping.apply(["39732003", "1"]).unmapped == ("1",)  # left axis deviation is known, and no label
    scored = 30  # in dx_mapping_scored.csv
    assert len(mapping.entries or ()) > scored


def test_scp_and_aha_give_superclasses() -> None:
    assert read_mapping("scp").apply(["IMI", "SR"]).labels == {"IMI", "MI", "SR"}
    assert read_mapping("aha").apply(["161"]).labels == {"IMI", "MI"}


def test_known_sets_are_complete() -> None:
    assert {"cpsc-2018", "cpsc-2018-extra", "georgia", "chapman-shaoxing", "ningbo", "incart"} <= set(known_names())
    assert {"ptb-challenge", "ptbdb", "ludb", "sph", "mimic-iv-ecg-demo"} <= set(known_names())
    for known in map(known_set, known_names()):
        assert known.url.startswith("https://")
        assert known.records > 0
        assert all((known.title, known.licence, known.citation))
        assert not known.part or known.part.endswith("/")
        for entry in (known.mapping.entries or {}).values():
            assert {*entry.labels, *entry.unknown} <= NAMES.keys()


def test_a_known_set_completes_the_challenge_mapping() -> None:
    mapping = known_set("cpsc-2018").mapping
    assert mapping.apply(["426783006", "164889003"]).labels == {"NORM", "AFIB"}


def test_own_mappings(tmp_path: Path) -> None:
    toml, csv = tmp_path / "mine.toml", tmp_path / "mine.csv"
    toml.write_text('superclasses = true\n[codes]\nVHF = "AFIB"\nHI = ["IMI"]\nLSB = { unknown = ["CLBBB"] }\nX = []\n')
    csv.write_text("code,label,unknown\nVHF,AFIB,\nHI,IMI,\nHI,MI,\nLSB,,CLBBB;CD\nX,,\n")
    for mapping in map(read_mapping, (toml, csv)):
        mapped = mapping.apply(["VHF", "HI", "LSB", "X", "?"])
        assert mapped == ({"AFIB", "IMI", "MI"}, {"CLBBB", "CD"}, ("?",))


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.toml", "[codes", "is not a TOML file"),
        ("a.toml", "[code]\n", "has the key 'code'"),
        ("a.toml", "[codes]\na = 3\n", "maps 'a' to 3"),
        ("a.toml", '[codes]\na = { label = "MI" }\n', "maps 'a' to"),
        ("a.toml", '[codes]\na = ""\n', "'' cannot be a label"),
        ("a.toml", 'superclasses = "yes"\n', "true or false"),
        ("a.csv", "from,to\n", "needs the columns code and label"),
        ("a.csv", "code,label\na,\x07\n", "cannot be a label"),
    ],
)
def test_wrong_mappings(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(EinthovenError, match=message) as error:
        read_mapping(tmp_path / name)
    assert error.value.source == str(tmp_path / name)


def test_a_missing_mapping_lists_the_shipped_ones(tmp_path: Path) -> None:
    with pytest.raises(EinthovenError, match=r"no mapping of that name \(aha, challenge, scp\)"):
        read_mapping(tmp_path / "none.toml")
