"""A store gives the reader the files that a local folder would."""

from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

import einthoven
from einthoven import examples
from einthoven.errors import EinthovenError, ShortageError

pytest.importorskip("obstore", reason="needs the extra ray")
from einthoven.batch.archive import bucket as bucket_module
from einthoven.batch.archive import places
from einthoven.batch.archive import store as store_module
from einthoven.batch.archive.store import Store

NORMAL = examples.path("normal")


@pytest.fixture
def store(bucket: str) -> Store:
    """A folder of a bucket of an S3 server."""
    store = Store(f"{bucket}/{uuid4()}")
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


def test_an_endless_file_is_fetched_only_so_far_as_the_reader_refuses_it(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (places, bucket_module):
        monkeypatch.setattr(module, "CHUNK", 1)
    monkeypatch.setattr(store_module, "MAX_BYTES", 1 << 20)
    store.write("huge.dcm", bytes(20 << 20))
    assert 1 << 20 < store.fetch_recording("huge.dcm", tmp_path).stat().st_size < 4 << 20


def test_names_of_objects_and_files_may_have_any_characters(store: Store, tmp_path: Path) -> None:
    names = ["a b/ü#1%20?x=*.dcm", "a b/ü.hea", "+&.scp"]
    for place in (store, Store(str(tmp_path / "disk"))):
        for name in names:
            place.write(name, name.encode())
        assert set(names) <= set(place.names())
        for name in names:
            with place.open(name) as file:
                assert file.read() == name.encode()
        assert [place.exists(name) for name in ("a b/ü.hea", "a b", "b")] == [True, place.local, False]
    fetched = store.fetch_recording(names[0], tmp_path)
    assert fetched.read_bytes() == names[0].encode()


def test_an_object_with_a_name_that_no_file_has(store: Store) -> None:
    import boto3

    client, prefix = boto3.client("s3"), store.url.removeprefix("s3://ecg/")
    client.put_object(Bucket="ecg", Key=f"{prefix}/a//b.dcm", Body=b"x")
    with pytest.raises(EinthovenError, match=r"a name that cannot be read .* rename it, or list the others"):
        store.names()


def test_a_store_that_does_not_respond_or_has_no_such_bucket(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Store(f"{bucket}/nothing").names() == []
    with pytest.raises(EinthovenError, match="not found; check the name of the bucket"):
        Store("s3://nowhere/archive").names()
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(bucket_module, "_RETRY", {"max_retries": 1})
    with pytest.raises(ShortageError, match=r"the store does not respond .*try again later"):
        Store("s3://lost").names()


def test_a_folder_is_listed_without_hidden_files(store: Store) -> None:
    store.write("a/.part", b"")
    assert store.names() == ["a/normal.dat", "a/normal.hea"]


def test_a_profile_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(EinthovenError, match=r"s3://profiled: .*\(nobody\).*; check the credentials"):
        Store("s3://profiled/archive")


def test_a_public_bucket_needs_no_credentials(bucket: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import boto3

    owner = boto3.client("s3")
    owner.create_bucket(Bucket="public")
    owner.put_object(Bucket="public", Key="a/ecg.dcm", Body=b"x", ACL="public-read")
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.delenv(f"AWS_{name}")
    for name in ("SHARED_CREDENTIALS_FILE", "CONFIG_FILE"):
        monkeypatch.setenv(f"AWS_{name}", str(tmp_path / "absent"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    assert Store("s3://public/a").fetch_recording("ecg.dcm", tmp_path).read_bytes() == b"x"


def test_google_cloud_and_azure_need_no_further_package(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not Store("gs://bucket/archive").local
    with pytest.raises(
        EinthovenError, match=r"az://ecg: .*Account must be specified; .* its settings in the environment"
    ):
        Store("az://ecg/archive")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "hospital")
    assert not Store("az://ecg/archive").local


def test_a_url_that_no_package_knows() -> None:
    with pytest.raises(EinthovenError, match=r"Unable to recognise URL .*use a path, s3://, gs:// or az://"):
        Store("s4://bucket/archive")
