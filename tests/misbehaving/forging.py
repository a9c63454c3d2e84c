"""Plugins that speak the protocol themselves, and lie."""

from __future__ import annotations

import array
import json
import os
import socket
import time
from typing import Any

from hemiola.frames import MAGIC, PREFIX

from .base import GARBLED, Outcome, harm, own_socket, send

SKIPPED = {"status": "skipped", "code": "skip", "reason": "it says so", "detail": None}
SCHEMA = Outcome("invalid", "schema")


def frame(kind: str, body: Any, parts: tuple[tuple[str, bytes, Any], ...] = ()) -> bytes:
    """A frame of any content."""
    table = [[name, len(data), shape] for name, data, shape in parts]
    header = json.dumps({"kind": kind, "fds": 0, "parts": table, "body": body}).encode()
    return raw_frame(header, b"".join(data for _, data, _ in parts))


def raw_frame(header: bytes, data: bytes = b"") -> bytes:
    """A frame of any header."""
    return PREFIX.pack(MAGIC, len(header), len(data)) + header + data


def said(
    context: Any, text: bytes, status: str = "ok", code: str = "ok", arrays: tuple[Any, ...] = ()
) -> None:
    """Answer with any bytes as the result, past the worker's own check."""
    body = {"status": status, "code": code, "reason": None, "detail": None}
    send(context, frame("said", body, (("result", text, None), *arrays)))
    os._exit(0)


@harm(Outcome("skipped", "skip", says="it says so"))
def say_twice(self: Any, region: Any, context: Any) -> None:
    """Answers, and answers again."""
    send(context, frame("said", SKIPPED) + frame("said", SKIPPED))
    os._exit(0)


@harm(SCHEMA)
def say_for_another(self: Any, region: Any, context: Any) -> None:
    """Answers another plugin's question in its name."""
    body = {"status": "ok", "code": "ok", "plugin": "labels.tiny", "question": "labels", "job": 1}
    send(context, frame("said", body, (("result", b'{"labels":[]}', None),)))
    os._exit(0)


@harm(GARBLED)
def say_timed_out(self: Any, region: Any, context: Any) -> None:
    """Says of itself what only the host may."""
    said(context, b"", "timed_out", "cpu")


@harm(GARBLED)
def say_unknown_code(self: Any, region: Any, context: Any) -> None:
    """Gives a code that is in no list."""
    said(context, b"", "failed", "\ud800")


@harm(GARBLED)
def ready_again(self: Any, region: Any, context: Any) -> None:
    """Says that it is ready once more."""
    send(context, frame("ready", {"libraries": {"x": "1"}}))
    time.sleep(60)


@harm(GARBLED)
def forked(self: Any, region: Any, context: Any) -> None:
    """Speaks as a zygote does."""
    send(context, frame("forked", {"pid": 1}))
    time.sleep(60)


@harm(GARBLED)
def list_as_status(self: Any, region: Any, context: Any) -> None:
    """Sends a list where a word belongs."""
    send(context, frame("said", {"status": [], "code": {}}))
    time.sleep(60)


@harm(Outcome("skipped", "skip"))
def impossible_progress(self: Any, region: Any, context: Any) -> None:
    """Tells of progress that no number holds."""
    for fraction in (10**400, -(10**400), float("nan"), float("inf"), True, None, [], "half"):
        send(context, frame("progress", {"fraction": fraction}))
    send(context, frame("said", SKIPPED))
    os._exit(0)


@harm(Outcome("skipped", "skip", says="it gave no reason"))
def strange_texts(self: Any, region: Any, context: Any) -> None:
    """Gives reasons that are no text."""
    send(context, frame("said", {"status": "skipped", "code": "skip", "reason": {"a": []}, "detail": 7}))
    os._exit(0)


@harm(GARBLED)
def noise(self: Any, region: Any, context: Any) -> None:
    """Sends noise."""
    send(context, os.urandom(100_000))
    time.sleep(60)


@harm(GARBLED)
def huge_header(self: Any, region: Any, context: Any) -> None:
    """Announces a header of 4 GB."""
    send(context, PREFIX.pack(MAGIC, 0xFFFFFFFF, 0))
    time.sleep(60)


@harm(GARBLED)
def huge_parts(self: Any, region: Any, context: Any) -> None:
    """Announces parts of an exabyte."""
    send(context, PREFIX.pack(MAGIC, 10, 1 << 60))
    time.sleep(60)


@harm(GARBLED)
def deep_header(self: Any, region: Any, context: Any) -> None:
    """Sends a header nested a million deep."""
    send(context, raw_frame(b"[" * 1_000_000))
    time.sleep(60)


@harm(GARBLED)
def infinite_sizes(self: Any, region: Any, context: Any) -> None:
    """Sends sizes that are no numbers."""
    send(context, raw_frame(b'{"kind":"said","fds":1e999,"parts":[["a",NaN,null]],"body":{}}'))
    time.sleep(60)


@harm(GARBLED)
def negative_part(self: Any, region: Any, context: Any) -> None:
    """Sends parts whose sizes cancel out."""
    send(context, raw_frame(b'{"kind":"said","fds":0,"parts":[["a",8,null],["b",-8,null]],"body":{}}'))
    time.sleep(60)


@harm(GARBLED)
def promised_descriptors(self: Any, region: Any, context: Any) -> None:
    """Promises descriptors that do not come."""
    send(context, raw_frame(b'{"kind":"said","fds":3,"parts":[],"body":{}}'))
    time.sleep(60)


@harm(Outcome("skipped", "skip"))
def sent_descriptors(self: Any, region: Any, context: Any) -> None:
    """Sends descriptors that nobody asked for: they must not stay open at the host."""
    fds = array.array("i", [0, 1, 2] * 20)
    message = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)]
    data = frame("said", SKIPPED)
    own_socket(context).sendmsg([data[:10]], message)
    send(context, data[10:])
    os._exit(0)


@harm(Outcome("crashed", "exit", says="code 0"))
def half_a_frame(self: Any, region: Any, context: Any) -> None:
    """Ends in the middle of a sentence."""
    send(context, frame("said", SKIPPED)[:-5])
    os._exit(0)


@harm(SCHEMA)
def deep_result(self: Any, region: Any, context: Any) -> None:
    """Nests a result deep, hiding it from whoever counts brackets."""
    said(context, b'{"text":"' + b"]" * 2000 + b'","values":' + b"[" * 900 + b"]" * 900 + b"}")


@harm(Outcome("invalid", "schema", says="values"))
def many_values(self: Any, region: Any, context: Any) -> None:
    """Sends a result of twenty million empty lists, which parsed would fill the host's memory."""
    said(context, b'{"values":[' + b"[]," * 20_000_000 + b"[]]}")


@harm(SCHEMA)
def wrong_values(self: Any, region: Any, context: Any) -> None:
    """Sends a million values of the wrong type."""
    said(context, b'{"times":[' + b'"a",' * 1_000_000 + b'"a"]}')


@harm(SCHEMA)
def unsorted_past_check(self: Any, region: Any, context: Any) -> None:
    """Sends a result with a number that is none."""
    said(context, b'{"text":"","times":[],"values":[NaN]}')


@harm(SCHEMA)
def unannounced_array(self: Any, region: Any, context: Any) -> None:
    """Sends an array that the result does not speak of, under a name that leads elsewhere."""
    said(context, b'{"text":""}', arrays=(("array:../../../harm", bytes(8), [2]),))


@harm(SCHEMA)
def nan_array(self: Any, region: Any, context: Any) -> None:
    """Sends an array of no numbers."""
    said(context, b'{"text":""}', arrays=(("array:values", b"\xff" * 8, [2]),))


@harm(SCHEMA)
def no_result(self: Any, region: Any, context: Any) -> None:
    """Says that all is well, and nothing else."""
    send(context, frame("said", {"status": "ok", "code": "ok"}))
    os._exit(0)
