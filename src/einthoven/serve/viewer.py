"""The viewer: one page and its files, all from this folder."""

import mimetypes
import os
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

VIEWER = Path(__file__).parent / "viewer"
_FRESH = {"Cache-Control": "no-cache"}  # a browser asks whether it has changed, so that a new version shows at once

mimetypes.add_type("text/javascript", ".js")  # some systems say text/plain, which a browser would not run

router = APIRouter()


@router.get("/", include_in_schema=False)
async def page() -> Response:
    """The page."""
    return FileResponse(VIEWER / "index.html", headers=_FRESH)


class ViewerFiles(StaticFiles):
    """The page's files."""

    def __init__(self) -> None:
        super().__init__(directory=VIEWER)

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """A file, or that it has not changed."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update(_FRESH)
        return response
