"""Make the machine busy."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from einthoven.workers import cpu_count


@contextmanager
def busy_machine() -> Iterator[None]:
    """Run four endless programs for each CPU, so that any other gets a small part of one."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(4 * cpu_count())]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()
