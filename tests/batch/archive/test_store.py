"""A store gives the reader the files that a local folder would."""

from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

import einthoven
from einthoven import examples
from einthoven.errors import EinthovenError

pytest.importorskip("fsspec", reason="needs the extra ray")
from einthoven.batch.archive import store as store_module
from einthoven.batch.archive.store import Store

NORMAL = examples.path("normal")


@pytest.fixture
def store() -> Store:
    store = Store(f"memory://{uuid4()}")
    for suffix in (".hea", ".dat"):
        store.write(f"a/normal{suffix}", NORMAL.with_suffix(suffix).read_bytes())
    return store


@pytest.mark.parametrize("name", ["a/normal.hea", "a/normal", "a/normal.dat"])
def test_a_wfdb_record_by_each_of_its_names(store: Store, tmp_path: Path, name: str) -> None:
    path = store.fetch_recording(name, tmp_path)
    np.testing.assert_array_equal(einthoven.read(path).signal, einthoven.read(NORMAL).signal)


def test_segments_of_a_record(store: Store, tmp_path: Path) -> None:
    store.write("a/both.hea", b"both/2 12 500 10000\nnormal 5000\nnormal 5000\n")
    path = store.fetch_recording("a/both.hea", tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {"both.hea", "normal.hea", "normal.dat"}
    assert path.name == "both.hea"
    assert store.segments("a/both.hea") == {"a/normal.hea"}
    assert store.segments("a/normal.hea") == set()


def test_a_missing_file(store: Store, tmp_path: Path) -> None:
    path = store.fetch_recording("a/nothing.dcm", tmp_path)
    with pytest.raises(EinthovenError, match="is not found; check the path"):
        einthoven.read(path)


def test_a_header_that_names_files_elsewhere_or_too_many(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "_MAX_FILES", 3)
    store.write("secret.dat", b"secret")
    lines = [b"many 9 500 5000", b"../secret.dat 16", *(b"%d.dat 16" % k for k in range(8))]
    for k in range(8):
        store.write(f"a/{k}.dat", b"x")
    store.write("a/many.hea", b"\n".join(lines))
    store.fetch_recording("a/many.hea", tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["0.dat", "1.dat", "many.hea"]


@pytest.mark.parametrize("size", [0, 1, 9, 10, 11, 20])
def test_a_file_comes_in_chunks(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(store_module, "_CHUNK", 10)
    store.write("file", bytes(range(size)))
    assert store.fetch_recording("file", tmp_path).read_bytes() == bytes(range(size))


def test_an_endless_file_is_fetched_only_so_far_as_the_reader_refuses_it(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "_CHUNK", 10)
    monkeypatch.setattr(store_module, "MAX_BYTES", 35)
    store.write("huge.dcm", bytes(1000))
    assert store.fetch_recording("huge.dcm", tmp_path).stat().st_size == 40


def test_a_folder_is_listed_without_hidden_files(store: Store) -> None:
    store.write("a/.part", b"")
    assert store.names() == ["a/normal.dat", "a/normal.hea"]
    assert Store(f"{store.url}/nothing").names() == []


def test_a_url_that_no_package_knows() -> None:
    with pytest.raises(EinthovenError, match="Protocol not known: s4"):
        Store("s4://bucket/archive")
