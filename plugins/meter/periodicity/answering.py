"""From accents to beats, units, downbeats and stretches of one meter."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..meters import Bar
from .accents import Accents
from .hypotheses import Hypothesis, folds
from .pulse import Pulse, pulse_along
from .spectrum import APART, PER_OCTAVE, SHORTEST_S, moments, paths, tempogram
from .tracking import Course, Field, follow

Doubles = npt.NDArray[np.float64]

PATHS = 4
LEAST_BARS, LEAST_S = 2, 4.0
"""A stretch in another meter lasts so many bars and seconds, or it is none."""
SAME_S = 0.07
"""Downbeats this close are one."""
SAID = 400.0
"""What a tempo that was said costs for each squared log2 of its ratio to a hypothesis's."""


@dataclass(frozen=True)
class Stretch:
    """A stretch heard in one way; times in seconds from the first frame."""

    start_s: float
    end_s: float
    heard: Hypothesis
    units: Doubles
    places: npt.NDArray[np.intp]
    """Place of every unit in its bar."""

    @property
    def bar(self) -> Bar:
        """The meter with its grouping."""
        return self.heard.count.bar

    @property
    def downbeats(self) -> Doubles:
        """Where bars begin."""
        return self.units[self.places == 0]

    @property
    def beats(self) -> Doubles:
        """The tactus."""
        return self.units[np.isin(self.places, self.bar.tactus)]

    @property
    def bpm(self) -> float:
        """Quarters a minute."""
        return 60.0 / (float(np.median(np.diff(self.units))) * self.bar.unit / 4)


def pulses_of(accents: Accents, bpm: float | None = None) -> list[Pulse]:
    """The pulses that run through it: along the strongest paths, at the half of two, at a tempo that was said."""
    found = paths(tempogram(accents.total, accents.frame_rate), PATHS)
    apart = 2.0 ** (APART / PER_OCTAVE) - 1.0
    ways = list(found)
    steady = np.ones(len(moments(accents.duration_s)))
    said = [(60.0 / bpm / part * steady, 0.2) for part in (1, 2)] if bpm else []
    for periods, strength in (*((periods / 2, strength / 2) for periods, strength in found[:2]), *said):
        middle = float(np.median(periods))
        new = all(abs(float(np.median(periods / other)) - 1.0) > apart for other, _ in ways)
        if new and 0.9 * SHORTEST_S < middle < 2.0:
            ways.append((periods, strength))
    pulses = (pulse_along(accents, periods, strength) for periods, strength in ways)
    return [pulse for pulse in pulses if pulse is not None]


def heard(
    accents: Accents,
    bars: Sequence[Bar],
    limits: tuple[float, float],
    bpm: float | None,
    progress: Callable[[float], None],
) -> tuple[Field, Course] | None:
    """The course through accents counted in one of these bars, or None where there is no pulse to count.

    Parameters
    ----------
    accents : Accents
    bars : sequence of Bar
    limits : pair of float
        Least and greatest tempo, quarters a minute.
    bpm : float or None
        A tempo that was said.
    progress : callable
        Told the fraction done.
    """
    pulses = pulses_of(accents, bpm)
    ways = [folds(bars, pulse.period_s, *limits) for pulse in pulses]
    if not any(ways):
        return None

    def favour(quarter_s: float) -> float:
        return -SAID * float(np.log2(60.0 / quarter_s / bpm)) ** 2 if bpm else 0.0

    field = Field(pulses, ways, favour)
    return field, follow(field, accents.duration_s, progress)


def runs(course: Course) -> list[tuple[int, int, int]]:
    """Steps of the course that hold one hypothesis: first, last and one more, which."""
    edges = np.flatnonzero(np.diff(course.chosen)) + 1
    bounds = [0, *edges.tolist(), len(course.chosen)]
    return [(a, b, int(course.chosen[a])) for a, b in itertools.pairwise(bounds)]


def stretches(field: Field, course: Course, duration_s: float) -> list[Stretch]:
    """The take in stretches heard in one way, joined at downbeats; too short ones go to what was before."""
    kept: list[tuple[float, int]] = []
    for first, last, which in runs(course):
        start = float(course.steps_s[first] - course.steps_s[0]) if kept else 0.0
        end = float(course.steps_s[last]) - course.steps_s[0] if last < len(course.steps_s) else duration_s
        count = field.hypotheses[which].count
        bar_s = field.pulses[field.hypotheses[which].pulse].period_s * count.length
        if (not kept or end - start >= max(LEAST_S, LEAST_BARS * bar_s)) and (
            not kept or kept[-1][1] != which
        ):
            kept.append((start, which))
    edges = [0.0]
    for (_, before), (start, after) in itertools.pairwise(kept):
        edges.append(max(edges[-1], joint(field, before, after, start)))
    edges.append(duration_s)
    found = [_stretch(field, which, a, b) for (_, which), a, b in zip(kept, edges, edges[1:], strict=False)]
    return [stretch for stretch in found if len(stretch.units) >= 2]


def bpm_of(field: Field, course: Course, duration_s: float) -> float:
    """Quarters a minute of the longest stretch."""
    return max(stretches(field, course, duration_s), key=lambda one: one.end_s - one.start_s).bpm


def joint(field: Field, before: int, after: int, near_s: float) -> float:
    """Where one hypothesis hands over to another: a downbeat of both near a time, else the nearest of the new one."""
    old, new = (_downbeats(field, which) for which in (before, after))
    close = new[np.abs(new - near_s) <= 4.0]
    if len(close) == 0:
        return near_s
    apart = np.array([np.abs(old - time).min() if len(old) else 1.0 for time in close])
    cost = np.abs(close - near_s) + 4.0 * (apart > SAME_S)
    return float(close[cost.argmin()]) - 0.5 * SAME_S


def _downbeats(field: Field, which: int) -> Doubles:
    found = field.hypotheses[which]
    return field.pulses[found.pulse].times[found.phase :: found.count.length]


def _stretch(field: Field, which: int, start_s: float, end_s: float) -> Stretch:
    found = field.hypotheses[which]
    units, places = found.units(field.pulses[found.pulse].times)
    inside = (units >= start_s) & (units < end_s)
    return Stretch(start_s, end_s, found, units[inside], places[inside])


def joined(found: Sequence[Stretch]) -> list[list[Stretch]]:
    """Neighbours in the same meter and tempo together: a slip of the pulse is no change of meter."""
    groups: list[list[Stretch]] = []
    for stretch in found:
        last = groups[-1][-1] if groups else None
        same = last is not None and last.bar == stretch.bar and abs(last.bpm / stretch.bpm - 1.0) < 0.06
        if same:
            groups[-1].append(stretch)
        else:
            groups.append([stretch])
    return groups


def by_bar(field: Field, course: Course) -> list[tuple[Bar, float]]:
    """Meters with their groupings and the share of each, the largest first."""
    shares: dict[Bar, float] = {}
    for hypothesis, share in zip(field.hypotheses, course.shares, strict=True):
        shares[hypothesis.count.bar] = shares.get(hypothesis.count.bar, 0.0) + float(share)
    return sorted(shares.items(), key=lambda found: -found[1])
