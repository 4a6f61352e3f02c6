"""WebSocket frames as bytes."""

import struct


def upgrade(path: str = "/v1/stream", host: str = "localhost") -> bytes:
    """Return the request that opens a WebSocket."""
    lines = (f"GET {path} HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade")
    lines += ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "", "")
    return "\r\n".join(lines).encode()


def frame(opcode: int, payload: bytes = b"", *, final: bool = True) -> bytes:
    """Return a client's frame, with a mask of zeros."""
    size = len(payload)
    short = bytes([128 | size]) if size < 126 else struct.pack(">BH", 128 | 126, size)
    return bytes([128 * final | opcode]) + short + bytes(4) + payload


def empty_fragments(count: int) -> bytes:
    """Return the frames of a text message that never ends."""
    return frame(1, final=False) + frame(0, final=False) * count
