"""Decodes a file into a folder as the host would, and reads back what was written."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridges.tasks.decode import Decoded, Probe, Request, ViewRequest, decode, probe

DEFAULT_VIEWS: tuple[tuple[int | None, int | None], ...] = ((22050, 1),)


@dataclass
class Taken:
    """What intake made of a file: its facts, `views` of shape (channels, samples), and the raw outputs."""

    probe: Probe
    decoded: Decoded
    views: list[NDArray[np.float32]]
    peaks: bytes
    blocks: NDArray[np.float32]
    envelope: NDArray[np.float32]
    progress: list[float]


def take_in(
    path: Path,
    folder: Path,
    views: tuple[tuple[int | None, int | None], ...] = DEFAULT_VIEWS,
    max_seconds: float = 12 * 3600,
    reserve_bytes: int = 0,
) -> Taken:
    """Probe and decode `path`, writing into `folder` (made if need be)."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:

        def output(name: str) -> int:
            fd = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
            stack.callback(os.close, fd)
            return fd

        source = os.open(path, os.O_RDONLY)
        stack.callback(os.close, source)
        probed = probe(source, path.name)
        asked = tuple(
            ViewRequest(
                rate,
                channels,
                tuple(output(f"view{i}.{c}") for c in range(channels or probed.channels)),
            )
            for i, (rate, channels) in enumerate(views)
        )
        request = Request(
            asked, output("peaks"), output("blocks"), output("envelope"), max_seconds, reserve_bytes
        )
        told: list[float] = []
        decoded = decode(source, probed, request, told.append)
    return Taken(
        probed,
        decoded,
        [
            np.stack([np.fromfile(folder / f"view{i}.{c}", "<f4") for c in range(len(view.fds))])
            for i, view in enumerate(asked)
        ],
        (folder / "peaks").read_bytes(),
        np.fromfile(folder / "blocks", "<f4").reshape(-1, 3),
        np.fromfile(folder / "envelope", "<f4").reshape(-1, decoded.envelope_bands),
        told,
    )
