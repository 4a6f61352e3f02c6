"""Run a service under load: its processes, their memory, and the requests that clients send to it."""

import io
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, TwelveLeadECGWaveformStorage

import einthoven

Source = dict[str, bytes] | bytes
"""One recording in the form for `einthoven.read`: files by name, or the bytes of one file."""


@dataclass
class Service:
    """A running `einthoven serve`."""

    pid: int
    port: int

    def processes(self) -> list[int]:
        """Return the process of the service and those below it."""
        return family(self.pid)


@contextmanager
def service(*options: str, preexec_fn: Callable[[], None] | None = None) -> Iterator[Service]:
    """Start `einthoven serve` with these options on a free port, and stop it after the block."""
    command = [sys.executable, "-B", "-m", "einthoven", "serve", "--port", "0", *options]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, preexec_fn=preexec_fn
    )
    try:
        assert process.stdout
        port = re.search(r":(\d+)$", process.stdout.readline().strip())
        assert port, "the service did not start"
        yield Service(process.pid, int(port[1]))
    finally:
        process.terminate()
        process.wait()


def family(pid: int) -> list[int]:
    """Return a process and all processes below it; none if it has ended."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(process for child in children for process in family(int(child)))]


def memory_mib(pid: int, fields: str = r"Private_\w+") -> float:
    """Return the memory of a process in MiB: the sum of these fields of smaps_rollup; 0 if it has ended."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return sum(int(kib) for kib in re.findall(rf"^{fields}:\s+(\d+)", text, re.MULTILINE)) / 1024


def wfdb_sources(data: Path, count: int) -> list[Source]:
    """Return the first records of PTB-XL at 100 Hz as WFDB files."""
    headers = sorted((data / "records100").rglob("*.hea"))[:count]
    return [{path.name: path.read_bytes() for path in (header, header.with_suffix(".dat"))} for header in headers]


def dicom_sources(data: Path, count: int) -> list[Source]:
    """Return the first records of PTB-XL at 500 Hz as a recorder's DICOM files."""
    return [_dicom(header) for header in sorted((data / "records500").rglob("*.hea"))[:count]]


def http_request(source: Source) -> bytes:
    """Return the whole HTTP request that posts a recording: WFDB as a form, DICOM as the body."""
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


def _dicom(header: Path) -> bytes:
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
