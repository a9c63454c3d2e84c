"""How people play a score: swing, leaning of instruments, wandering and trembling of time, loudness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from evaluation.scenes.patterns.strokes import CLASSES, Stroke
from evaluation.scenes.score import Score, Swung
from evaluation.scenes.tempo import Floats, TempoMap


@dataclass(frozen=True)
class Feel:
    """How a performance differs from its score.

    Attributes
    ----------
    tremble_ms : standard deviation of each stroke's own error
    wander_ms : standard deviation of what all share and what comes and goes slowly (1/f)
    lean_ms : how late each instrument class plays as a rule; what is not named plays on the grid
    loudness : standard deviation of the velocities' factor
    """

    tremble_ms: float = 0.0
    wander_ms: float = 0.0
    lean_ms: tuple[tuple[str, float], ...] = ()
    loudness: float = 0.0


MACHINE = Feel()


def human(random: np.random.Generator) -> Feel:
    """From a tight to a loose player; every meter has them alike."""
    tremble, wander = random.uniform(1.0, 7.0), random.uniform(1.0, 7.0)
    lean = tuple(
        (name, float(random.normal(0, 4.0)))
        for name in ("kick", "snare", "tom", "crash", "bass", "chords", "melody")
    )
    return Feel(float(tremble), float(wander), lean, float(random.uniform(0.05, 0.16)))


@dataclass(frozen=True, slots=True)
class Event:
    """A stroke as played: when, on the grid and really, in seconds of the recording; how long a note is, in seconds."""

    stroke: Stroke
    grid_s: float
    time_s: float
    length_s: float = 0.0

    @property
    def instrument(self) -> str:
        """The instrument's class: an open hat is a hihat."""
        return CLASSES.get(self.stroke.instrument, self.stroke.instrument)


def swung(places: npt.ArrayLike, spans: Sequence[Swung]) -> Floats:
    """Places in the score as swing moves them: the middle of what is divided goes to where the long part ends."""
    moved = np.array(places, dtype=float)
    for span in spans:
        whole = np.floor((moved - span.start) / span.divided + 1e-9)
        phase = (moved - span.start) / span.divided - whole
        middle = span.ratio / (1.0 + span.ratio)
        bent = np.interp(phase, (0.0, 0.5, 1.0), (0.0, middle, 1.0))
        inside = (moved >= span.start - 1e-9) & (moved < span.end - 1e-9)
        moved = np.where(inside, span.start + (whole + bent) * span.divided, moved)
    return moved


def wandering(count: int, random: np.random.Generator) -> Floats:
    """Noise whose power falls as 1/f, standard deviation 1; shape (count,)."""
    if count < 2:
        return np.zeros(count)
    size = 1 << count.bit_length()
    spectrum = np.fft.rfft(random.standard_normal(size))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    spectrum[0] = 0.0
    noise = np.fft.irfft(spectrum, size)[:count]
    return np.asarray(noise / max(float(noise.std()), 1e-9))


def perform(score: Score, tempo: TempoMap, feel: Feel, random: np.random.Generator) -> tuple[Event, ...]:
    """Play what lies in the recording; in order of time.

    References
    ----------
    H. Hennig et al., "The nature and perception of fluctuations in human musical rhythms", PLoS ONE 6(10), 2011:
    deviations of players are correlated over long times, about as 1/f.
    """
    heard = [s for s in score.strokes if s.at >= score.entry - 1e-9]
    heard.sort(key=lambda s: (s.at, s.instrument, s.pitch))
    if not heard:
        return ()
    places = np.array([s.at for s in heard])
    grid = tempo.at(swung(places, score.swung))
    ends = tempo.at(places + np.array([s.length for s in heard]))
    lean = dict(feel.lean_ms)
    leans = np.array([lean.get(CLASSES.get(s.instrument, s.instrument), 0.0) for s in heard])
    moments, index = np.unique(np.round(places, 6), return_inverse=True)
    shared = wandering(len(moments), random)[index] * feel.wander_ms
    own = np.clip(random.standard_normal(len(heard)), -2.5, 2.5) * feel.tremble_ms
    times = np.maximum(grid + (leans + shared + own) / 1000.0, 0.002)
    factors = np.exp(
        random.normal(0.0, feel.loudness, len(heard)) + 0.5 * feel.loudness * wandering(len(heard), random)
    )
    events = [
        Event(
            replace(s, velocity=float(np.clip(s.velocity * f, 0.06, 1.0))),
            float(g),
            float(t),
            float(max(e - g, 0.0)),
        )
        for s, f, g, t, e in zip(heard, factors, grid, times, ends, strict=True)
    ]
    return tuple(sorted(events, key=lambda e: (e.time_s, e.stroke.instrument, e.stroke.pitch)))
