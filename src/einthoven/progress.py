"""Progress bars, on stderr so that stdout can be piped."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


def progress(*fields: str, shown: bool = True) -> Progress:
    """Create a progress display: description, bar, count, remaining time, then named fields of the task.

    Parameters
    ----------
    *fields
        Names of the fields.
    shown
        False for no display.

    Returns
    -------
    Progress
        Silent also if stderr is not a terminal, so that logs stay readable.
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
