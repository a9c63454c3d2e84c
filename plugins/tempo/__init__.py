"""The plugins that name a tempo: `tempo.net`; `tempo.madmom` and `tempo.librosa` for other beats; a peer."""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field

from hemiola import Budget, Config, Context, Corrections, Plugin, Region, Skip, Unavailable, hookimpl
from hemiola.results import Beats, Tempo, TempoCandidate, TempoPoint

from . import comb, heeding, pulse
from .net import NetTempo
from .peers import EssentiaTempo

STRONG = 0.5
"""Relative strength of madmom's first tempo from which it counts as reliable."""
WEAK = 0.25
"""Under this, a first tempo that has nothing to do with the beats means that there is none."""
AGREE = 0.04
"""Tempos within 4 % are the same."""
LEVELS = (1.0, 2.0, 0.5, 3.0, 1 / 3, 1.5, 2 / 3)
"""Ratios of tempos that count the same music at another level."""
MOST_CANDIDATES = 8


class TempoConfig(Config):
    """Range of the candidates in beats a minute."""

    min_bpm: float = Field(40.0, ge=20.0, le=120.0)
    max_bpm: float = Field(250.0, ge=130.0, le=400.0)


def measured_pulse(beats: Beats) -> pulse.Pulse:
    """The tempo of the beats; raises Skip when there are too few to have one."""
    if not beats.times:
        raise Skip("no steady pulse was found, so there is no tempo")
    found = pulse.pulse_of(np.asarray(beats.times))
    if found is None:
        raise Skip(
            f"{len(beats.times)} beats are too few for a tempo: it takes at least {pulse.FEWEST_BEATS}"
        )
    return found


def shown(candidates: list[tuple[float, float]]) -> tuple[TempoCandidate, ...]:
    """The strongest candidates as results."""
    return tuple(TempoCandidate(bpm=bpm, probability=min(1.0, p)) for bpm, p in candidates[:MOST_CANDIDATES])


def answer(found: pulse.Pulse, candidates: list[tuple[float, float]], unreliable: str | None) -> Tempo:
    """The result; until a meter is known the quarter is the pulse."""
    return Tempo(
        bpm=found.bpm,
        pulse_bpm=found.bpm,
        candidates=shown(candidates),
        curve=tuple(TempoPoint(time_s=t, bpm=b) for t, b in zip(found.times, found.curve, strict=True)),
        stability=found.stability,
        unreliable=unreliable,
    )


def heeded(found: pulse.Pulse, candidates: list[tuple[float, float]], said: Corrections) -> Tempo | None:
    """The result where a person said how fast it is, or how many times as fast; None where nobody did.

    The curve is the measured one at the level that comes nearest to the person's tempo.
    """
    if said.bpm is None and said.octave is None:
        return None
    level = heeding.nearest_level(said.bpm, found.bpm) if said.bpm is not None else said.octave
    scaled = heeding.at_level(found, level or 1.0)
    told = answer(scaled, candidates, None).model_copy(update={"source": "user"})
    if said.bpm is None:
        return told
    off = abs(scaled.bpm / said.bpm - 1.0) > AGREE
    reason = f"the beats that were heard go at {found.bpm:.1f}, in no simple ratio to that" if off else None
    return told.model_copy(update={"bpm": said.bpm, "unreliable": reason})


def doubt(found: pulse.Pulse, candidates: list[tuple[float, float]]) -> str | None:
    """Why madmom's tempo is not to be trusted, or None."""
    if not candidates:
        return "the beat activation has no tempo of its own"
    bpm, strength = candidates[0]
    if abs(bpm / found.bpm - 1.0) > AGREE:
        return (
            f"madmom's strongest tempo is {bpm:.0f} BPM with a relative strength of {strength:.2f}, "
            f"its beats go at {found.bpm:.1f}"
        )
    if strength < STRONG:
        return f"madmom's strongest tempo, {bpm:.0f} BPM, has a relative strength of only {strength:.2f}"
    return None


def no_tempo(found: pulse.Pulse, candidates: list[tuple[float, float]]) -> Tempo | None:
    """The result that names no tempo, where beats and activation have nothing to do with each other, or None."""
    if not candidates:
        return None
    bpm, strength = candidates[0]
    related = any(abs(bpm / found.bpm / level - 1.0) <= AGREE for level in LEVELS)
    if related or strength >= WEAK:
        return None
    return Tempo(
        bpm=None,
        pulse_bpm=None,
        candidates=shown(candidates),
        unreliable=(
            f"no tempo: madmom's strongest is {bpm:.0f} BPM with a relative strength of only {strength:.2f}, "
            f"the beats it follows go at {found.bpm:.1f}"
        ),
    )


class MadmomTempo(Plugin[Tempo, TempoConfig]):
    """Tempo from the beats and from madmom's beat activation.

    Notes
    -----
    `bpm` is the median played tempo of the beats over spans of four, `curve` those spans, `stability` one
    less ten times the curve's median relative deviation. `candidates` are the peaks of madmom's comb
    filter histogram with their relative strengths, as its TempoEstimationProcessor gives them (computed
    here from the stored activation, in memory that does not grow). The tempo is `unreliable` where the
    first candidate's strength, madmom's own confidence, is under 0.5, or where it contradicts the beats.
    No tempo is named without beats, with fewer than five, or where the first candidate is weaker than 0.25
    and in no simple ratio to the beats. Without an activation the next provider
    is asked. A person's tempo or octave stands in place of the measured one, with the measured curve at its level.

    References
    ----------
    .. [1] S. Boeck, F. Krebs and G. Widmer, "Accurate tempo estimation based on recurrent neural networks
       and resonating comb filters", Proc. of the 16th Int. Society for Music Information Retrieval
       Conf. (ISMIR), 2015.
    """

    name = "tempo.madmom"
    version = "1.0.0"
    audio = None
    needs = (Beats,)
    environment = "numpy1"
    heeds_corrections = True
    budget = Budget(seconds=10, per_audio_second=0.05)
    memory = "1 GiB"
    licence = "BSD-3-Clause (madmom)"
    model_licence = "CC BY-NC-SA 4.0 (madmom's beat models, by way of the activation)"
    libraries = ("madmom", "numpy")
    rank = 10

    def analyze(self, region: Region, context: Context) -> Tempo:
        """Name the tempo of a take."""
        beats = context.need(Beats)
        if beats.activation is None or "beat" not in beats.activation_names:
            raise Unavailable("the beats bring no activation of madmom's networks")
        found = measured_pulse(beats)
        values = beats.activation.values
        heard = values if values.ndim == 1 else values[:, beats.activation_names.index("beat")]
        limits = self.config.min_bpm, self.config.max_bpm
        candidates = comb.tempo_candidates(heard, beats.activation.rate_hz, *limits)
        told = heeded(found, candidates, context.corrections)
        if told is not None and context.corrections.bpm is not None:
            return told
        return no_tempo(found, candidates) or told or answer(found, candidates, doubt(found, candidates))


class LibrosaTempo(Plugin[Tempo, Config]):
    """Tempo from the beat times alone: the fallback, always marked unreliable.

    Notes
    -----
    `bpm`, `curve` and `stability` as in `tempo.madmom`. The only candidate is the beats' own tempo, so
    its share is 1. Half and double tempo are not weighed here; a person's word on them is heeded.

    References
    ----------
    .. [1] D. Ellis, "Beat tracking by dynamic programming", Journal of New Music Research 36(1), 2007.
    """

    name = "tempo.librosa"
    version = "1.0.0"
    audio = None
    needs = (Beats,)
    environment = "main"
    heeds_corrections = True
    budget = Budget(seconds=5, per_audio_second=0.01)
    memory = "512 MiB"
    licence = "MIT"
    libraries = ("numpy",)
    rank = 50

    def analyze(self, region: Region, context: Context) -> Tempo:
        """Name the tempo of a take."""
        found = measured_pulse(context.need(Beats))
        reason = "a fallback answered: the tempo is taken from beat times alone, half or double may be meant"
        candidates = [(found.bpm, 1.0)]
        return heeded(found, candidates, context.corrections) or answer(found, candidates, reason)


@hookimpl
def hemiola_plugins() -> list[type[Plugin[Any, Any]]]:
    """The plugins of this folder."""
    return [NetTempo, MadmomTempo, LibrosaTempo, EssentiaTempo]
