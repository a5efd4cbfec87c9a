"""Frames between the server, keepers and workers: one byte of kind, four of length, the content.

Kinds: R ready (of a worker: the thread that answers); Q a question (JSON); P a document to parse (media type, line
end, bytes); U an update to evaluate (JSON); V a document to judge (JSON, line end, bytes); H the head of an answer:
its media type, and on a line each the steps that rewrote the query; D a piece of its body; E its end; X a refusal
(JSON). To a keeper: S start a worker, over the private store folder that it names, if any; A apply a difference.
"""

from __future__ import annotations

import json
import socket
import struct
from typing import Any

HEAD = struct.Struct(">cI")


def send(connection: socket.socket, kind: bytes, content: bytes) -> None:
    """Send one frame."""
    connection.sendall(frame(kind, content))


def frame(kind: bytes, content: bytes | bytearray = b"") -> bytes:
    """Return one frame as it is sent; several go together as their sum."""
    return HEAD.pack(kind, len(content)) + content


def send_json(connection: socket.socket, kind: bytes, content: dict[str, Any]) -> None:
    """Send one frame of JSON."""
    send(connection, kind, json.dumps(content).encode("utf-8"))


def receive(connection: socket.socket) -> tuple[bytes, bytes]:
    """Return the next frame, however long it takes.

    Raises:
        EOFError: the other side has gone.
    """
    kind, length = HEAD.unpack(_exactly(connection, HEAD.size))
    return kind, _exactly(connection, length)


def taken(buffer: bytearray) -> tuple[bytes, bytes] | None:
    """Take the first frame from what was received, or return None when it is not whole yet."""
    if len(buffer) < HEAD.size:
        return None
    kind, length = HEAD.unpack_from(buffer)
    end = HEAD.size + length
    if len(buffer) < end:
        return None
    with memoryview(buffer) as whole:  # a slice of the buffer would be copied twice
        content = bytes(whole[HEAD.size : end])
    del buffer[:end]
    return kind, content


def _exactly(connection: socket.socket, length: int) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        try:
            piece = connection.recv(min(length - len(parts), 1 << 16))
        except ConnectionError as fault:
            raise EOFError from fault
        if not piece:
            raise EOFError
        parts += piece
    return bytes(parts)
