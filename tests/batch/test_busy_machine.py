"""The same folder gives the same bytes, however busy the machine is."""

import sys
from itertools import islice

import pytest

from einthoven import examples
from einthoven.batch.interpret import InterpretOptions, interpret_files
from einthoven.limits import Limits
from load import busy_machine

SOURCES = [str(examples.path(name)) for name in ("normal", "leads-off")]
OPTIONS = InterpretOptions(explain=("MI",))  # a busy machine takes longer for it than LIMITS.seconds
LIMITS = Limits(seconds=2)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, a worker that computes is not told from one that hangs")
def test_a_busy_machine_changes_no_result() -> None:
    results = interpret_files(SOURCES * 2, OPTIONS, workers=1, limits=LIMITS)
    quiet = list(islice(results, 2))
    with busy_machine():
        assert list(results) == quiet
    assert not any(b'"error"' in result for result in quiet)
