"""Serve the viewer: a page and its files, all from the folder `viewer`."""

import mimetypes
import os
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

VIEWER = Path(__file__).parent / "viewer"
_REVALIDATE = {"Cache-Control": "no-cache"}  # browsers ask whether a file has changed: a new version shows at once

mimetypes.add_type("text/javascript", ".js")  # some systems have text/plain, which browsers do not run

router = APIRouter()


@router.get("/", include_in_schema=False)
async def _page() -> Response:
    return FileResponse(VIEWER / "index.html", headers=_REVALIDATE)


class ViewerFiles(StaticFiles):
    """The viewer's files, which browsers check for a new version each time."""

    def __init__(self) -> None:
        super().__init__(directory=VIEWER)

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Return a file with a header that has browsers check it each time.

        Parameters
        ----------
        full_path
            Path of the file.
        stat_result
            Status of the file.
        scope
            The request.
        status_code
            HTTP status.

        Returns
        -------
        Response
            The file, or 304 if the browser has it.
        """
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update(_REVALIDATE)
        return response
