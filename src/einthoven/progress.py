"""Progress bars on stderr, so that stdout can be piped."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


def progress(*fields: str, shown: bool = True) -> Progress:
    """Return a progress display on stderr: description, bar, count, remaining time, and further fields.

    Parameters
    ----------
    *fields
        Names of a task's fields to show at the end.
    shown
        False for a silent display. It is also silent if stderr is not a terminal.

    Returns
    -------
    Progress
        A context manager.
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
