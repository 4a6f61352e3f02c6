"""What OpenAPI says beyond what FastAPI finds out: bodies, answers, examples."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.responses import Response

from einthoven.interpret.json_text import dumps
from einthoven.serve.middleware import PROBES
from einthoven.serve.problems import MEDIA_TYPE
from einthoven.serve.query import BatchQuery, InterpretQuery

_REF = "#/components/schemas/"
_PROBLEM = {
    "type": "object",
    "description": "RFC 9457",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "description": "urn:uuid: and the id that the log has"},
    },
    "required": ["type", "title", "status", "detail", "instance"],
}
_RECORDING = {
    "type": "object",
    "properties": {
        "rate_hz": {"type": "number"},
        "leads": {"type": "array", "items": {"type": "string"}},
        "unit": {"enum": ["nV", "uV", "mV", "V"]},
        "signal": {
            "type": "array",
            "description": "[lead][sample]; null where nothing was recorded",
            "items": {"type": "array", "items": {"type": ["number", "null"]}},
        },
    },
    "required": ["rate_hz", "leads", "unit", "signal"],
}
_FORM = {
    "schema": {
        "type": "object",
        "additionalProperties": {"type": "string", "contentMediaType": "application/octet-stream"},
    }
}
_TOKEN = {"type": "http", "scheme": "bearer", "description": "Needed where the service was started with --token-file"}


def _refused(status: int, name: str, title: str, detail: str) -> dict[str, Any]:
    example = {
        "type": f"urn:einthoven:problem:{name}" if name else "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": "urn:uuid:5b0c1b1e-6d55-4c0e-9b3e-0a4f3f6c2d11",
    }
    return {
        "description": title,
        "content": {MEDIA_TYPE: {"schema": {"$ref": f"{_REF}Problem"}, "example": example}},
    }


_ANYWHERE: dict[int | str, dict[str, Any]] = {
    400: _refused(400, "", "Bad Request", "What came is no HTTP request."),
    405: _refused(405, "", "Method Not Allowed", "Method Not Allowed"),
    408: _refused(408, "", "Request Timeout", "The request did not come within 30 s."),
    414: _refused(414, "", "URI Too Long", "The address of a request may have 8 KiB."),
    429: _refused(429, "", "Too Many Requests", "A client may have 128 connections; close some, or try again."),
    431: _refused(431, "", "Request Header Fields Too Large", "The headers of a request may have 64 KiB."),
    500: _refused(500, "mistake", "A mistake in the service", "The log tells more of it."),
    503: _refused(503, "", "Service Unavailable", "The service has as many connections as it takes."),
}
_GUARDED: dict[int | str, dict[str, Any]] = {
    401: _refused(401, "token-needed", "A token is needed", "Send the header Authorization: Bearer TOKEN."),
    403: _refused(403, "foreign-origin", "A foreign page", "Pages of other origins may not call this service."),
    421: _refused(421, "unknown-host", "Not a name of this service", "Start it with --allowed-host NAME."),
}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: _refused(400, "wrong-parameter", "A parameter is wrong", "prevalence is LABEL=SHARE, as mi=0.05 for 5 %."),
    413: _refused(413, "too-large", "The request is too large", "A request may have 32 MiB."),
    422: _refused(
        422,
        "recording-refused",
        "The recording cannot be interpreted",
        "ecg.hea: its file ecg.dat is cut short: it has 100 of 24000 bytes; get it again.",
    ),
    429: _refused(429, "busy", "Too much work at once", "The service has as much work as it takes; try again."),
    500: _refused(
        500,
        "interpretation-failed",
        "The interpretation failed",
        "The recording needs more than 10 s of CPU time.",
    ),
    503: _refused(
        503,
        "shortage",
        "The service lacks something it needs",
        "No worker process is up, since none can be started now; try again in some seconds.",
    ),
}
_NOT_ACCEPTABLE = {406: _refused(406, "", "Not Acceptable", "An answer can be application/json, image/png.")}
NOT_FOUND: dict[int | str, dict[str, Any]] = {404: _refused(404, "", "Not Found", "There is no sample of that name.")}


def example() -> dict[str, Any]:
    """An answer, cut to a few labels."""
    found: dict[str, Any] = json.loads(files("einthoven.serve").joinpath("example.json").read_text(encoding="utf-8"))
    return found


def _answered(schema: str, **others: Any) -> dict[int | str, dict[str, Any]]:
    content = {"application/json": {"schema": {"$ref": _REF + schema}}, **others}
    return {200: {"description": "The answer", "content": content}, **_REFUSALS}


def _query(model: type[BatchQuery]) -> list[dict[str, Any]]:
    """The parameters that `model` takes from the query."""
    return [
        {"name": name, "in": "query", "description": facts.pop("description"), "schema": facts}
        for name, facts in model.model_json_schema()["properties"].items()
    ]


_BINARY: dict[str, Any] = {"schema": {"type": "string", "contentMediaType": "application/octet-stream"}}
INTERPRET: dict[str, Any] = {
    "responses": _NOT_ACCEPTABLE
    | _answered(
        "Interpretation",
        **{
            "application/fhir+json": {"schema": {"type": "object", "description": "a Bundle; docs/reference/fhir.md"}},
            "application/pdf": {},
            "image/png": {},
            "image/svg+xml": {},
        },
    ),
    "openapi_extra": {
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": _FORM,
                "application/json": {
                    "schema": {"$ref": f"{_REF}Recording"},
                    "example": {
                        "rate_hz": 500,
                        "leads": ["I", "II"],
                        "unit": "mV",
                        "signal": [[0.01, 0.02], [0, 0.01]],
                    },
                },
                "application/dicom": _BINARY,
                "application/octet-stream": _BINARY,
            },
        },
        "parameters": [
            *_query(InterpretQuery),
            {
                "name": "Einthoven-Subject",
                "in": "header",
                "description": "Of FHIR: whom it is about",
                "schema": {"type": "string"},
                "example": "Patient/1234",
            },
        ],
    },
}
_FAILED = {"recording": {"source": "letter.pdf"}, "error": "is a PDF, not an ECG."}
BATCH: dict[str, Any] = {
    "responses": _answered("Batch"),
    "openapi_extra": {
        "requestBody": {"required": True, "content": {"multipart/form-data": _FORM}},
        "parameters": _query(BatchQuery),
    },
}


def install(app: FastAPI) -> None:
    """Let `app` describe itself with the schema of the answers, which has a file of its own."""

    @cache
    def text() -> bytes:
        return dumps(_complete(app))

    @app.get("/openapi.json", include_in_schema=False)
    def describe() -> Response:  # in a thread: the first time takes a while
        return Response(text(), media_type="application/json")


def _complete(app: FastAPI) -> dict[str, Any]:
    text = files("einthoven.interpret").joinpath("interpretation.schema.json").read_text(encoding="utf-8")
    answer = json.loads(text.replace("#/$defs/", _REF))
    whole, failure = answer["oneOf"]
    whole["properties"]["tracing"] = {**_RECORDING, "description": "With tracing=true: the signal in mV"}
    described = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
    components = described.setdefault("components", {})
    components["securitySchemes"] = {"token": _TOKEN}
    described["security"] = [{"token": []}]
    results = {"type": "array", "items": {"oneOf": [{"$ref": f"{_REF}Interpretation"}, failure]}}
    components.setdefault("schemas", {}).update(
        answer["$defs"],
        Interpretation=whole,
        Recording=_RECORDING,
        Problem=_PROBLEM,
        Batch={"type": "object", "properties": {"results": results}, "required": ["results"]},
    )
    for path, operations in described["paths"].items():
        for operation in operations.values():
            refusals = _ANYWHERE if path in PROBES else _ANYWHERE | _GUARDED
            operation["responses"] = {str(status): told for status, told in refusals.items()} | operation["responses"]
    for path, instance in (("/v1/interpret", example()), ("/v1/interpret/batch", {"results": [example(), _FAILED]})):
        content = described["paths"][path]["post"]["responses"]["200"]["content"]  # here, since FastAPI drops nulls
        content["application/json"]["example"] = instance
    return described
