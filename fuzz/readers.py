"""Coverage-guided fuzzing of all readers by atheris, with the tests' oracle.

    python fuzz/readers.py --make-corpus build/fuzz
    python fuzz/readers.py build/fuzz -max_total_time=600 -max_len=40000

The first byte of an input selects the options of `read`, the rest is the file (`decode` in tests/readers/oracle.py).
An input that breaks a promise is written to `crash-*`. Minimise it with `-minimize_crash=1`, fix its reader and keep it
in tests/readers/corpus.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1] / "tests" / "readers"
RATE = 100
"""Hz; low, so that the files are small."""


def seeds() -> Iterator[tuple[str, bytes]]:
    """Name and content of a small good file of every format, and what broke a reader before."""
    import numpy as np
    import writers
    from oracle import encode

    ecg = np.random.default_rng(1).integers(-500, 500, (3 * RATE, 12)).astype(np.int16)
    table = {"rate": 500, "unit": "uV"}
    fast = np.repeat(ecg, 5, axis=0)
    yield "wfdb", encode(writers.wfdb(ecg, RATE, comments="# 63 F\n#Age: 63 Sex: F"), {})
    yield "challenge", encode(writers.challenge(ecg, RATE), {})
    for write in (writers.dicom, writers.scp, writers.aecg, writers.muse, writers.sierra, writers.mortara):
        yield write.__name__, encode(write(ecg, RATE), {})
    yield "scp-beat", encode(writers.scp(ecg, RATE, beat=ecg[:50], at=101), {})
    yield "sierra-utf16", encode(writers.sierra(ecg, RATE, "1.04.01", "utf-16"), {})
    yield "edf", encode(writers.edf(ecg, RATE), {})
    yield "edf+d", encode(writers.edf(ecg, RATE, onsets=(0, 1, 3)), {})
    yield "mfer", encode(writers.mfer(ecg, RATE), {})
    yield "ishne", encode(writers.ishne(ecg, RATE), {})
    yield "csv", encode(writers.csv(fast[:1250], 500), table)
    yield "csv-time", encode(writers.csv(ecg, RATE, "time," + ",".join(writers.LEADS)), {"unit": "mV"})
    yield "csv-semicolon", encode(writers.csv(ecg, RATE, ";".join(writers.LEADS), ";"), table)
    yield "npy", encode(writers.npy(fast[:1250]), table)
    yield "parquet", encode(writers.parquet(fast[:1250]), table)
    yield "json", encode(_json(ecg), {})
    for path in sorted((TESTS / "corpus").iterdir()):
        yield path.name, path.read_bytes()


def _json(ecg: "np.ndarray") -> bytes:  # type: ignore[name-defined]  # noqa: F821
    import json

    from writers import LEADS

    return json.dumps({"rate_hz": RATE, "leads": LEADS, "unit": "uV", "signal": ecg.T.tolist()}).encode()


def make_corpus(folder: Path) -> None:
    """Write all seeds into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in seeds():
        (folder / name).write_bytes(data)


def main() -> None:
    """Make the corpus, or fuzz with libFuzzer's arguments."""
    sys.path.insert(0, str(TESTS))
    if "--make-corpus" in sys.argv:
        make_corpus(Path(sys.argv[-1]))
        return
    try:
        import atheris
    except ImportError:
        sys.exit("Fuzzing needs atheris, which exists for Linux and macOS: pip install atheris")
    with atheris.instrument_imports(include=["einthoven.readers", "ecgdatakit"]):
        from oracle import check, decode

    def test_one(data: bytes) -> None:
        check(*decode(data))

    atheris.Setup(sys.argv, test_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
