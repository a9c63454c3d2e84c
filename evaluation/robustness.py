"""Recordings worn down on purpose: the same truth must still be found in a bad copy.

Each form keeps the time of everything. A copy is made in a process of its own (`python -m evaluation.robustness
FORM IN OUT [DRUMS]`): an audio library that falls over one file takes that row with it and nothing else.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from evaluation.items import Item

Samples = npt.NDArray[np.float32]
"""Shape (frames, channels)."""

NOISE_DB = 10.0
"""Recording to noise."""
BAND_HZ = (250.0, 4000.0)
DRUMS_DB = -12.0
OTHER_RATE = 32_000
CLIPPED = 0.05
"""Share of the samples that meet the ceiling."""
MP3_LOSS = 0.87
"""libsndfile's compression level that comes to 64 kbit/s, measured for 32,000 to 48,000 samples a second."""
MP3_RATE = 44_100
LONGEST_S = 600


class NotWorn(Exception):
    """A copy could not be made; the message says why."""


def worn(items: list[Item], forms: list[str], folder: Path) -> Iterator[tuple[Item, str | None]]:
    """The worn copies of items, made where they are missing, each with None, or with the reason why it cannot be made.

    Parameters
    ----------
    forms : list of str
        Names among `FORMS`.
    folder : Path
        Where copies are kept, by what they were made from.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for item in items:
        for form in forms:
            try:
                copy = _copy(item, form, folder)
            except NotWorn as reason:
                yield dataclasses.replace(item, variant=form), str(reason)
            else:
                yield dataclasses.replace(item, audio=copy, variant=form), None


def _copy(item: Item, form: str, folder: Path) -> Path:
    drums = item.audio.parent / item.truth.drums if item.truth.drums else None
    if form == "drums_down" and drums is None:
        raise NotWorn("there is no track of the drums alone to turn down")
    used = [item.audio] if drums is None or form != "drums_down" else [item.audio, drums]
    try:
        stamps = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in used]
    except OSError as error:
        raise NotWorn(f"no copy could be made: a file cannot be read ({error.strerror})") from error
    origin = f"{stamps}|{form}"
    out = folder / f"{hashlib.sha256(os.fsencode(origin)).hexdigest()[:24]}.wav"
    if out.exists():
        return out
    part = out.with_suffix(".part")
    command = [sys.executable, "-m", "evaluation.robustness", form, used[0], part, *used[1:]]
    words, here = list(map(str, command)), Path(__file__).parents[1]
    try:
        done = subprocess.run(words, capture_output=True, text=True, cwd=here, timeout=LONGEST_S, check=False)
    except subprocess.TimeoutExpired:
        part.unlink(missing_ok=True)
        raise NotWorn(f"making a copy took more than {LONGEST_S} s") from None
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        part.unlink(missing_ok=True)
        raise NotWorn(f"no copy could be made: {last}")
    part.replace(out)
    return out


def mp3(samples: Samples, rate: int, drums: Samples | None) -> tuple[Samples, int]:
    """Through MP3 at 64 kbit/s and back; the codec's delay is taken out, so that all stays in time."""
    import soundfile

    held = io.BytesIO()
    settings = {"format": "MP3", "bitrate_mode": "CONSTANT", "compression_level": MP3_LOSS}
    soundfile.write(held, np.clip(_at(samples, rate, MP3_RATE), -1.0, 1.0), MP3_RATE, **settings)
    held.seek(0)
    decoded, _ = soundfile.read(held, dtype="float32", always_2d=True)
    return _aligned(_at(decoded, MP3_RATE, rate), samples, rate), rate


def noise(samples: Samples, rate: int, drums: Samples | None) -> tuple[Samples, int]:
    """White noise 10 dB under the recording's own mean power."""
    random = np.random.default_rng(0)
    power = float(np.mean(samples**2))
    spread = np.sqrt(power * 10 ** (-NOISE_DB / 10))
    return samples + random.standard_normal(samples.shape).astype(np.float32) * np.float32(spread), rate


def band_limited(samples: Samples, rate: int, drums: Samples | None) -> tuple[Samples, int]:
    """Nothing under 250 and above 4,000 Hz, without delay."""
    from scipy.signal import butter, sosfiltfilt

    upper = min(BAND_HZ[1], 0.45 * rate)
    filtered = sosfiltfilt(butter(4, (BAND_HZ[0], upper), "bandpass", fs=rate, output="sos"), samples, axis=0)
    return filtered.astype(np.float32), rate


def drums_down(samples: Samples, rate: int, drums: Samples | None) -> tuple[Samples, int]:
    """The drums 12 dB lower than they were mixed."""
    if drums is None:
        raise NotWorn("there is no track of the drums alone to turn down")
    length = min(len(samples), len(drums))
    taken = (
        drums[:length].mean(axis=1, keepdims=True) if drums.shape[1] != samples.shape[1] else drums[:length]
    )
    return samples[:length] + np.float32(10 ** (DRUMS_DB / 20) - 1.0) * taken, rate


def resampled(samples: Samples, rate: int, drums: Samples | None) -> tuple[Samples, int]:
    """At 32,000 samples a second."""
    return _at(samples, rate, OTHER_RATE), OTHER_RATE


def clipped(samples: Samples, rate: int, drums: Samples | None) -> tuple[Samples, int]:
    """Too loud: a twentieth of the samples meet the ceiling."""
    ceiling = float(np.quantile(np.abs(samples), 1.0 - CLIPPED))
    return np.clip(samples, -ceiling, ceiling) / np.float32(max(ceiling, 1e-9)), rate


FORMS: dict[str, Callable[[Samples, int, Samples | None], tuple[Samples, int]]] = {
    "mp3_64k": mp3,
    "noise_10db": noise,
    "band_limited": band_limited,
    "drums_down": drums_down,
    "resampled": resampled,
    "clipped": clipped,
}


def _at(samples: Samples, rate: int, wanted: int) -> Samples:
    import soxr

    return samples if rate == wanted else np.asarray(soxr.resample(samples, rate, wanted), np.float32)


def _aligned(decoded: Samples, samples: Samples, rate: int) -> Samples:
    """The decoded audio shifted and cut to lie on the original, by the best match within a tenth of a second."""
    from scipy.signal import correlate

    span = min(len(samples), len(decoded), 20 * rate)
    reach = rate // 10
    matched = correlate(decoded[:span].mean(axis=1), samples[:span].mean(axis=1), "full", "fft")
    centre = span - 1
    shift = int(np.argmax(matched[centre - reach : centre + reach + 1])) - reach
    moved = decoded[shift:] if shift >= 0 else np.pad(decoded, ((-shift, 0), (0, 0)))
    missing = max(0, len(samples) - len(moved))
    return np.pad(moved, ((0, missing), (0, 0)))[: len(samples)]


def _main(form: str, source: str, out: str, drums: str | None = None) -> None:
    samples, rate = _read(source)
    alone = _read(drums)[0] if drums else None
    if len(samples) == 0:
        raise NotWorn("the recording is empty")
    copy, copy_rate = FORMS[form](samples, rate, alone)
    loudest = float(np.abs(copy).max())
    import soundfile

    soundfile.write(out, copy / max(1.0, loudest), copy_rate, format="WAV", subtype="PCM_16")


def _read(path: str) -> tuple[Samples, int]:
    import soundfile

    try:
        samples, rate = soundfile.read(os.fsencode(path), dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:  # without the path: items of one fault share one line
        raise NotWorn(f"the recording cannot be read ({error.error_string.rstrip('.')})") from error
    return samples, rate


if __name__ == "__main__":
    try:
        _main(*sys.argv[1:])
    except NotWorn as refused:
        sys.exit(str(refused))
