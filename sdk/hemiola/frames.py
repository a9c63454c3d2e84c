"""The frame protocol between processes: a bounded header in JSON, then raw parts, over a Unix socket.

A frame is

    4 bytes   magic "HEM1"
    4 bytes   length of the header, little-endian
    8 bytes   length of all parts together
    header    JSON {"kind", "fds", "parts": [[name, bytes, shape or null], ...], "body": {...}}
    parts     one after the other: float32 arrays (with a shape) or plain bytes (without)

Descriptors travel beside the first byte (SCM_RIGHTS). A side that does not expect any never receives
any: the kernel closes what there is no room for. Nothing is pickled.
"""

from __future__ import annotations

import array
import json
import math
import os
import select
import socket
import struct
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hemiola.errors import FrameError

PREFIX = struct.Struct("<4sIQ")
MAGIC = b"HEM1"
MAX_HEADER = 1 << 20
"""Bytes of a header that is accepted from an untrusted side."""
MAX_TOLD = 64 << 20
"""Bytes of a header that the host sends: it lists every finer region of a long file."""
MAX_PARTS = 256 << 20
MAX_TEXT = 64 << 20
"""Bytes of one part that is no array: it is copied and parsed."""
MAX_FDS = 64
CHUNK = 1 << 18
TURN = 1 << 18
"""Most bytes read in one turn, so that a flood keeps nobody from looking at the clock."""

Body = dict[str, Any]
Part = bytes | np.ndarray


@dataclass(frozen=True, slots=True)
class Frame:
    """One message: its kind, a JSON object, named parts (float32 arrays or bytes), descriptors."""

    kind: str
    body: Body = field(default_factory=dict)
    parts: Mapping[str, Part] = field(default_factory=dict)
    fds: tuple[int, ...] = ()

    def arrays(self) -> dict[str, np.ndarray]:
        """The parts that are arrays."""
        return {name: part for name, part in self.parts.items() if isinstance(part, np.ndarray)}


def encode(frame: Frame) -> list[memoryview]:
    """The bytes of a frame as buffers, without copying its arrays."""
    table: list[tuple[str, int, list[int] | None]] = []
    buffers: list[memoryview] = []
    for name, part in frame.parts.items():
        if isinstance(part, np.ndarray):
            values = np.ascontiguousarray(part, dtype="<f4")
            table.append((name, values.nbytes, list(values.shape)))
            buffers.append(values.reshape(-1).data.cast("B") if values.size else memoryview(b""))
        else:
            table.append((name, len(part), None))
            buffers.append(memoryview(part))
    header = {"kind": frame.kind, "fds": len(frame.fds), "parts": table, "body": frame.body}
    text = json.dumps(header, separators=(",", ":"), allow_nan=False).encode()
    total = sum(row[1] for row in table)
    longest = max((size for _, size, shape in table if shape is None), default=0)
    if len(text) > MAX_TOLD or total > MAX_PARTS or longest > MAX_TEXT or len(frame.fds) > MAX_FDS:
        raise FrameError(
            f"a frame of {len(text)} + {total} bytes and {len(frame.fds)} descriptors is too large"
        )
    return [memoryview(PREFIX.pack(MAGIC, len(text), total) + text), *(b for b in buffers if len(b))]


def _decode(header: bytes, parts: bytearray) -> tuple[str, int, Body, dict[str, Part]]:
    """Kind, number of descriptors, body and parts; raises FrameError for anything malformed."""
    try:
        outline = json.loads(header)
        kind, count, body = str(outline["kind"]), int(outline["fds"]), outline["body"]
        table = [(str(name), int(size), shape) for name, size, shape in outline["parts"]]
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise FrameError(f"the header of a frame is malformed: {error}") from error
    if not isinstance(body, dict) or not 0 <= count <= MAX_FDS:
        raise FrameError("the header of a frame has no object as its body")
    if any(size < 0 for _, size, _ in table) or sum(size for _, size, _ in table) != len(parts):
        raise FrameError("the parts of a frame are not as long as its header says")
    if any(size > MAX_TEXT for _, size, shape in table if shape is None):
        raise FrameError(f"a part of a frame that is no array is larger than {MAX_TEXT >> 20} MiB")
    found: dict[str, Part] = {}
    view, offset = memoryview(parts), 0
    for name, size, shape in table:
        piece = view[offset : offset + size]
        offset += size
        found[name] = bytes(piece) if shape is None else _array(name, piece, shape)
    return kind, count, body, found


def _array(name: str, piece: memoryview, shape: object) -> np.ndarray:
    if (
        not isinstance(shape, list)
        or not all(isinstance(n, int) and 0 <= n < 1 << 40 for n in shape)
        or not 1 <= len(shape) <= 2
    ):
        raise FrameError(f"array {name!r} has shape {shape!r}; one or two sizes are expected")
    if math.prod(shape) * 4 != len(piece):
        raise FrameError(f"array {name!r} of shape {shape} has {len(piece)} bytes")
    return np.frombuffer(piece, dtype="<f4").reshape(shape)


class Channel:
    """Frames over one end of a Unix stream socket.

    The host works on it without blocking (`queue`, `pump_out`, `pump_in`); a worker blocks (`send`,
    `receive`).

    Parameters
    ----------
    sock
        A connected socket; closed with the channel.
    accepts_fds
        Whether descriptors may arrive. False wherever the other end is not trusted.
    max_parts
        Largest parts accepted, bytes.
    """

    def __init__(
        self,
        sock: socket.socket,
        *,
        accepts_fds: bool = False,
        max_parts: int = MAX_PARTS,
    ) -> None:
        self.sock = sock
        self._accepts_fds = accepts_fds
        self._max_header, self._max_parts = MAX_TOLD if accepts_fds else MAX_HEADER, max_parts
        self._out: deque[tuple[memoryview, tuple[int, ...]]] = deque()
        self._fds: deque[int] = deque()
        self._head = bytearray()
        self._parts: bytearray | None = None
        self._wanted = PREFIX.size
        self._ready: deque[Frame] = deque()
        sock.setblocking(False)

    def fileno(self) -> int:
        """The socket's descriptor, for poll."""
        return self.sock.fileno()

    def close(self) -> None:
        """Close the socket and every descriptor that arrived and was not taken."""
        self.sock.close()
        while self._fds:
            os.close(self._fds.popleft())

    # -- out -----------------------------------------------------------------

    def queue(self, frame: Frame) -> None:
        """Line a frame up to be sent by `pump_out`; its descriptors must stay open until then."""
        first, *rest = encode(frame)
        self._out.append((first, frame.fds))
        self._out.extend((buffer, ()) for buffer in rest)

    @property
    def unsent(self) -> bool:
        """Whether something waits to be sent."""
        return bool(self._out)

    def pump_out(self) -> None:
        """Send what the socket takes without blocking; raises OSError when the other end is gone."""
        while self._out:
            buffer, fds = self._out[0]
            ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
            try:
                sent = self.sock.sendmsg([buffer[: 1 << 20]], ancillary)
            except BlockingIOError:
                return
            if sent == len(buffer):
                self._out.popleft()
            else:
                self._out[0] = (buffer[sent:], ())

    # -- in ------------------------------------------------------------------

    def pump_in(self) -> bool:
        """Read what is there without blocking, a turn's worth at most; False at the end of the stream.

        Raises FrameError.
        """
        left = TURN
        while left > 0:
            try:
                count = self._read_some()
            except BlockingIOError:
                return True
            if count == 0:
                return False
            left -= count
        return True

    @property
    def readable(self) -> bool:
        """Whether reading would give something now, the end of the stream included."""
        poll = select.poll()
        poll.register(self.sock, select.POLLIN)
        return bool(poll.poll(0))

    def next(self) -> Frame | None:
        """The next whole frame that has been read, or None."""
        return self._ready.popleft() if self._ready else None

    def _read_some(self) -> int:
        """Read a block, at most to the end of what is being filled; memory grows with what has arrived."""
        filling = self._head if self._parts is None else self._parts
        block = bytearray(min(CHUNK, self._wanted - len(filling)))
        count = self._receive_into(memoryview(block))
        filling += memoryview(block)[:count]
        if count:
            self._advance()
        return count

    def _receive_into(self, target: memoryview) -> int:
        if not self._accepts_fds:
            return self.sock.recv_into(target)
        room = socket.CMSG_LEN(MAX_FDS * array.array("i").itemsize)
        count, ancillary, _flags, _address = self.sock.recvmsg_into([target], room, socket.MSG_CMSG_CLOEXEC)
        for level, kind, data in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                numbers = array.array("i")
                numbers.frombytes(data[: len(data) - len(data) % numbers.itemsize])
                self._fds.extend(numbers)
        return count

    def _advance(self) -> None:
        """Move from prefix to header to parts to a finished frame as far as what was read allows."""
        if self._parts is None and len(self._head) == PREFIX.size:
            magic, header, parts = PREFIX.unpack(self._head)
            if magic != MAGIC or not 0 < header <= self._max_header or parts > self._max_parts:
                raise FrameError("bytes that are no frame, or a frame larger than allowed")
            self._wanted = PREFIX.size + header
        if self._parts is None and len(self._head) == self._wanted > PREFIX.size:
            self._parts = bytearray()
            self._wanted = PREFIX.unpack_from(self._head)[2]
        if self._parts is not None and len(self._parts) == self._wanted:
            kind, count, body, parts_found = _decode(bytes(self._head[PREFIX.size :]), self._parts)
            if count > len(self._fds):
                raise FrameError(f"a frame promises {count} descriptors, {len(self._fds)} came")
            fds = tuple(self._fds.popleft() for _ in range(count))
            self._ready.append(Frame(kind, body, parts_found, fds))
            self._head, self._parts, self._wanted = bytearray(), None, PREFIX.size

    # -- blocking, for workers -------------------------------------------------

    def send(
        self,
        kind: str,
        body: Body | None = None,
        parts: Mapping[str, Part] | None = None,
        fds: Sequence[int] = (),
    ) -> None:
        """Send a frame, waiting as long as it takes."""
        self.queue(Frame(kind, body or {}, parts or {}, tuple(fds)))
        while self.unsent:
            self._wait(select.POLLOUT)
            self.pump_out()

    def receive(self) -> Frame | None:
        """The next frame, waiting for it; None when the other end has closed."""
        while (frame := self.next()) is None:
            self._wait(select.POLLIN)
            if not self.pump_in() and not self._ready:
                return None
        return frame

    def _wait(self, event: int) -> None:
        poll = select.poll()
        poll.register(self.sock, event)
        poll.poll()
