"""Frames: what is sent arrives; what is no frame is a FrameError and nothing else, at a bounded price."""

from __future__ import annotations

import json
import os
import resource
import socket
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as stn

from hemiola.errors import FrameError
from hemiola.frames import MAGIC, MAX_HEADER, MAX_TEXT, PREFIX, TURN, Channel, Frame, encode
from tests.sandbox.house import EXAMPLES

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
BODIES = st.dictionaries(st.text(), JSON, max_size=4)
SHAPES = stn.array_shapes(min_dims=1, max_dims=2, min_side=0, max_side=40)
ARRAYS = stn.arrays("<f4", SHAPES)
PARTS = st.dictionaries(st.text(), st.binary(max_size=2000) | ARRAYS, max_size=4)
MANY = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

Pair = tuple[Channel, Channel]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """The host's end, which trusts nobody, and a worker's."""
    ours, theirs = socket.socketpair()
    host, worker = Channel(ours), Channel(theirs, accepts_fds=True)
    yield host, worker
    host.close()
    worker.close()


def carry(sender: Channel, receiver: Channel, frame: Frame) -> Frame:
    """Send and receive, in turns as the sockets take it."""
    sender.queue(frame)
    while (got := receiver.next()) is None:
        sender.pump_out()
        assert receiver.pump_in()
    return got


def heard(data: bytes) -> list[Frame]:
    """What a channel makes of raw bytes that end there."""
    ours, theirs = socket.socketpair()
    channel = Channel(ours)
    writer = threading.Thread(target=_write, args=(theirs, data))
    writer.start()
    try:
        frames = []
        while (frame := channel.receive()) is not None:
            frames.append(frame)
        return frames
    finally:
        channel.close()
        writer.join()


def _write(sock: socket.socket, data: bytes) -> None:
    with sock:
        try:
            sock.sendall(data)
        except OSError:
            return


def header(**changes: Any) -> bytes:
    outline: dict[str, Any] = {"kind": "said", "fds": 0, "parts": [], "body": {}}
    return json.dumps({**outline, **changes}).encode()


def framed(head: bytes, data: bytes = b"") -> bytes:
    return PREFIX.pack(MAGIC, len(head), len(data)) + head + data


@MANY
@given(kind=st.text(max_size=20), body=BODIES, parts=PARTS)
def test_what_is_sent_arrives(pair: Pair, kind: str, body: dict[str, Any], parts: dict[str, Any]) -> None:
    got = carry(pair[1], pair[0], Frame(kind, body, parts))
    assert (got.kind, got.body, list(got.parts)) == (kind, body, list(parts))
    for name, part in parts.items():
        there = got.parts[name]
        if isinstance(part, bytes):
            assert there == part
        else:
            assert isinstance(there, np.ndarray) and there.shape == part.shape
            assert there.tobytes() == part.tobytes()


@MANY
@given(data=st.binary(max_size=3000))
def test_noise_is_no_frame(data: bytes) -> None:
    try:
        assert heard(data) == []
    except FrameError:
        return


@MANY
@given(noise=st.binary(max_size=300))
def test_noise_as_a_header_is_no_frame(noise: bytes) -> None:
    with pytest.raises(FrameError):
        heard(framed(noise or b" "))


NUMBERS = st.integers() | st.floats() | st.none() | st.text(max_size=5) | st.lists(st.integers(), max_size=3)
TABLES = st.lists(
    st.tuples(st.text(max_size=3), NUMBERS, st.none() | st.lists(NUMBERS, max_size=3)) | NUMBERS, max_size=4
)


@MANY
@given(fds=NUMBERS, table=TABLES | NUMBERS, body=BODIES | JSON, data=st.binary(max_size=64))
def test_a_header_of_any_values_is_a_frame_or_a_frame_error(
    fds: Any, table: Any, body: Any, data: bytes
) -> None:
    try:
        for frame in heard(framed(header(fds=fds, parts=table, body=body), data)):
            assert isinstance(frame.body, dict)
    except FrameError:
        return


@MANY
@given(
    frame=st.builds(Frame, st.text(max_size=5), BODIES, PARTS),
    at=st.integers(0, 10_000),
    byte=st.integers(0, 255),
)
def test_a_flipped_byte_is_survived(frame: Frame, at: int, byte: int) -> None:
    data = bytearray(b"".join(encode(frame)))
    data[at % len(data)] = byte
    try:
        heard(bytes(data))
    except FrameError:
        return


@pytest.mark.parametrize(
    "data",
    [
        framed(header(fds=1)),
        framed(header(fds=float("inf"))),
        framed(header(fds=-1)),
        framed(header(body=[])),
        framed(header(parts=[["a", 8, None], ["b", -8, None]])),
        framed(header(parts=[["a", float("nan"), None]])),
        framed(header(parts=[["a", 4, []]]), bytes(4)),
        framed(header(parts=[["a", 4, [1 << 41, 0]]]), bytes(4)),
        framed(header(parts=[["a", 8, [1]]]), bytes(8)),
        framed(b"[" * 100_000),
        framed(header(kind="x" * MAX_HEADER)),
        PREFIX.pack(MAGIC, 0, 0),
        PREFIX.pack(MAGIC, 10, 1 << 62),
        PREFIX.pack(b"HEM2", 10, 0),
    ],
    ids=range(14),
)
def test_a_frame_that_lies_is_refused(data: bytes) -> None:
    with pytest.raises(FrameError):
        heard(data)


def test_half_a_frame_is_none() -> None:
    assert heard(framed(header(), b"")[:-1]) == []


def test_descriptors_reach_only_who_accepts_them(pair: Pair) -> None:
    host, worker = pair
    read, write = os.pipe()
    before = len(os.listdir("/proc/self/fd"))
    got = carry(host, worker, Frame("call", fds=(read, write)))
    assert len(got.fds) == 2 and os.fstat(got.fds[0]).st_ino == os.fstat(read).st_ino
    for fd in got.fds:
        os.close(fd)
    with pytest.raises(FrameError, match="promises 1 descriptors, 0 came"):
        carry(worker, host, Frame("said", fds=(read,)))
    assert len(os.listdir("/proc/self/fd")) == before
    os.close(read)
    os.close(write)


def test_descriptors_that_nobody_took_are_closed_with_the_channel() -> None:
    ours, theirs = socket.socketpair()
    worker = Channel(theirs, accepts_fds=True)
    read, write = os.pipe()
    before = len(os.listdir("/proc/self/fd"))
    socket.send_fds(ours, [b"HE"], [read, write])
    assert worker.pump_in() and len(os.listdir("/proc/self/fd")) == before + 2
    worker.close()
    assert len(os.listdir("/proc/self/fd")) == before - 1
    for fd in (read, write):
        os.close(fd)
    ours.close()


def test_a_promise_of_much_costs_nothing_until_it_comes() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    size = 200 << 20
    head = header(parts=[["a", size, [size // 4]]])
    assert heard(PREFIX.pack(MAGIC, len(head), size) + head + b"x") == []
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 << 10


def test_a_flood_ends_each_turn(pair: Pair) -> None:
    host, worker = pair
    worker.sock.setblocking(True)
    flood = threading.Thread(target=_write, args=(worker.sock.dup(), framed(header()) * 100_000))
    flood.start()
    turns, frames = 0, 0
    while frames < 100_000:
        assert host.pump_in()
        turns += 1
        while host.next() is not None:
            frames += 1
    flood.join()
    assert turns >= len(framed(header())) * 100_000 // TURN


def test_too_large_a_frame_is_not_sent() -> None:
    with pytest.raises(FrameError, match="too large"):
        encode(Frame("said", parts={"result": bytes(MAX_TEXT + 1)}))
    with pytest.raises(ValueError, match="JSON"):
        encode(Frame("said", {"value": float("nan")}))
