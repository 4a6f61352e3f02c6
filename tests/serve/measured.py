"""`einthoven serve` that notes the longest time for which its event loop was blocked.

python -m serve.measured FILE serve ...: FILE has a double, the seconds of the longest callback so far. It is CPU
time, so that a busy machine makes no difference.
"""

import asyncio
import mmap
import struct
import sys
import time
from pathlib import Path


def _measure(file: Path) -> None:
    file.write_bytes(struct.pack("d", 0))
    with file.open("r+b") as stream:
        longest = mmap.mmap(stream.fileno(), 8)
    run = asyncio.Handle._run

    def measured(handle: asyncio.Handle) -> None:
        start = time.thread_time()
        run(handle)
        seconds = time.thread_time() - start
        if seconds > struct.unpack("d", longest)[0]:
            longest[:] = struct.pack("d", seconds)

    asyncio.Handle._run = measured  # type: ignore[method-assign]


if __name__ == "__main__":
    import uvicorn

    from einthoven.cli import main

    _measure(Path(sys.argv.pop(1)))
    uvicorn.Config.get_loop_factory = lambda self: asyncio.SelectorEventLoop  # type: ignore[method-assign]
    main()
