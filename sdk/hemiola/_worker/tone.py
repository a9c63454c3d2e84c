"""The plugin that `hemiola envs check` sends through every environment: it measures a tone, with numpy alone."""

from __future__ import annotations

import numpy as np

from hemiola.hooks import hookimpl
from hemiola.plugin import AudioView, Budget, Config, Context, Plugin, Region
from hemiola.results import Features


class MeasureTone(Plugin[Features, Config]):
    """Level and frequency of a pure tone, from its zero crossings."""

    name = "features.tone"
    version = "1.0.0"
    audio = AudioView(rate=22050, channels=1)
    budget = Budget(seconds=10, per_audio_second=0.1)
    memory = "256 MiB"
    licence = "MIT"
    libraries = ("hemiola", "numpy")

    def analyze(self, region: Region, context: Context) -> Features:
        """Level in dB full scale; the spectral centroid stands for the frequency."""
        y = region.samples
        crossings = float(np.mean(np.signbit(y[1:]) != np.signbit(y[:-1])))
        return Features(
            rms_db=20 * np.log10(np.sqrt(np.mean(np.square(y, dtype=np.float64)))),
            peak_db=20 * np.log10(np.abs(y).max()),
            loudness_lufs=None,
            spectral_centroid_hz=crossings * region.rate / 2,
            spectral_flatness=None,
            zero_crossing_rate=crossings,
            tuning_cents=None,
        )


@hookimpl
def hemiola_plugins() -> list[type[MeasureTone]]:
    """The one plugin."""
    return [MeasureTone]
