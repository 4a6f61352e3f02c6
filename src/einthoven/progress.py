"""Progress bars, on stderr so that stdout can be piped."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


def progress(*fields: str, shown: bool = True) -> Progress:
    """A progress display: description, bar, count, time left, then the named task `fields`.

    Silent when not `shown`, and when stderr is no terminal, so that logs stay readable.
    """
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        *(TextColumn(f"{{task.fields[{field}]}}") for field in fields),
        console=console,
        disable=not (shown and console.is_terminal),
    )
