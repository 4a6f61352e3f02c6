"""Interpret recordings: /v1/interpret and /v1/interpret/batch."""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from einthoven.errors import EinthovenError, ShortageError
from einthoven.interpret.interpretation import Failure
from einthoven.interpret.json_text import Fragment, dumps
from einthoven.serve import openapi
from einthoven.serve.form_recordings import GroupParts
from einthoven.serve.jobs import Interpret
from einthoven.serve.multipart import PartRanges, PartView, header_option, is_form, printable_name
from einthoven.serve.pool import Busy, Pool
from einthoven.serve.problems import Problem
from einthoven.serve.query import MEDIA_TYPES, BatchQuery, InterpretQuery, parameter_problem
from einthoven.serve.settings import Settings

router = APIRouter(prefix="/v1")
MAX_EXPLANATIONS = 64
"""Recordings times labels of one batch; each explanation takes half a second of a worker."""
_RETRY_SECONDS = 0.1  # before a batch asks again if other requests have filled the queue


@router.post("/interpret", summary="Interpret one recording", **openapi.INTERPRET)
async def _interpret(request: Request) -> Response:
    """Send the file as the body or as a part of a form, a WFDB record as the parts .hea and .dat, or JSON.

    A part in the field `previous` is an earlier ECG of the same person, or the JSON of its interpretation.
    """
    options = InterpretQuery.from_request(request).answer_options(request)
    content_type = request.headers.get("content-type", "")
    async with request.app.state.body_limits.read(request) as body:
        content = await request.app.state.pool.ask(Interpret(body, content_type, _source(request), **options))
    return Response(content, media_type=MEDIA_TYPES[options["output"]])


@router.post("/interpret/batch", summary="Interpret several recordings", **openapi.BATCH)
async def _batch(request: Request) -> Response:
    """Send a form with a part for each file; a WFDB header and the files that it names are one recording.

    The results come in the order of the parts. A recording that failed has an `error` instead.
    """
    options = BatchQuery.from_request(request).recording_options()
    content_type = request.headers.get("content-type", "")
    if not is_form(content_type):
        raise EinthovenError("The body of a batch must be a form (multipart/form-data) with a part for each file.")
    settings: Settings = request.app.state.settings
    pool: Pool = request.app.state.pool
    slots = asyncio.Semaphore(settings.workers)  # a batch leaves room in the queue for other requests

    async def interpret(name: str, ranges: PartRanges) -> bytes:
        async with slots:
            files = {file: PartView(body, *part) for file, part in ranges.items()}
            return await _interpret_patiently(pool, Interpret(files, source=name, **options))

    async with request.app.state.body_limits.read(request) as body:
        recordings: dict[str, PartRanges] = await pool.ask(GroupParts(body, content_type))
        _check_size(len(recordings), len(options["explain"]), settings)
        results = await asyncio.gather(*(interpret(name, ranges) for name, ranges in recordings.items()))
    return Response(dumps({"results": list(map(Fragment, results))}), media_type="application/json")


async def _interpret_patiently(pool: Pool, job: Interpret) -> bytes:
    """Return the JSON of an Interpretation or a Failure; wait while the queue is full."""
    while True:
        try:
            result: bytes = await pool.ask(job)
            return result
        except Busy:
            await asyncio.sleep(_RETRY_SECONDS)
        except ShortageError:  # the machine is at fault, not the recording
            raise
        except EinthovenError as error:
            return dumps(Failure.from_error(job.source, error).to_dict())


def _check_size(recordings: int, labels: int, settings: Settings) -> None:
    """Raise a Problem if a batch is too large."""
    if recordings > settings.max_recordings:
        detail = f"The form holds {recordings} recordings; at most {settings.max_recordings} are allowed. Send several."
        raise Problem(413, "too-many", "Too many recordings", detail)
    if recordings * labels > MAX_EXPLANATIONS:
        raise parameter_problem(
            f"explain: {recordings} recordings with {labels} labels each need {recordings * labels} explanations; "
            f"a batch may have {MAX_EXPLANATIONS}."
        )


def _source(request: Request) -> str:
    """Return the recording's name if it is the body itself: the file name in Content-Disposition."""
    name = header_option(request.headers.get("content-disposition", ""), b"filename")
    return printable_name(name.decode("utf-8", "replace")) or "recording"
