"""Parts of the OpenAPI description that FastAPI does not derive: bodies, responses, errors, examples."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from fastapi.utils import generate_unique_id
from starlette.responses import Response

from einthoven.interpret.json_text import dumps
from einthoven.recording import Filters
from einthoven.serve.middleware import PROBES
from einthoven.serve.multipart import PREVIOUS
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
        "instance": {"type": "string", "description": "urn:uuid: and the ID of the request in the log"},
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
            "description": "[lead][sample]; null for samples that were not recorded",
            "items": {"type": "array", "items": {"type": ["number", "null"]}},
        },
        "recorded_at": {"type": ["string", "null"], "description": "ISO 8601, with or without a time zone"},
        "device": {"type": ["string", "null"], "description": "maker and model of the recorder"},
        "filters": {
            "type": ["object", "null"],
            "properties": {name: {"type": ["number", "null"]} for name in Filters._fields},
        },
    },
    "required": ["rate_hz", "leads", "unit", "signal"],
}
_PART = {"type": "string", "contentMediaType": "application/octet-stream"}
_FORM = {"schema": {"type": "object", "additionalProperties": _PART}}
_FORM_WITH_PREVIOUS = {
    "schema": {
        "type": "object",
        "properties": {
            PREVIOUS: _PART | {"description": "An earlier ECG of the same person, or the JSON of its interpretation"}
        },
        "additionalProperties": _PART,
    }
}
_TOKEN = {"type": "http", "scheme": "bearer", "description": "Required if the service was started with --token-file"}


def _problem(status: int, name: str, title: str, detail: str) -> dict[str, Any]:
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


_ANY_REQUEST: dict[int | str, dict[str, Any]] = {
    400: _problem(400, "", "Bad Request", "The bytes received are not an HTTP request."),
    405: _problem(405, "", "Method Not Allowed", "Method Not Allowed"),
    408: _problem(408, "", "Request Timeout", "The request did not arrive within 30 s."),
    414: _problem(414, "", "URI Too Long", "The URL of a request may have 8 KiB."),
    429: _problem(429, "", "Too Many Requests", "A client may have 128 connections. Close some."),
    431: _problem(431, "", "Request Header Fields Too Large", "The headers of a request may have 64 KiB."),
    500: _problem(500, "internal-error", "Internal error", "Internal error. See the log."),
    503: _problem(503, "", "Service Unavailable", "The service has as many connections as it allows."),
}
_ACCESS: dict[int | str, dict[str, Any]] = {
    401: _problem(401, "token-needed", "Token required", "Send the header Authorization: Bearer TOKEN."),
    403: _problem(403, "foreign-origin", "Foreign origin", "Pages of other origins may not call this service."),
    421: _problem(
        421,
        "unknown-host",
        "Unknown host name",
        "The Host header is not a name of this service.",
    ),
}
_RECORDING_PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: _problem(400, "wrong-parameter", "Invalid parameter", "prevalence must be LABEL=SHARE."),
    413: _problem(
        413,
        "too-large",
        "Request too large",
        "A request may have 32 MiB.",
    ),
    422: _problem(
        422,
        "recording-refused",
        "The recording cannot be interpreted",
        "ecg.hea: its file ecg.dat is cut short: it has 100 of 24000 bytes; get it again.",
    ),
    429: _problem(429, "busy", "The service is busy", "The service is busy. Try again in a second."),
    500: _problem(
        500,
        "interpretation-failed",
        "The interpretation failed",
        "The recording needs more than 10 s of CPU time.",
    ),
    503: _problem(
        503,
        "shortage",
        "The service lacks a resource",
        "No worker process is up, and none can be started now. Try again in a few seconds.",
    ),
}
_NOT_ACCEPTABLE = {406: _problem(406, "", "Not Acceptable", "The response can be application/json, image/png.")}
NOT_FOUND: dict[int | str, dict[str, Any]] = {404: _problem(404, "", "Not Found", "There is no sample with this name.")}


def example() -> dict[str, Any]:
    """Return an example of a response.

    Returns
    -------
    dict[str, Any]
        An Interpretation with a few labels only.
    """
    text = files("einthoven.serve").joinpath("example.json").read_text(encoding="utf-8")
    body: dict[str, Any] = json.loads(text)
    return body


def _responses(schema: str, **others: Any) -> dict[int | str, dict[str, Any]]:
    content = {"application/json": {"schema": {"$ref": _REF + schema}}, **others}
    return {200: {"description": "The response", "content": content}, **_RECORDING_PROBLEMS}


def _query(model: type[BatchQuery]) -> list[dict[str, Any]]:
    """Return the query parameters of a model."""
    return [
        {"name": name, "in": "query", "description": schema.pop("description"), "schema": schema}
        for name, schema in model.model_json_schema()["properties"].items()
    ]


_BINARY: dict[str, Any] = {"schema": {"type": "string", "contentMediaType": "application/octet-stream"}}
INTERPRET: dict[str, Any] = {
    "responses": _NOT_ACCEPTABLE
    | _responses(
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
                "multipart/form-data": _FORM_WITH_PREVIOUS,
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
                "description": "Reference of the patient in FHIR",
                "schema": {"type": "string"},
                "example": "Patient/1234",
            },
        ],
    },
}
_FAILED = {"recording": {"source": "letter.pdf"}, "error": "is a PDF, not an ECG."}
BATCH: dict[str, Any] = {
    "responses": _responses("Batch"),
    "openapi_extra": {
        "requestBody": {"required": True, "content": {"multipart/form-data": _FORM}},
        "parameters": _query(BatchQuery),
    },
}


def install(app: FastAPI) -> None:
    """Have an application serve its OpenAPI description at /openapi.json.

    Parameters
    ----------
    app
        The application, with all its routes.
    """

    @cache
    def _text() -> bytes:
        return dumps(_complete(app))

    @app.get("/openapi.json", include_in_schema=False)
    def _describe() -> Response:  # in a thread: the first time takes a while
        return Response(_text(), media_type="application/json")


def operation_id(route: APIRoute) -> str:
    """Return the name of an operation for generators of clients.

    Parameters
    ----------
    route
        A route, whose handler may be private.

    Returns
    -------
    str
        FastAPI's name, without a leading underscore.
    """
    return generate_unique_id(route).lstrip("_")


def _complete(app: FastAPI) -> dict[str, Any]:
    """Return FastAPI's description with the schemas of the responses, errors and examples."""
    text = files("einthoven.interpret").joinpath("interpretation.schema.json").read_text(encoding="utf-8")
    schema = json.loads(text.replace("#/$defs/", _REF))
    whole, failure = schema["oneOf"]
    whole["properties"]["tracing"] = {**_RECORDING, "description": "With tracing=true: the signal in mV"}
    described = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
    components = described.setdefault("components", {})
    components["securitySchemes"] = {"token": _TOKEN}
    described["security"] = [{"token": []}]
    results = {"type": "array", "items": {"oneOf": [{"$ref": f"{_REF}Interpretation"}, failure]}}
    components.setdefault("schemas", {}).update(
        schema["$defs"],
        Interpretation=whole,
        Recording=_RECORDING,
        Problem=_PROBLEM,
        Batch={"type": "object", "properties": {"results": results}, "required": ["results"]},
    )
    for path, operations in described["paths"].items():
        for operation in operations.values():
            problems = _ANY_REQUEST if path in PROBES else _ANY_REQUEST | _ACCESS
            operation["responses"] = {str(status): problem for status, problem in problems.items()} | operation[
                "responses"
            ]
    for path, instance in (("/v1/interpret", example()), ("/v1/interpret/batch", {"results": [example(), _FAILED]})):
        content = described["paths"][path]["post"]["responses"]["200"]["content"]  # FastAPI would drop nulls
        content["application/json"]["example"] = instance
    return described
