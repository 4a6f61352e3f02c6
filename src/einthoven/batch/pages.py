"""Write a report page per recording. The drawing modules are imported only when a page is drawn."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from einthoven.errors import EinthovenError
from einthoven.files import atomic_write
from einthoven.interpret.interpretation import Interpretation
from einthoven.recording import Recording

ENDINGS = ("pdf", "png", "svg", "dcm")
"""Suffixes of a page; dcm is the PDF in DICOM."""


@dataclass(frozen=True)
class Pages:
    """Options for report pages, one page per recording."""

    path: str
    """A file, or a folder with a file per recording."""
    base: str | None
    """The folder that contains all sources, whose layout the folder of pages repeats; None if `path` is a file."""
    ending: str
    """File type of the pages: one of ENDINGS."""
    page_options: Mapping[str, Any] = field(default_factory=dict)
    """Keyword arguments of `einthoven.report.page.compose.compose_page`."""
    same_study: bool = False
    """Whether to put a DICOM page into the patient and study of the recording."""

    @classmethod
    def for_sources(
        cls,
        path: Path,
        sources: Sequence[str],
        ending: str | None,
        page_options: Mapping[str, Any],
        same_study: bool = False,
    ) -> "Pages":
        """Choose between a file and a folder of pages, by the suffix of a path.

        Parameters
        ----------
        path
            A file if it ends in one of ENDINGS, a folder if it has no suffix.
        sources
            Paths of the recordings.
        ending
            File type of the pages of a folder: one of ENDINGS; None for pdf.
        page_options
            Keyword arguments of `einthoven.report.page.compose.compose_page`.
        same_study
            Whether to put a DICOM page into the patient and study of the recording.

        Returns
        -------
        Pages
            Nothing is written yet.

        Raises
        ------
        EinthovenError
            If several pages would go to one file, the suffix is unknown, or it contradicts `ending`.
        """
        suffix = "" if path.is_dir() else path.suffix.lower().removeprefix(".")
        if not suffix:
            folders = [os.path.dirname(os.path.abspath(source)) for source in sources]  # noqa: PTH100, PTH120
            return cls(str(path), os.path.commonpath(folders), ending or ENDINGS[0], page_options, same_study)
        if suffix not in ENDINGS:
            raise EinthovenError(
                "unknown suffix for a report; write .pdf, .png, .svg or .dcm, or no suffix for a folder.", path
            )
        if len(sources) > 1:
            raise EinthovenError(f"cannot hold the pages of {len(sources)} recordings; give a folder.", path)
        if ending not in (None, suffix):
            raise EinthovenError(f"its suffix contradicts --report-format {ending}; leave one of them out.", path)
        return cls(str(path), None, suffix, page_options, same_study)

    def prepare(self) -> None:
        """Create the folder.

        Raises
        ------
        ModuleNotFoundError
            If the pages need the extra `report`, and it is not installed.
        """
        if self.ending != "svg":
            import einthoven.report.page.pdf  # noqa: F401
        (Path(self.path) if self.base else Path(self.path).parent).mkdir(parents=True, exist_ok=True)

    def path_for(self, source: str) -> Path:
        """Return the path of a recording's page.

        Parameters
        ----------
        source
            Path of the recording.

        Returns
        -------
        Path
            Path of the page; in a folder of pages, the source's path below `base` with the ending appended.
        """
        return Path(self.path, os.path.relpath(source, self.base) + f".{self.ending}") if self.base else Path(self.path)

    def save(self, recording: Recording, interpretation: Interpretation, model_rate: float) -> None:
        """Write the page of a recording.

        Parameters
        ----------
        recording
            The recording; `source` is its path.
        interpretation
            Interpretation of the recording.
        model_rate
            Sampling rate of the model's input in Hz.

        Raises
        ------
        EinthovenError
            If the page cannot be written.
        """
        from einthoven.report.page.compose import compose_pages
        from einthoven.report.page.render import render

        pages = compose_pages(recording, interpretation, model_rate=model_rate, **self.page_options)
        with atomic_write(self.path_for(recording.source)) as temporary:
            if self.ending == "dcm":
                self._save_dicom(render(pages, "pdf"), interpretation, temporary)
            else:
                temporary.write_bytes(render(pages, self.ending))

    def _save_dicom(self, pdf: bytes, interpretation: Interpretation, path: Path) -> None:
        from einthoven.report.dicom import encapsulated_pdf, read_recording, write

        dataset = encapsulated_pdf(
            pdf, interpretation, datetime.now(), read_recording(interpretation) if self.same_study else None
        )
        with path.open("wb") as file:
            write(dataset, file)
