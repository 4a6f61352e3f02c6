"""Where the pages of reports go, and what they look like. What draws them is imported when there are any."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from einthoven.errors import EinthovenError
from einthoven.recording import Recording


@dataclass(frozen=True)
class Pages:
    """A page for each file that is interpreted."""

    path: str
    """A file, or a folder in which each source gets its own."""
    base: str | None
    """The folder that all sources are in, of which the pages' folder is an image; None where `path` is a file."""
    ending: str
    look: Mapping[str, Any] = field(default_factory=dict)
    """Options of `einthoven.report.page.report.report`."""

    @classmethod
    def at(cls, path: Path, sources: Sequence[str], ending: str | None, look: Mapping[str, Any]) -> "Pages":
        """The pages of `sources` at `path`: a file where it ends as a page does, else a folder of pages in `ending`.

        Raises EinthovenError where a file is to hold several pages, or ends in something else.
        """
        from einthoven.report.page.files import ENDINGS

        given = "" if path.is_dir() else path.suffix.lower().removeprefix(".")
        if not given:
            folders = [os.path.dirname(os.path.abspath(source)) for source in sources]  # noqa: PTH100, PTH120
            return cls(str(path), os.path.commonpath(folders), ending or ENDINGS[0], look)
        if given not in ENDINGS:
            raise EinthovenError(f"{path}: a report ends in .pdf, .png or .svg; without an ending it is a folder.")
        if len(sources) > 1:
            raise EinthovenError(f"{path}: is one page, but {len(sources)} files were found; name a folder.")
        if ending not in (None, given):
            raise EinthovenError(f"{path}: ends in .{given}, but --report-format is {ending}; leave one of them out.")
        return cls(str(path), None, given, look)

    def begin(self) -> None:
        """Make the folder. Raises ModuleNotFoundError where the extra `report` is not installed but needed."""
        if self.ending != "svg":
            import einthoven.report.page.pdf  # noqa: F401
        (Path(self.path) if self.base else Path(self.path).parent).mkdir(parents=True, exist_ok=True)

    def of(self, source: str) -> Path:
        """The page of a source: its path below the common folder, and the ending."""
        return Path(self.path, os.path.relpath(source, self.base) + f".{self.ending}") if self.base else Path(self.path)

    def save(self, recording: Recording, answer: Mapping[str, Any], model_rate: float) -> None:
        """Write the page of a recording. Raises EinthovenError where the place is not writable."""
        from einthoven.report.page.files import save
        from einthoven.report.page.report import report

        save(report(recording, answer, model_rate=model_rate, **self.look), self.of(recording.source))
