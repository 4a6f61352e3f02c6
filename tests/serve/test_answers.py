"""Answers of the service."""

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from numpy.typing import NDArray

import einthoven
from einthoven.recording import LEADS
from serve.service import Service, parts, record

SCHEMA = json.loads(files("einthoven.interpret").joinpath("interpretation.schema.json").read_text())


def by_command_line(paths: list[Path], *options: str) -> list[str]:
    """Return the lines of `einthoven interpret`, one for each file."""
    command = [sys.executable, "-m", "einthoven", "interpret", *map(str, paths)]
    options = ["--model", "edge", "--format", "jsonl", "--workers", "2", *options]
    return subprocess.run([*command, *options], capture_output=True, text=True).stdout.splitlines()


def test_answers_equal_the_command_line(service: Service, records: list[Path], dicom: bytes, tmp_path: Path) -> None:
    Path(tmp_path, "ecg.dcm").write_bytes(dicom)
    Path(tmp_path, "no-ecg.txt").write_text("Dear colleague,\nthe patient is well.\n")
    paths = [*records[:3], tmp_path / "ecg.dcm", tmp_path / "no-ecg.txt"]
    lines = by_command_line(paths)
    answers = [service.client.post("/v1/interpret", files=parts(record(header))).text for header in records[:3]]
    answers += [service.client.post("/v1/interpret", files=parts({"ecg.dcm": dicom})).text]
    named = [line.replace(str(path), path.name) for line, path in zip(lines, paths, strict=True)]
    assert answers == named[:4]
    batch = parts(record(records[0]) | {"no-ecg.txt": Path(tmp_path, "no-ecg.txt").read_bytes()})
    expected = [json.loads(named[0]), json.loads(named[4])]
    assert service.client.post("/v1/interpret/batch", files=batch).json() == {"results": expected}


def test_explanations_equal_the_command_line(service: Service, records: list[Path]) -> None:
    (line,) = by_command_line(records[:1], "--explain", "MI", "--explain", "norm")
    query = {"explain": ["MI", "norm"]}
    answer = service.client.post("/v1/interpret", params=query, files=parts(record(records[0])))
    assert answer.text == line.replace(str(records[0]), records[0].name)
    assert [explanation["label"] for explanation in answer.json()["explanations"]] == ["MI", "NORM"]


def test_real_files(service: Service, test_data: Path) -> None:
    paths = [path for path in sorted((test_data / "formats").rglob("*.*")) if path.suffix not in (".md", ".edf")]
    for path, line in zip(paths, by_command_line(paths), strict=True):
        answer = service.client.post(
            "/v1/interpret",
            content=path.read_bytes(),
            headers={"content-disposition": f'attachment; filename="{path.name}"'},
        )
        expected = json.loads(line)
        if "error" in expected:
            assert answer.status_code == 422
            assert answer.json()["detail"] == f"{path.name}: {expected['error']}"
        else:
            assert answer.text == line.replace(str(path), path.name)


def test_all_ways_to_send_a_recording(service: Service, dicom: bytes, tmp_path: Path) -> None:
    post = service.client.post
    recording = einthoven.read(dicom)
    as_json = {
        "rate_hz": 500,
        "leads": list(LEADS),
        "unit": "uV",
        "signal": (recording.signal * 1000).round().tolist(),
    }
    raw = post("/v1/interpret", content=dicom, headers={"content-type": "application/dicom"}).json()
    form = post("/v1/interpret", files={"anything": ("C:\\ecgs\\jane.dcm", dicom)}).json()
    listed = post("/v1/interpret", json=as_json).json()
    chunked = post("/v1/interpret", content=(dicom[k : k + 1000] for k in range(0, len(dicom), 1000))).json()
    assert [a.pop("recording")["source"] for a in (raw, form, chunked)] == ["recording", "jane.dcm", "recording"]
    assert raw == form == chunked
    assert listed["recording"]["format"] == "JSON"
    assert listed["findings"] == raw["findings"]


def test_a_batch_keeps_the_order_and_groups_files(service: Service, records: list[Path]) -> None:
    together = {name: content for header in records for name, content in record(header).items()}
    scattered = dict(sorted(together.items(), key=lambda item: item[0].endswith(".hea")))  # all signals first
    scattered["lost.dat"] = b"\x01\x02\x00\x9f" * 100
    results = service.client.post("/v1/interpret/batch", files=parts(scattered)).json()["results"]
    assert [result["recording"]["source"] for result in results] == [*(path.name for path in records), "lost.dat"]
    assert ["error" in result for result in results] == [False] * len(records) + [True]
    for result in results:
        jsonschema.validate(result, SCHEMA)


def test_answers_do_not_depend_on_other_requests(service: Service, records: list[Path]) -> None:
    def answer(header: Path) -> str:
        return service.client.post("/v1/interpret", files=parts(record(header))).text

    alone = list(map(answer, records))
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(answer, records * 4)) == alone * 4


def test_tracing_force_and_prevalence(service: Service, dicom: bytes, ecg: Any) -> None:
    post = service.client.post
    answer = post("/v1/interpret?tracing=true&prevalence=mi=0.05", content=dicom).json()
    tracing = answer.pop("tracing")
    assert (tracing["rate_hz"], tracing["unit"], tracing["leads"]) == (500, "mV", list(LEADS))
    np.testing.assert_allclose(tracing["signal"], ecg.T / 1000, atol=0.0006)
    assert answer["mi"]["prevalence"] == 0.05
    flat = {"rate_hz": 500, "leads": list(LEADS), "unit": "mV", "signal": [[0.0] * 5000] * 12}
    assert post("/v1/interpret", json=flat).json()["abstained"]
    assert not post("/v1/interpret?force=true", json=flat).json()["abstained"]


def test_the_scale_of_a_wfdb_record(service: Service, records: list[Path]) -> None:
    def signal(**query: object) -> NDArray[np.float64]:
        response = service.client.post(
            "/v1/interpret", params={"tracing": True, "force": True, **query}, files=parts(record(records[0]))
        )
        return np.array(response.json()["tracing"]["signal"])

    np.testing.assert_allclose(signal(scale="2"), 2 * signal(scale="uv-per-unit"), atol=0.002)
    refused = service.client.post("/v1/interpret", params={"scale": "x"}, files=parts(record(records[0])))
    assert refused.status_code == 422


def test_tables_without_rate_unit_and_leads(service: Service, ecg: Any) -> None:
    table = "\n".join(",".join(map(str, row)) for row in ecg)
    query = {"rate": 500, "unit": "uV", "leads": ",".join(LEADS)}
    assert service.client.post("/v1/interpret", params=query, content=table).json()["recording"]["format"] == "CSV"
    refused = service.client.post("/v1/interpret", params={"rate": 500}, content=table)
    assert refused.status_code == 422
    assert "lead" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("output", "media_type", "start"),
    [
        ("pdf", "application/pdf", b"%PDF"),
        ("png", "image/png", b"\x89PNG"),
        ("svg", "image/svg+xml", b"<svg"),
        ("fhir", "application/fhir+json", b'{"resourceType":"Bundle"'),
        ("json", "application/json", b'{"schema_version"'),
    ],
)
def test_outputs(service: Service, dicom: bytes, output: str, media_type: str, start: bytes) -> None:
    asked = service.client.post("/v1/interpret", params={"as": output}, content=dicom)
    accepted = service.client.post("/v1/interpret", headers={"accept": f"text/plain;q=.5, {media_type}"}, content=dicom)
    assert asked.headers["content-type"] == accepted.headers["content-type"] == media_type
    assert asked.content == accepted.content
    assert asked.content.startswith(start)


def test_pages_name_nobody_unless_asked(service: Service, dicom: bytes) -> None:
    def page(**query: str) -> str:
        return service.client.post("/v1/interpret", params={"as": "svg"} | query, content=dicom).text

    assert "Doe" not in page()
    assert "Doe" in page(identify="true")
    assert len({page(), page(speed="50"), page(gain="20"), page(layout="12x1"), page(paper="letter")}) == 5


def test_fhir_has_the_subject_of_the_header(service: Service, dicom: bytes) -> None:
    headers = {"accept": "application/fhir+json", "einthoven-subject": "Patient/1234"}
    bundle = service.client.post("/v1/interpret", headers=headers, content=dicom).json()
    assert bundle["entry"][0]["resource"]["subject"] == {"reference": "Patient/1234"}
    wrong = service.client.post("/v1/interpret", headers=headers | {"einthoven-subject": "Jane Doe"}, content=dicom)
    assert (wrong.status_code, "Patient/ID" in wrong.json()["detail"]) == (422, True)


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/v1/interpret?prevalence=mi", 400, "mi=0.05"),
        ("/v1/interpret?prevalence=mi=7", 422, "is not between 0 and 1"),
        ("/v1/interpret?prevalence=gout=.1", 422, "no such label"),
        ("/v1/interpret?explain=gout", 422, "no such label"),
        ("/v1/interpret?" + "&".join(f"explain={k}" for k in range(6)), 400, "6 labels were sent; at most 5"),
        ("/v1/interpret?" + "&".join(["prevalence=mi=.1"] * 65), 400, "more than 64 parameters"),
        ("/v1/interpret?as=fhir&explain=MI", 400, "json, pdf, png, svg"),
        ("/v1/interpret?force=yes&force=no", 400, "twice"),
        ("/v1/interpret?as=docx", 400, "'json'"),
        ("/v1/interpret?typo=1", 400, "typo"),
        ("/v1/interpret?speed=50", 400, "pdf, png, svg"),
        ("/v1/interpret?as=svg&tracing=true", 400, "json"),
        ("/v1/interpret?rate=500", 422, "states its rate itself"),
        ("/v1/interpret/batch", 422, "multipart/form-data"),
        ("/v1/interpret/", 404, "Not Found"),
        ("/v1/models", 405, "Method Not Allowed"),
    ],
)
def test_problems(service: Service, dicom: bytes, path: str, status: int, words: str) -> None:
    answer = service.client.post(path, content=dicom)
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.status_code == problem["status"] == status
    assert words in problem["detail"]
    assert problem["instance"] == f"urn:uuid:{answer.headers['x-request-id']}"
    assert problem["title"]
    assert problem["type"].startswith(("urn:einthoven:problem:", "about:blank"))


def test_an_unknown_media_type_is_refused(service: Service, dicom: bytes) -> None:
    answer = service.client.post("/v1/interpret", content=dicom, headers={"accept": "text/html"})
    assert answer.status_code == 406


def test_forms_without_exactly_one_recording(service: Service, records: list[Path]) -> None:
    def detail(files: dict[str, bytes]) -> str:
        answer = service.client.post("/v1/interpret", files=parts(files))
        assert answer.status_code == 422
        return str(answer.json()["detail"])

    header, signal = record(records[0]).items()
    assert "Send several recordings to /v1/interpret/batch" in detail(record(records[0]) | record(records[1]))
    assert f"its file {signal[0]} is missing" in detail(dict([header]))
    assert "needs its header (.hea)" in detail({signal[0]: b"\0" + signal[1]})
    assert "is empty" in detail({"nothing.dcm": b""})


def test_a_comparison_with_a_previous_recording(service: Service, records: list[Path], dicom: bytes) -> None:
    post = service.client.post
    old = [("previous", part) for _, part in parts(record(records[1]))]  # two files in fields of one name
    with_record = post("/v1/interpret", files=parts(record(records[0])) + old)
    (line,) = by_command_line(records[:1], "--previous", str(records[1]))
    assert with_record.text == line.replace(str(records[0]), records[0].name).replace(str(records[1]), records[1].name)
    jsonschema.validate(with_record.json(), SCHEMA)
    answer = post("/v1/interpret", files={"file": ("ecg.dcm", dicom), "previous": ("ecg.dcm", dicom)}).json()
    assert answer["comparison"]["in_words"].startswith("No change beyond")
    assert not [change for change in answer["comparison"]["changes"] if change["significant"]]
    without = answer | {"comparison": None}
    again = post("/v1/interpret", files={"file": ("ecg.dcm", dicom), "previous": ("old", json.dumps(without))})
    assert again.status_code == 422
    del without["comparison"]
    again = post("/v1/interpret", files={"file": ("ecg.dcm", dicom), "previous": ("old", json.dumps(without))})
    assert again.json()["comparison"]["with"] == "ecg.dcm"


def test_a_previous_recording_that_is_refused(service: Service, records: list[Path], dicom: bytes) -> None:
    new = {"file": ("ecg.dcm", dicom)}
    answer = service.client.post("/v1/interpret", files=new | {"previous": ("old.pdf", b"%PDF-1.4")})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("old.pdf: cannot be used as the previous ECG: ")
    several = [("previous", part) for header in records[:2] for _, part in parts(record(header))]
    answer = service.client.post("/v1/interpret", files=[*new.items(), *several])
    assert "hold 2 recordings, not one" in answer.json()["detail"]
    answer = service.client.post("/v1/interpret/batch", files=new | {"previous": ("old.dcm", dicom)})
    assert answer.status_code == 422
    assert "A batch has no field 'previous'" in answer.json()["detail"]


def test_a_batch_has_a_limit_of_explanations(service: Service) -> None:
    batch = parts({f"{k}.csv": b"I,II\n1,2\n" for k in range(22)})
    query = {"explain": ["MI", "NORM", "mi", "STTC"]}
    answer = service.client.post("/v1/interpret/batch", params=query, files=batch)
    assert (answer.status_code, answer.json()["detail"][:52]) == (
        400,
        "explain: 22 recordings with 3 labels each need 66 ex",
    )


def test_a_batch_has_a_limit_of_recordings(service: Service) -> None:
    batch = parts({f"{k}.csv": b"I,II\n1,2\n" for k in range(257)})
    answer = service.client.post("/v1/interpret/batch", files=batch)
    assert (answer.status_code, "holds 257 recordings" in answer.json()["detail"]) == (413, True)


def test_state_and_model(service: Service) -> None:
    get = service.client.get
    assert get("/health").json() == {"status": "alive"}
    assert get("/ready").json() == {"status": "ready"}
    (model,) = get("/v1/models").json()["models"]
    assert (model["name"], model["input"]["rate_hz"]) == ("edge", 100)
    assert {"name": "MI", "description": "myocardial infarction", "kinds": ["superclass"]} in model["labels"]
    assert service.gauge("einthoven_workers_ready") == 2
    text = get("/metrics").text
    assert 'einthoven_requests_total{method="GET",route="/health",status="200"}' in text


def test_openapi_describes_the_answers(service: Service) -> None:
    described = service.client.get("/openapi.json").json()
    assert {"/v1/interpret", "/v1/interpret/batch", "/v1/models", "/health", "/ready", "/metrics"} <= set(
        described["paths"]
    )
    resolver = {"$schema": "https://json-schema.org/draft/2020-12/schema", "components": described["components"]}
    for path in ("/v1/interpret", "/v1/interpret/batch"):
        post = described["paths"][path]["post"]
        for answer in post["responses"].values():
            for content in answer["content"].values():
                if "example" in content:
                    jsonschema.validate(content["example"], content["schema"] | resolver)
    everywhere = {"400", "405", "408", "414", "429", "431", "500", "503"}
    for path, operations in described["paths"].items():
        for operation in operations.values():
            assert everywhere <= set(operation["responses"]), path
            guarded = {"401", "403", "421"} <= set(operation["responses"])
            assert guarded == (path not in ("/health", "/ready"))
    for path in ("/v1/interpret", "/v1/interpret/batch"):
        assert {"200", "413", "422"} <= set(described["paths"][path]["post"]["responses"])
    assert "406" in described["paths"]["/v1/interpret"]["post"]["responses"]
    assert "404" in described["paths"]["/v1/samples/{name}"]["get"]["responses"]
    for method, route, status in re.findall(
        r'^einthoven_requests_total{method="(\w+)",route="(/[^"]+)",status="(\d+)"}',
        service.client.get("/metrics").text,
        re.M,
    ):  # answers of this service so far
        operation = described["paths"].get(route, {}).get(method.lower())
        assert operation is None or status in operation["responses"] or status in ("304", "499"), (
            method,
            route,
            status,
        )
    recording = described["paths"]["/v1/interpret"]["post"]["requestBody"]["content"]["application/json"]
    jsonschema.validate(recording["example"], recording["schema"] | resolver)
