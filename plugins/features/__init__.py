"""The plugin that measures: `features.librosa`."""

from __future__ import annotations

from typing import Any

from hemiola import AudioView, Budget, Config, Context, Frames, Plugin, Region, Skip, hookimpl
from hemiola.results import Features

SHORTEST = 2  # samples
SILENT = 1e-9  # of full scale: -180 dB


class LibrosaFeatures(Plugin[Features, Config]):
    """Level, loudness, timbre, tuning, onset envelope and chroma.

    Notes
    -----
    Everything is measured on the mean of all channels. So `loudness_lufs` is the loudness of that mono
    mix, 3 dB and more below that of a wide stereo recording, and what cancels in mono is not heard.

    `spectral_centroid_hz` and `spectral_flatness` are means over the frames within 60 dB of the loudest.
    `onset_envelope` is the mean rise of 128 mel bands in dB, `chroma` has a column per pitch class from
    C and a maximum of one per frame; frames are 46 ms long, centred on their times, 43 a second.

    References
    ----------
    .. [1] B. McFee et al., "librosa: audio and music signal analysis in Python", Proc. of the 14th Python
       in Science Conf., 2015.
    .. [2] ITU-R BS.1770-4, "Algorithms to measure audio programme loudness and true-peak audio level", 2015.
    """

    name = "features.librosa"
    version = "1.0.0"
    audio = AudioView(rate=22050, channels=1)
    environment = "main"
    budget = Budget(seconds=15, per_audio_second=0.1)
    memory = "1 GiB"
    licence = "ISC (librosa), MIT (pyloudnorm)"
    libraries = ("librosa", "pyloudnorm", "numpy", "scipy")
    rank = 10

    def load(self) -> None:
        """Import librosa."""
        from . import level, spectra

        self._level, self._spectra = level, spectra

    def analyze(self, region: Region, context: Context) -> Features:
        """Measure a take or region."""
        samples = region.samples
        if len(samples) < SHORTEST:
            raise Skip("a single sample has no features")
        measured = self._level.measure_level(samples)
        if measured.peak < SILENT:
            raise Skip("there is only digital silence here")
        spectra = self._spectra.measure_spectra(samples, region.rate, measured.peak, context.progress)
        grid = {"rate_hz": spectra.frame_rate, "start_s": region.start_s}
        return Features(
            rms_db=self._level.decibels(measured.rms),
            peak_db=self._level.decibels(measured.peak),
            loudness_lufs=self._level.integrated_loudness(samples, region.rate),
            spectral_centroid_hz=spectra.centroid_hz,
            spectral_flatness=spectra.flatness,
            zero_crossing_rate=measured.crossings,
            tuning_cents=spectra.tuning_cents,
            onset_envelope=Frames(values=spectra.onset_envelope, **grid),
            chroma=Frames(values=spectra.chroma, **grid),
        )


@hookimpl
def hemiola_plugins() -> list[type[Plugin[Any, Any]]]:
    """The plugins of this folder."""
    return [LibrosaFeatures]
