"""A decoded copy of a file that a browser plays and seeks to the sample: 16-bit WAV, made when it is asked for.

A browser's own decoder drifts against the waveform on variable bit rates, and knows fewer formats than intake.
"""

from __future__ import annotations

import struct
import threading
from pathlib import Path

import numpy as np

from core.files import OpenFile
from core.intake import Intake
from core.views import ALWAYS, View, Views
from database.records import File

HIGHEST_RATE = 48_000
MOST_BYTES = (1 << 32) - 64
"""What the sizes in a WAV header can say."""
FRAMES = 1 << 18
AT_ONCE = 2


class Playables:
    """Makes copies, and finds those made before. They lie in the cache and are given up with the views."""

    def __init__(self, intake: Intake, views: Views) -> None:
        self._intake, self._views = intake, views
        self._making = threading.Semaphore(AT_ONCE)
        self._locks: dict[str, threading.Lock] = {}

    def get(self, sha: str, file: OpenFile, known: File | None) -> Path:
        """The copy of a file, which is decoded now unless it was before.

        Parameters
        ----------
        known
            What intake found, when it saw the file already: a small copy is made of one too long for WAV.

        Raises
        ------
        IntakeRefused
            It cannot be decoded.
        """
        path = self._views.playable(sha)
        with self._locks.setdefault(sha, threading.Lock()):
            if path.exists():
                path.touch()
                return path
            with self._making, self._views.hold(sha):
                self._make(path, file, playable_view(known))
        self._views.shrink()
        return path

    def _make(self, path: Path, file: OpenFile, view: View) -> None:
        with self._intake.unpacked(file, [view]) as (folder, facts, _):
            channels = view.channels or int(facts["channels"])
            written = folder / path.name
            write_wav(
                written, [folder / view.file(n) for n in range(channels)], view.rate or int(facts["rate"])
            )
            path.parent.mkdir(parents=True, exist_ok=True)
            written.replace(path)


def playable_view(known: File | None) -> View:
    """What a browser gets: the file's own rate up to 48 kHz and channels up to two, less where WAV is too small."""
    if known is None or known.rate is None or known.channels is None:
        return View(44_100, 1)
    rate = known.rate if known.rate <= HIGHEST_RATE else HIGHEST_RATE
    channels = known.channels if known.channels <= 2 else 1
    too_long = (known.duration_s or 0.0) * rate * channels * 2 > MOST_BYTES
    return ALWAYS if too_long else View(0 if rate == known.rate else rate, 1 if channels == 1 else 0)


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
            out.write(np.clip(np.rint(piece * 32767.0), -32768, 32767).astype("<i2").tobytes())
