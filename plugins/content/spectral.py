"""Music, speech, noise, a tone or percussion: segments of a recording from spectral measures.

A heuristic, not a trained model: every label but music has conditions that must all hold, and music is
what remains. It is built so that music is not taken for speech or noise, at the price of
speech in noise or over music being called music.

References
----------
.. [1] E. Scheirer and M. Slaney, "Construction and evaluation of a robust multifeature speech/music
   discriminator", Proc. of ICASSP, 1997.
.. [2] J. Saunders, "Real-time discrimination of broadcast speech/music", Proc. of ICASSP, 1996.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .frames import ENVELOPE_HZ, FrameFeatures, frame_features

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

LABELS = ("music", "speech", "noise", "tone", "percussive")
WINDOW_S = 3.0
STEP_S = 0.5
REMAINDER = 0.45  # what music has without any evidence: another label must be more than half fulfilled
SWITCH = 2.2  # cost of a change of label: another one must fit better by a half for over two seconds
INAUDIBLE = 1e-2  # energy of a frame between 100 Hz and 8 kHz, where a full-scale sine has 260,000
SILENT = 1e-3  # of the recording's peak: windows below say nothing


@dataclass(frozen=True)
class Segment:
    """A stretch of one label, in seconds from the first sample."""

    start_s: float
    end_s: float
    label: str


def windowed(features: FrameFeatures, starts: Doubles) -> dict[str, Doubles]:
    """Measures of the windows that begin at `starts` (seconds), each of shape (windows,).

    sustained, struck, rest : shares of the energy that add up to one.
    evenness : spectral flatness, 0 for a tone, 0.56 for white noise.
    steady : share of the strongest partial's magnitude during which its pitch holds still.
    narrow : share of the energy in eight bins.
    low : share of 10 ms steps softer than half the mean: the pauses of speech.
    depth : standard deviation of the envelope over its mean.
    rise : log10 rise within 10 ms that only one step in a hundred exceeds.
    level : mean of the envelope, 1 being the recording's peak.
    """
    rows = np.stack(
        [
            features.energy,
            features.sustained,
            features.struck,
            features.evenness,
            features.moving,
            features.steady,
            features.narrow,
        ]
    )
    sums = np.concatenate((np.zeros((7, 1)), np.cumsum(rows, axis=1)), axis=1)
    count = rows.shape[1]
    first = np.clip((starts * features.frame_rate).astype(int), 0, count - 1)
    last = np.clip(((starts + WINDOW_S) * features.frame_rate).astype(int), first + 1, count)
    energy, sustained, struck, evenness, moving, steady, narrow = sums[:, last] - sums[:, first]
    energy = np.maximum(energy, 1e-12)
    shape = np.array([envelope_measures(features.envelope, float(start)) for start in starts])
    return {
        "sustained": sustained / energy,
        "struck": struck / energy,
        "rest": 1.0 - (sustained + struck) / energy,
        "evenness": evenness / energy,
        "steady": steady / np.maximum(moving, 1e-12),
        "narrow": narrow / energy,
        "low": shape[:, 0],
        "depth": shape[:, 1],
        "rise": shape[:, 2],
        "level": shape[:, 3],
    }


def envelope_measures(envelope: Doubles, start_s: float) -> tuple[float, float, float, float]:
    """Low share, depth, rise and level of one window; see `windowed`."""
    first = min(int(start_s * ENVELOPE_HZ), len(envelope) - 1)
    part = envelope[first : first + int(WINDOW_S * ENVELOPE_HZ)]
    mean = float(part.mean())
    if mean <= 0:
        return 0.0, 0.0, 0.0, 0.0
    rises = np.diff(np.log10(part + 0.01 * part.max()))
    rise = float(np.percentile(rises, 99)) if len(rises) else 0.0
    return float((part < 0.5 * mean).mean()), float(part.std()) / mean, rise, mean


def ramp(values: Doubles, none: float, full: float) -> Doubles:
    """0 at `none` and beyond, 1 at `full` and beyond, a line between."""
    return np.clip((values - none) / (full - none), 0.0, 1.0)


def evidence(m: dict[str, Doubles]) -> Doubles:
    """How far each label's conditions hold, shape (windows, labels), 0 to 1; the weakest condition counts."""
    speech = np.minimum.reduce(
        [
            ramp(m["low"], 0.22, 0.30),  # pauses between words and syllables
            ramp(m["depth"], 0.50, 0.65),
            ramp(m["steady"], 0.58, 0.48),  # the voice glides
            ramp(m["sustained"], 0.80, 0.70),
            ramp(m["struck"], 0.50, 0.42),
            ramp(m["rest"], 0.17, 0.24),
            ramp(m["evenness"], 0.05, 0.03),
            ramp(m["narrow"], 0.88, 0.82),  # many partials at once
            ramp(m["rise"], 1.00, 0.85),  # softer attacks than plucked and struck instruments
        ]
    )
    noise = np.minimum(ramp(m["rest"], 0.72, 0.82), ramp(m["narrow"], 0.5, 0.4))
    tone = np.minimum.reduce(
        [ramp(m["sustained"], 0.60, 0.68), ramp(m["depth"], 0.24, 0.16), ramp(m["narrow"], 0.70, 0.80)]
    )
    percussive = np.minimum.reduce(
        [ramp(m["struck"], 0.33, 0.42), ramp(m["sustained"], 0.33, 0.25), ramp(m["rise"], 0.38, 0.48)]
    )
    music = np.full(len(speech), REMAINDER)
    return np.stack([music, speech, noise, tone, percussive], axis=1)


def smoothed(scores: Doubles, switch: float = SWITCH) -> npt.NDArray[np.int64]:
    """The sequence of labels with the highest sum of scores less `switch` for every change."""
    count, labels = scores.shape
    best = scores[0].copy()
    came_from = np.zeros((count, labels), np.int64)
    for index in range(1, count):
        leader = int(best.argmax())
        stay = best >= best[leader] - switch
        came_from[index] = np.where(stay, np.arange(labels), leader)
        best = np.where(stay, best, best[leader] - switch) + scores[index]
    path = np.empty(count, np.int64)
    path[-1] = int(best.argmax())
    for index in range(count - 1, 0, -1):
        path[index - 1] = came_from[index, path[index]]
    return path


def segments_of(
    samples: Floats, rate: float, progress: Callable[[float], None] = lambda fraction: None
) -> list[Segment]:
    """Cut a recording into labelled segments.

    Parameters
    ----------
    samples : ndarray of shape (n,)
        Mono, possibly memory-mapped.
    rate : float
        Samples per second, about 22,050.
    progress : callable
        Told the fraction done.

    Returns
    -------
    list of Segment
        Covering the whole without gaps, neighbours differing; their borders are good to about a
        second. Empty where nothing sounds between 100 Hz and 8 kHz.
    """
    duration = len(samples) / rate
    features = frame_features(samples, rate, progress)
    if features.energy.max() < INAUDIBLE:
        return []
    starts = np.arange(0.0, max(duration - WINDOW_S, 0.0) + STEP_S / 2, STEP_S)
    measured = windowed(features, starts)
    scores = evidence(measured)
    scores[measured["level"] < SILENT * measured["level"].max()] = 0.0
    path = smoothed(scores)
    changes = np.flatnonzero(np.diff(path)) + 1
    borders = [0.0, *(float(starts[c] - STEP_S / 2 + WINDOW_S / 2) for c in changes), duration]
    labels = [LABELS[path[index]] for index in [0, *changes]]
    return [Segment(low, high, label) for low, high, label in zip(borders, borders[1:], labels, strict=False)]
