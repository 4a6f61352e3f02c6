"""Where the pages of reports go, and what they look like. What draws them is imported when there are any."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from einthoven.errors import EinthovenError
from einthoven.files import write_beside
from einthoven.interpret.interpretation import Interpretation
from einthoven.recording import Recording

ENDINGS = ("pdf", "png", "svg", "dcm")
"""Of a page; .dcm is the PDF in DICOM."""


@dataclass(frozen=True)
class Pages:
    """A page for each file that is interpreted."""

    path: str
    """A file, or a folder in which each source gets its own."""
    base: str | None
    """The folder that all sources are in, of which the pages' folder is an image; None where `path` is a file."""
    ending: str
    page_options: Mapping[str, Any] = field(default_factory=dict)
    """Options of `einthoven.report.page.compose.compose_page`."""
    same_study: bool = False
    """Of DICOM: join patient and study of the recording."""

    @classmethod
    def for_sources(
        cls,
        path: Path,
        sources: Sequence[str],
        ending: str | None,
        page_options: Mapping[str, Any],
        same_study: bool = False,
    ) -> "Pages":
        """The pages of `sources` at `path`: a file where it ends as a page does, else a folder of pages in `ending`.

        Raises EinthovenError where a file is to hold several pages, or ends in something else.
        """
        suffix = "" if path.is_dir() else path.suffix.lower().removeprefix(".")
        if not suffix:
            folders = [os.path.dirname(os.path.abspath(source)) for source in sources]  # noqa: PTH100, PTH120
            return cls(str(path), os.path.commonpath(folders), ending or ENDINGS[0], page_options, same_study)
        if suffix not in ENDINGS:
            raise EinthovenError(
                f"{path}: a report ends in .pdf, .png, .svg or .dcm; without an ending it is a folder."
            )
        if len(sources) > 1:
            raise EinthovenError(f"{path}: is one page, but {len(sources)} files were found; name a folder.")
        if ending not in (None, suffix):
            raise EinthovenError(f"{path}: ends in .{suffix}, but --report-format is {ending}; leave one of them out.")
        return cls(str(path), None, suffix, page_options, same_study)

    def prepare(self) -> None:
        """Make the folder. Raises ModuleNotFoundError where the extra `report` is not installed but needed."""
        if self.ending != "svg":
            import einthoven.report.page.pdf  # noqa: F401
        (Path(self.path) if self.base else Path(self.path).parent).mkdir(parents=True, exist_ok=True)

    def path_for(self, source: str) -> Path:
        """The page of a source: its path below the common folder, and the ending."""
        return Path(self.path, os.path.relpath(source, self.base) + f".{self.ending}") if self.base else Path(self.path)

    def save(self, recording: Recording, interpretation: Interpretation, model_rate: float) -> None:
        """Write the page of a recording. Raises EinthovenError where the place is not writable."""
        from einthoven.report.page.compose import compose_page
        from einthoven.report.page.render import render

        page = compose_page(recording, interpretation, model_rate=model_rate, **self.page_options)
        with write_beside(self.path_for(recording.source)) as temporary:
            if self.ending == "dcm":
                self._save_dicom(render(page, "pdf"), interpretation, temporary)
            else:
                temporary.write_bytes(render(page, self.ending))

    def _save_dicom(self, pdf: bytes, interpretation: Interpretation, path: Path) -> None:
        from einthoven.report.dicom import encapsulated_pdf, read_recording, write

        dataset = encapsulated_pdf(
            pdf, interpretation, datetime.now(), read_recording(interpretation) if self.same_study else None
        )
        with path.open("wb") as file:
            write(dataset, file)
