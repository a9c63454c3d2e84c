"""A decoded copy of a file that a browser plays and seeks to the sample: 16-bit WAV, made when it is asked for.

A browser's own decoder drifts against the waveform on variable bit rates, and knows fewer formats than intake.
"""

from __future__ import annotations

import struct
import threading
from pathlib import Path
from typing import Any

import numpy as np

from bridges.intake_codes import IntakeCode
from core.errors import IntakeRefused
from core.files import OpenFile
from core.intake import Intake
from core.views import ALWAYS, View, Views

HIGHEST_RATE = 48_000
MOST_BYTES = (1 << 32) - 64
"""What the sizes in a WAV header can say."""
FRAMES = 1 << 18
SCALE = 32_768.0
"""Of 16-bit samples: those of a 16-bit file come out as they went in."""


class Playables:
    """Makes copies, and finds those made before. They lie in the cache and are given up with the views.

    Parameters
    ----------
    decoding
        Bounds how many files are decoded at once because somebody looks at them.
    """

    def __init__(self, intake: Intake, views: Views, decoding: threading.Semaphore) -> None:
        self._intake, self._views, self._decoding = intake, views, decoding
        self._locks: dict[str, threading.Lock] = {}

    def get(self, sha: str, file: OpenFile, duration_s: float | None) -> OpenFile:
        """The copy of a file, open: the cache may give it up meanwhile. Decoded now unless it was before.

        Parameters
        ----------
        duration_s
            What intake found, when it saw the file already; else what the file says of itself counts.

        Raises
        ------
        IntakeRefused
            It cannot be decoded.
        """
        path = self._views.playable(sha)
        with self._locks.setdefault(sha, threading.Lock()), self._views.hold(sha):
            made = not path.exists()
            if made:
                with self._decoding:
                    self._make(path, file, duration_s)
            path.touch()
            copy = OpenFile(path)
        if made:
            self._views.shrink()
        return copy

    def _make(self, path: Path, file: OpenFile, duration_s: float | None) -> None:
        chosen: list[View] = []

        def choose(probe: dict[str, Any]) -> list[View]:
            chosen.append(
                playable_view(probe["rate"], probe["channels"], duration_s or probe["duration_s"] or 0.0)
            )
            return chosen

        with self._intake.unpacked(file, choose) as (folder, facts, _):
            (view,) = chosen
            channels, rate = view.channels or int(facts["channels"]), view.rate or int(facts["rate"])
            if facts["duration_s"] * rate * channels * 2 > MOST_BYTES:
                reason = f"“{file.name}” is too long for a copy that a browser can play."
                raise IntakeRefused(IntakeCode.TOO_LONG, reason)
            written = folder / path.name
            write_wav(written, [folder / view.file(n) for n in range(channels)], rate)
            path.parent.mkdir(parents=True, exist_ok=True)
            written.replace(path)


def playable_view(file_rate: int, file_channels: int, duration_s: float) -> View:
    """What a browser gets: the file's own rate up to 48 kHz and channels up to two, less where WAV is too small."""
    rate = min(file_rate, HIGHEST_RATE)
    channels = file_channels if file_channels <= 2 else 1
    if duration_s * rate * channels * 2 > MOST_BYTES:
        return ALWAYS
    return View(0 if rate == file_rate else rate, 0 if channels == file_channels else 1)


def write_wav(path: Path, channels: list[Path], rate: int) -> None:
    """Write files of float32 samples, one per channel, as one 16-bit WAV; beyond full scale is clipped."""
    frames = channels[0].stat().st_size // 4
    size = frames * 2 * len(channels)
    count = len(channels)
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, count, rate, rate * count * 2, count * 2, 16)
    with open(path, "wb") as out:
        out.write(
            struct.pack("<4sI4s", b"RIFF", 36 + size, b"WAVE") + form + struct.pack("<4sI", b"data", size)
        )
        mapped = [np.memmap(one, "<f4", "r") if frames else np.zeros(0, "<f4") for one in channels]
        for start in range(0, frames, FRAMES):
            piece = np.stack([one[start : start + FRAMES] for one in mapped], axis=1)
            out.write(np.clip(np.rint(piece * SCALE), -32768, 32767).astype("<i2").tobytes())
