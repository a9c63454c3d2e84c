"""A passage between two beats: its attacks, and the attack spectra at any place told in beats."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from . import attacks

Floats = npt.NDArray[np.float32]
Times = npt.NDArray[np.float64]
Places = npt.NDArray[np.float64]

PEAK_S = 0.023
LEAST_PEAK = 0.12
"""An attack is the steepest rise within 23 ms either way, and no softer than this share of the loud ones."""
BESIDE_S = 0.030
"""An attack so near a place is taken for a stroke there."""


@dataclass(frozen=True)
class Passage:
    """Rises of a stretch of sound, and where the beats lie in it.

    Attributes
    ----------
    spectra_of : ndarray of shape (frames, bands)
        The attack spectrum of each frame: see `attacks.widened`.
    rise : ndarray of shape (frames,)
        How far all bands rise together.
    start_s : time of the first frame, seconds in the region
    rate : samples per second
    beats : ndarray of shape (n,), seconds in the region; the first is beat `first`
    first : number of the first beat
    """

    spectra_of: Floats
    rise: Floats
    start_s: float
    rate: int
    beats: Times
    first: int

    @property
    def last(self) -> int:
        """Number of the last beat."""
        return self.first + len(self.beats) - 1

    def times(self, places: Places) -> Times:
        """Seconds of places in beats, shape (n,); places lie between the first beat and the last."""
        return np.interp(places, np.arange(self.first, self.last + 1), self.beats)

    def spectra(self, times: Times) -> Floats:
        """Attack spectra at times, shape (n, bands)."""
        frames = np.round((times - self.start_s) * self.rate / attacks.HOP).astype(int)
        return self.spectra_of[np.clip(frames, 0, len(self.spectra_of) - 1)]

    @cached_property
    def attack_times(self) -> Times:
        """Seconds of all attacks, ascending, shape (n,)."""
        from scipy.ndimage import maximum_filter1d

        rise = self.rise
        width = 2 * round(PEAK_S * self.rate / attacks.HOP) + 1
        peaks = np.flatnonzero((rise == maximum_filter1d(rise, width)) & (rise > 0))
        if len(peaks):
            peaks = peaks[rise[peaks] > LEAST_PEAK * np.percentile(rise[peaks], 90)]
        return self.start_s + peaks * attacks.HOP / self.rate

    @cached_property
    def attack_spectra(self) -> Floats:
        """Spectra of all attacks, shape (n, bands)."""
        return self.spectra(self.attack_times)

    @cached_property
    def loud(self) -> float:
        """The rise of a loud attack over all bands: the upper quartile."""
        return float(np.percentile(self.attack_spectra.sum(axis=1), 75)) if len(self.attack_times) else 0.0

    def apart(self, times: Times) -> npt.NDArray[np.bool_]:
        """Which attacks lie beside none of some ascending times, shape (attacks,)."""
        at = np.clip(np.searchsorted(times, self.attack_times), 1, len(times) - 1)
        nearest = np.minimum(np.abs(self.attack_times - times[at - 1]), np.abs(self.attack_times - times[at]))
        return np.asarray(nearest > BESIDE_S)
