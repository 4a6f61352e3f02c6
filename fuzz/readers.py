"""Coverage-guided fuzzing of all readers by atheris, with the tests' oracle.

    python fuzz/readers.py --make-corpus build/fuzz
    python fuzz/readers.py build/fuzz/scp -max_total_time=600 -max_len=8000

The corpus has a folder for each format. The first byte of an input selects the options of `read`, the rest is the file
(`decode` in tests/readers/oracle.py). An input that breaks a promise is written to `crash-*`. Minimise it with
`-minimize_crash=1`, fix its reader and keep it in tests/readers/corpus.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "readers"))


def make_corpus(folder: Path) -> None:
    """Write the seeds, and the inputs that broke a reader before, into a folder for each format."""
    from seeds import CORPUS, seeds

    for name, data in [*seeds(), *((path.name, path.read_bytes()) for path in CORPUS.iterdir())]:
        format_folder = folder / name.partition("-")[0]
        format_folder.mkdir(parents=True, exist_ok=True)
        (format_folder / name).write_bytes(data)


def main() -> None:
    """Make the corpus, or fuzz with libFuzzer's arguments."""
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
