"""Which slot of its beat a hit stands in: each beat is divided by the evidence of its hits, heeding its neighbours.

A division costs what its hits lie off its slots, squared in units of a player's spread, and a price for how fine it
is; two hits of one instrument in one slot cost more than a finer division. Straight and ternary beats change at a
price, so that a lone late hit makes no triplet and a shuffle stays one (the cheapest path over all beats, Viterbi).
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from .frames import Beat

TOGETHER_S = 0.030
"""Hits closer than this are one chord; of one instrument, one hit."""
SPREAD_S, SPREAD = 0.010, 0.02
"""How far players lie off the grid: seconds, and part of the beat."""
FARTHEST = 20.0
"""Most that one hit off its slot costs."""
COLLISION = 6.0
CHANGE = 1.5

STRAIGHT, TERNARY = 0, 1
PRICES: dict[Fraction, tuple[dict[int, float], dict[int, float]]] = {
    Fraction(1): ({1: 0.0, 2: 0.5, 4: 1.5, 8: 7.0}, {1: 0.0, 3: 3.0, 6: 5.0}),
    Fraction(3, 2): ({1: 0.0, 3: 0.5, 6: 1.5, 12: 7.0}, {1: 0.0, 2: 4.0, 4: 6.0}),
    Fraction(3, 4): ({1: 0.0, 3: 0.5, 6: 5.0}, {1: 0.0, 2: 4.0}),
    Fraction(1, 2): ({1: 0.0, 2: 0.5, 4: 5.0}, {1: 0.0, 3: 6.0}),
    Fraction(1, 4): ({1: 0.0, 2: 4.0}, {1: 0.0}),
}
"""By a beat's length in quarters: the price of each division, in the family that is usual there and in the other."""
SWUNG = {1: 0.0, 2: 0.5, 4: 6.0}
"""Of a straight beat in which eighths swing: 16ths there are rather a triplet that was played."""
UNDIVIDED: tuple[dict[int, float], dict[int, float]] = ({1: 0.0, 2: 4.0}, {1: 0.0})


@dataclass(frozen=True, slots=True)
class Heard:
    """A hit on its way to the page: the time of its chord, seconds, what was struck, which hit it was."""

    time_s: float
    what: str
    index: int


@dataclass(frozen=True, slots=True)
class Warp:
    """How swing bends a beat: from where something is played to where it is written, both 0 to 1.

    Attributes
    ----------
    long
        Part of a pair that its first note takes.
    pairs
        In the beat: 1 for swung eighths, 2 for swung 16ths.
    """

    long: float
    pairs: int

    def __call__(self, played: float) -> float:
        """Where something is written that is played at `played`."""
        pair = min(int(played * self.pairs), self.pairs - 1)
        inside = played * self.pairs - pair
        long = self.long
        bent = inside / long / 2 if inside < long else 0.5 + (inside - long) / (1 - long) / 2
        return (pair + bent) / self.pairs


def chords(times: Sequence[tuple[float, str]]) -> tuple[list[Heard], int]:
    """Hits with the mean time of those they sound together with, and how many were dropped as one stroke heard twice.

    Parameters
    ----------
    times
        Time in seconds and what was struck, in order of time.
    """
    heard: list[Heard] = []
    dropped = at = 0
    while at < len(times):
        stop = at + 1
        while stop < len(times) and times[stop][0] - times[at][0] < TOGETHER_S:
            stop += 1
        mean = sum(time_s for time_s, _ in times[at:stop]) / (stop - at)
        seen: set[str] = set()
        for index in range(at, stop):
            what = times[index][1]
            if what in seen:
                dropped += 1
            else:
                seen.add(what)
                heard.append(Heard(mean, what, index))
        at = stop
    return heard, dropped


def slots(
    beats: Sequence[Beat], heard: Sequence[Heard], warps: Sequence[Warp | None]
) -> list[list[tuple[Fraction, Heard]]]:
    """For every beat its hits with where in the beat they are written, 0 to 1; 1 is the next beat's begin.

    Parameters
    ----------
    beats
        One after the other, without gaps, around all hits.
    heard
        From `chords`.
    warps
        For each beat how swing bends it; None where it is straight.
    """
    starts = [beat.start_s for beat in beats]
    held: list[list[Heard]] = [[] for _ in beats]
    for one in heard:
        held[max(0, bisect.bisect_right(starts, one.time_s) - 1)].append(one)
    options = [_options(beat, inside, warp) for beat, inside, warp in zip(beats, held, warps, strict=True)]
    families = _cheapest([(straight[0], ternary[0]) for straight, ternary in options])
    written: list[list[tuple[Fraction, Heard]]] = []
    for inside, option, family in zip(held, options, families, strict=True):
        written.append(list(zip(option[family][1], inside, strict=True)))
    return written


Option = tuple[float, list[Fraction]]
"""What a way to write a beat costs, and where its hits then stand."""
EMPTY: Option = (0.0, [])


def _options(beat: Beat, inside: Sequence[Heard], warp: Warp | None) -> tuple[Option, Option]:
    """The best straight and the best ternary way to write a beat."""
    if not inside:
        return EMPTY, EMPTY
    played = [beat.position(one.time_s) for one in inside]
    bent = played if warp is None else [warp(position) for position in played]
    straight, ternary = PRICES.get(beat.length, UNDIVIDED)
    if warp is not None and warp.pairs == 1:
        straight = SWUNG
    return _best(beat, inside, bent, straight), _best(beat, inside, played, ternary)


def _best(
    beat: Beat, inside: Sequence[Heard], positions: Sequence[float], prices: dict[int, float]
) -> Option:
    span = beat.end_s - beat.start_s
    spread = (SPREAD_S**2 + (SPREAD * span) ** 2) ** 0.5 / span
    best: Option = (float("inf"), [])
    for division, price in prices.items():
        numbers = [round(position * division) for position in positions]
        off = (
            min(FARTHEST, 0.5 * ((position - number / division) / spread) ** 2)
            for position, number in zip(positions, numbers, strict=True)
        )
        taken = {(number, one.what) for number, one in zip(numbers, inside, strict=True)}
        cost = price + sum(off) + COLLISION * (len(inside) - len(taken))
        if cost < best[0]:
            best = cost, [Fraction(number, division) for number in numbers]
    return best


def _cheapest(costs: Iterable[tuple[float, float]]) -> list[int]:
    """The family of each beat on the cheapest path."""
    back: list[tuple[int, int]] = []
    total = (0.0, CHANGE)
    for cost in costs:
        came = tuple(
            min((0, 1), key=lambda before: total[before] + CHANGE * (before != now)) for now in (0, 1)
        )
        back.append((came[0], came[1]))
        total = (
            cost[0] + total[came[0]] + CHANGE * (came[0] != 0),
            cost[1] + total[came[1]] + CHANGE * (came[1] != 1),
        )
    family = 0 if total[0] <= total[1] else 1
    path: list[int] = []
    for came_from in reversed(back):
        path.append(family)
        family = came_from[family]
    return path[::-1]
