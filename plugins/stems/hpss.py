"""`stems.hpss`: drums by harmonic/percussive separation, bass, vocals and the rest by bands: the makeshift."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hemiola import AudioView, Budget, Config, Context, Plugin, Region, Unavailable
from hemiola.results import Stem, Stems

Floats = npt.NDArray[np.float32]

RATE = 44100
NAMES = ("drums", "bass", "vocals", "other")
MOST_CHANNELS = 8
"""That a FLAC file holds."""


class HpssStems(Plugin[Stems, Config]):
    """Four stems without a trained model: what is struck is drums; what sounds on is bass, vocals or other by pitch.

    Notes
    -----
    A makeshift, marked `degraded` wherever it answers. The spectrum's medians along time and along frequency
    say how much of each bin sounds on and how much is struck [1]_; squared, they share the bin out. What is struck
    is the drums; of what sounds on, the bass lies below 250 Hz, the vocals up to 4 kHz, each band passing into the
    next over an octave. Voices, guitars and pianos share the band of the vocals, and consonants and plucks
    go to the drums: take the drums seriously, the others as bands.

    The file is read, shared out and written a few seconds at a time, so that two hours take no more memory than a
    minute. `other` is what is left of the mix in whole samples: the four FLAC files (16 bits, 44.1 kHz, the file's
    channels) sum to the mix within half a step, 1.5e-5. `gain` is under one where the mix passes full scale.
    `snr_db` compares a stem with the rest of the mix; it says how loud it is, not how clean.

    References
    ----------
    .. [1] D. Fitzgerald, "Harmonic/percussive separation using median filtering", Proc. of the 13th Int. Conf. on
       Digital Audio Effects (DAFx), 2010.
    """

    name = "stems.hpss"
    version = "1.0.0"
    audio = AudioView(rate=RATE, channels=None)
    environment = "main"
    budget = Budget(seconds=20, per_audio_second=0.5)
    memory = "768 MiB"
    scratch = "32 GiB"
    licence = "MIT; the method is by Fitzgerald"
    libraries = ("numpy", "scipy", "soundfile")
    rank = 90
    degraded = "stems.hpss: it separates by medians and bands, not by a trained model"

    def load(self) -> None:
        """Import SciPy and soundfile."""
        import soundfile

        from . import parting, sharing

        self._soundfile, self._parting, self._sharing = soundfile, parting, sharing

    def analyze(self, region: Region, context: Context) -> Stems:
        """Take a file apart."""
        folder = context.scratch
        if folder is None:
            raise Unavailable("stems are written to files, and there is no scratch folder to write them in")
        channels = region.channels
        if len(channels) > MOST_CHANNELS:
            raise Unavailable(
                f"the file has {len(channels)} channels, and a FLAC file holds {MOST_CHANNELS} at most: mix it down"
            )
        gain = self._sharing.gain_of(channels)
        power = self._write(folder, channels, gain, context.progress)
        ratios = self._sharing.ratios_db(power)
        stems = (
            Stem(name=name, artifact=f"{name}.flac", snr_db=ratio)
            for name, ratio in zip(NAMES, ratios, strict=True)
        )
        return Stems(model="hpss", stems=tuple(stems), gain=gain)

    def _write(
        self, folder: Path, channels: tuple[Floats, ...], gain: float, progress: Callable[[float], None]
    ) -> npt.NDArray[np.float64]:
        """Write the four files; returns the power of every stem and of the mix without it, shape (4, 2)."""
        power, length = np.zeros((len(NAMES), 2)), len(channels[0])
        with contextlib.ExitStack() as stack:
            files: list[Any] = [
                stack.enter_context(
                    self._soundfile.SoundFile(
                        folder / f"{name}.flac", "w", RATE, len(channels), subtype="PCM_16", format="FLAC"
                    )
                )
                for name in NAMES
            ]
            for first, stems in self._parting.parted(channels, RATE):
                mix = np.stack([channel[first : first + stems.shape[-1]] for channel in channels])
                steps = self._sharing.in_steps(mix * np.float32(gain), stems * np.float32(gain))
                for file, stem in zip(files, steps, strict=True):
                    file.write(np.ascontiguousarray(stem.T))
                power += self._sharing.powers(steps)
                progress((first + stems.shape[-1]) / length)
        return power
