"""`meter.periodicity`: meter, beats and downbeats without a network, from accents and their periodicity."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt
from pydantic import Field

from hemiola import AudioView, Budget, Config, Context, Corrections, Plugin, Region, Skip
from hemiola.results import Content, Meter

if TYPE_CHECKING:
    from .meters import Bar
    from .periodicity.accents import Accents
    from .periodicity.tracking import Course
    from .periodicity.tracking import Field as Hypotheses

    Heard: TypeAlias = tuple[Hypotheses, Course]

SHORTEST_S = 3.0
LEFT_OUT = ("speech", "noise")
LEAST_SCORE = 14.0
"""What the best hypothesis of a pulse reaches: 98 of 100 left-out scenes have 16.9 and more. Of 24 generated noises,
drones, voices and pieces in free time one has more, a voice."""
LEAST_RELIEF = 1.4
"""What the rises of struck things have, and noise has not."""
WIDEST_BPM = (20.0, 400.0)


class PeriodicityConfig(Config):
    """Range of the tempo in quarters a minute; whether one outside is answered at its half or double.

    Without `fold_halves` a take whose tempo lies outside the range is skipped.
    """

    min_bpm: float = Field(40.0, ge=20.0, le=120.0)
    max_bpm: float = Field(240.0, ge=130.0, le=400.0)
    fold_halves: bool = True


class PeriodicityMeter(Plugin[Meter, PeriodicityConfig]):
    """Meter by the classical route: band-wise accents, periodicity in four resolutions, hypotheses, scores, a course.

    Notes
    -----
    Pulses run along the strongest paths of a tempogram (the product of spectrum and autocorrelation, the mean of four
    window lengths). Each is counted in fifteen meters with their groupings, in every phase; a hypothesis's score is
    the weighted sum of what speaks for it: accents at groups and units, share of the onsets on units, how well bars
    predict the bar left out, repetition against shorter and longer periods, accents of the downbeat, the first and
    last accent, the tempo. The weights are a conditional logit fitted on generated scenes. A course through the windows
    is slow to change. `windows` has the best hypotheses of every window with the parts of their scores, in log
    odds; `probability` of the alternatives is a share, not calibrated, so there is no `confidence`. Stretches that
    `content` calls speech or noise are left out.

    References
    ----------
    .. [1] G. Peeters, "Template-based estimation of time-varying tempo", EURASIP Journal on Advances in Signal
       Processing, 2007.
    .. [2] M. Gainza, "Automatic musical meter detection", Proc. of ICASSP, 2009.
    .. [3] A. Klapuri, A. Eronen and J. Astola, "Analysis of the meter of acoustic musical signals", IEEE Transactions
       on Audio, Speech, and Language Processing 14(1), 2006.
    """

    name = "meter.periodicity"
    version = "1.0.0"
    audio = AudioView(rate=22050, channels=1)
    uses = (Content,)
    environment = "main"
    heeds_corrections = True
    budget = Budget(seconds=20, per_audio_second=0.2)
    memory = "1 GiB"
    licence = "MIT"
    libraries = ("numpy", "scipy")
    rank = 60

    def load(self) -> None:
        """Import the steps and read the weights."""
        from . import given, meters
        from .periodicity import accents, answering, report, scores

        self._given, self._bars = given, meters.BARS
        self._accents, self._answering, self._report = accents, answering, report
        scores.weights()

    def analyze(self, region: Region, context: Context) -> Meter:
        """Name the meter of a take."""
        if region.duration_s < SHORTEST_S:
            raise Skip(
                f"{region.duration_s:.2f} s are too short for a meter: it takes at least {SHORTEST_S:g} s"
            )
        said = context.corrections
        spans = left_out(context.get(Content))
        keep = functools.partial(outside, spans=spans, start_s=region.start_s)
        if not keep(np.arange(0.0, region.duration_s, 0.5)).any():
            raise Skip("nothing but speech or noise here, which has no meter")
        accents = self._accents.accents_of(
            region.samples, region.rate, keep, lambda done: context.progress(0.3 * done)
        )
        bars = self._bars if said.meter is None else self._given.bars_of(said.meter, said.grouping)
        field, course = self._follow(accents, bars, said, context)
        if said.octave is not None:
            bpm = said.octave * self._answering.bpm_of(field, course, region.duration_s)
            again = said.model_copy(update={"bpm": bpm, "octave": None})
            field, course = self._follow(accents, bars, again, context)
        return self._report.meter_of(field, course, (region.start_s, region.end_s), said, keep)

    def _follow(self, accents: Accents, bars: Sequence[Bar], said: Corrections, context: Context) -> Heard:
        """The course through a take; raises Skip where there is no pulse, or none within the settings' tempos.

        A person who names a meter or a tempo vouches for a pulse.
        """
        settings = self.config
        fold = settings.fold_halves and said.bpm is None
        limits = (settings.min_bpm, settings.max_bpm) if fold else WIDEST_BPM
        found = self._answering.heard(
            accents, bars, limits, said.bpm, lambda done: context.progress(0.3 + 0.7 * done)
        )
        vouched = said.meter is not None or said.bpm is not None
        even = accents.relief < LEAST_RELIEF or (found is not None and found[1].score < LEAST_SCORE)
        if found is None or (even and not vouched):
            raise Skip("no steady pulse with accents that repeat is heard here, so there is no meter")
        if not fold and said.bpm is None:
            heard = self._answering.bpm_of(*found, accents.duration_s)
            if not settings.min_bpm <= heard <= settings.max_bpm:
                raise Skip(
                    f"the tempo is {heard:.0f} BPM, outside {settings.min_bpm:g} to {settings.max_bpm:g}"
                )
        return found


def left_out(content: Content | None) -> tuple[tuple[float, float], ...]:
    """Stretches of speech or noise, in seconds of the file."""
    segments = content.segments if content else ()
    return tuple((s.start_s, s.end_s) for s in segments if s.label in LEFT_OUT)


def outside(
    times: npt.NDArray[np.float64], spans: Sequence[tuple[float, float]], start_s: float
) -> npt.NDArray[np.bool_]:
    """Which times, in seconds from `start_s`, lie in none of the spans, shape (n,)."""
    kept = np.ones(len(times), bool)
    for low, high in spans:
        kept &= (times + start_s < low) | (times + start_s >= high)
    return kept
