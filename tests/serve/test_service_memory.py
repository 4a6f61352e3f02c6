"""Memory of the listening process while eight clients send the largest forms that it accepts."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from serve.service import Service

CLIENTS = 8
BODY_MIB = 31
IDLE_MIB = 120
"""docs/how-to/hospital.md: of the process that listens, when idle, and for each request what it has sent so far."""
BOUNDARY = "multipart/form-data; boundary=b"
HEAD = b'--b\r\nContent-Disposition: form-data; name="f"; filename="%b"\r\n\r\n'


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with Service(workers=2) as service:
        service.wait_until_idle()
        yield service


@pytest.mark.parametrize("path", ["/v1/interpret", "/v1/interpret/batch"])
def test_large_forms_are_held_once(service: Service, path: str) -> None:
    body = HEAD % b"a.hea" + b"\n" * (BODY_MIB * 2**20) + b"\r\n--b--\r\n"  # a line for each byte

    def post(_: int) -> int:
        answer = httpx.post(f"{service.url}{path}", content=body, headers={"content-type": BOUNDARY}, timeout=600)
        return answer.status_code

    with ThreadPoolExecutor(CLIENTS) as threads:
        statuses = list(threads.map(post, range(CLIENTS)))
    print(path, f"{service.peak_mib:.0f} MiB", statuses)
    assert set(statuses) <= {200, 422, 500}
    assert service.peak_mib < IDLE_MIB + CLIENTS * BODY_MIB + 2 * 2 * BODY_MIB  # a worker gets two copies
