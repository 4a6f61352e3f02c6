"""What the service bears: eight clients for a minute, on two cores that they share with it.

    python benchmarks/serve.py --data ptb-xl [--seconds 60] [--requests 10000]

Each row posts recordings of PTB-XL, one after the other on each of eight connections: 100-Hz WFDB as a form of two
parts, 500-Hz DICOM as the body. Beside it, in the same run, a plain loop in one process that reads and interprets the
same files without HTTP; the parser's share is its time to read over its time for all. Machines are noisy: read ratios.
"""

import argparse
import asyncio
import io
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, TwelveLeadECGWaveformStorage

import einthoven
from einthoven.recording import Recording

CLIENTS, CORES = 8, 2
Source = dict[str, bytes] | bytes


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True, help="folder with PTB-XL, both rates")
    parser.add_argument("--seconds", type=float, default=60, help="for each row")
    parser.add_argument("--requests", type=int, default=10_000, help="over which memory is looked at")
    parser.add_argument("--records", type=int, default=200, help="different recordings")
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])  # of all that is started, too
    os.environ["OMP_NUM_THREADS"] = "1"
    wfdb = [_wfdb(header) for header in sorted((options.data / "records100").rglob("*.hea"))[: options.records]]
    dicom = [_dicom(header) for header in sorted((options.data / "records500").rglob("*.hea"))[: options.records]]
    ready()
    print("\n| posted | model | a second | p50, ms | p99, ms | errors | plain loop, a second | parser's share |")
    print("|---|---|---|---|---|---|---|---|")
    for what, sources in (("100-Hz WFDB", wfdb), ("500-Hz DICOM", dicom)):
        requests = [_request(source) for source in sources]
        for model in ("default", "edge"):
            alone, share = plain_loop(model, sources, min(options.seconds, 10))
            with service(model) as running:
                asyncio.run(Load(running.port, requests).go(seconds=2))  # what is slow only once
                load = Load(running.port, requests)
                asyncio.run(load.go(seconds=options.seconds))
            print(
                f"| {what} | `{model}` | {load.row(options.seconds)} | {alone:.0f} | {100 * share:.0f} % |", flush=True
            )
    memory([_request(source) for source in wfdb + dicom], options.requests)


@dataclass
class Running:
    """A service, and its processes."""

    port: int
    process: subprocess.Popen[str]

    def mib(self) -> list[float]:
        """Private memory of the service, then of each worker and of what they are forks of, in MiB."""
        return [_private(process) for process in _family(self.process.pid)]


@contextmanager
def service(model: str) -> Iterator[Running]:
    command = [sys.executable, "-m", "einthoven", "serve", "--port", "0", "--workers", str(CORES), "--model", model]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout
        found = re.search(r":(\d+)$", process.stdout.readline().strip())
        assert found, "the service did not start"
        yield Running(int(found[1]), process)
    finally:
        process.terminate()
        process.wait()


@dataclass
class Load:
    """Clients that ask one thing after the other."""

    port: int
    requests: list[bytes]
    seconds: list[float] = field(default_factory=list)
    errors: int = 0

    async def go(self, seconds: float = float("inf"), count: float = float("inf")) -> None:
        """Ask for so long, or so often."""
        end = time.perf_counter() + seconds
        await asyncio.gather(*(self._client(number, end, count) for number in range(CLIENTS)))

    async def _client(self, number: int, end: float, count: float) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        number *= len(self.requests) // CLIENTS
        while time.perf_counter() < end and len(self.seconds) < count:
            began = time.perf_counter()
            writer.write(self.requests[number % len(self.requests)])
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head)
            assert length
            await reader.readexactly(int(length[1]))
            self.seconds.append(time.perf_counter() - began)
            self.errors += not head.startswith(b"HTTP/1.1 200")
            number += 1
        writer.close()

    def row(self, seconds: float) -> str:
        """Requests a second, median, 99th percentile, errors."""
        p50, p99 = 1e3 * np.percentile(self.seconds, (50, 99))
        return f"{len(self.seconds) / seconds:.0f} | {p50:.0f} | {p99:.0f} | {self.errors}"


def ready() -> None:
    """From the command to its first answer."""
    times = []
    for _ in range(5):
        began = time.perf_counter()
        with service("default"):
            times.append(time.perf_counter() - began)
    print(f"Listens, all workers ready, after {np.median(times):.2f} s (median of 5; fastest {min(times):.2f} s).")


def plain_loop(model: str, sources: list[Source], seconds: float) -> tuple[float, float]:
    """Recordings a second in this process, one thread; and the share of that time that reading takes."""
    interpreter = einthoven.Interpreter.load(model)
    interpreter(einthoven.read(sources[0]))
    reading, count, began = 0.0, 0, time.perf_counter()
    while (whole := time.perf_counter() - began) < seconds:
        start = time.perf_counter()
        recording: Recording = einthoven.read(sources[count % len(sources)])
        reading += time.perf_counter() - start
        interpreter(recording).to_json()
        count += 1
    return count / whole, reading / whole


def memory(requests: list[bytes], count: int) -> None:
    """Whether memory stays as it is."""
    print("\n| requests | service, MiB | workers, MiB |\n|---|---|---|")
    with service("edge") as running:
        load = Load(running.port, requests)
        for part in range(11):
            if part:
                asyncio.run(load.go(count=count * part / 10))
            own, *workers = running.mib()
            print(f"| {len(load.seconds):,} | {own:.0f} | {', '.join(f'{mib:.0f}' for mib in workers)} |", flush=True)


def _family(process: int) -> list[int]:
    """A process and its children, and theirs."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [process, *(one for child in children for one in _family(int(child)))]


def _private(pid: int) -> float:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(kib) for kib in re.findall(r"^Private_\w+:\s+(\d+)", text, re.MULTILINE)) / 1024


def _wfdb(header: Path) -> Source:
    return {path.name: path.read_bytes() for path in (header, header.with_suffix(".dat"))}


def _dicom(header: Path) -> Source:
    """A record as a recorder's DICOM file would be."""
    recording = einthoven.read(header)
    dataset, group = Dataset(), Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = TwelveLeadECGWaveformStorage
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    group.MultiplexGroupLabel, group.SamplingFrequency = "RHYTHM", recording.rate
    group.NumberOfWaveformChannels, group.NumberOfWaveformSamples = recording.signal.shape
    group.WaveformBitsAllocated, group.WaveformSampleInterpretation = 16, "SS"
    group.WaveformData = np.round(recording.signal.T * 1000).astype("<i2").tobytes()
    group.ChannelDefinitionSequence = [_channel(lead) for lead in recording.leads]
    dataset.WaveformSequence = [group]
    out = io.BytesIO()
    dataset.save_as(out, enforce_file_format=True)
    return out.getvalue()


def _channel(lead: str) -> Dataset:
    channel, source, unit = Dataset(), Dataset(), Dataset()
    source.CodeValue, source.CodingSchemeDesignator, source.CodeMeaning = f"5.6.3-9-{lead}", "SCPECG", f"Lead {lead}"
    unit.CodeValue, unit.CodingSchemeDesignator, unit.CodeMeaning = "uV", "UCUM", "microvolt"
    channel.ChannelSourceSequence, channel.ChannelSensitivityUnitsSequence = [source], [unit]
    channel.ChannelSensitivity, channel.ChannelSensitivityCorrectionFactor = 1, 1
    channel.ChannelBaseline, channel.WaveformBitsStored = 0, 16
    return channel


def _request(source: Source) -> bytes:
    """The whole request, made beforehand."""
    if isinstance(source, bytes):
        kind, body = "application/dicom", source
    else:
        part = '--part\r\nContent-Disposition: form-data; name="file"; filename="{}"\r\n\r\n'
        content = b"".join(part.format(name).encode() + data + b"\r\n" for name, data in source.items())
        kind, body = "multipart/form-data; boundary=part", content + b"--part--\r\n"
    head = (
        f"POST /v1/interpret HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


if __name__ == "__main__":
    main()
