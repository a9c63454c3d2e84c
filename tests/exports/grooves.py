"""Grooves as lists of strokes on a grid, and the answers that plugins would give of them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from fractions import Fraction

from exports.takes import Take
from hemiola.results import Groove, Hit, Hits, Meter, MeterSegment, Tempo

Stroke = tuple[Fraction, str]
"""Quarters from the first downbeat, and the drum."""

ROCK: list[Stroke] = sorted(
    [(Fraction(n, 2), "hihat") for n in range(1, 8)]
    + [(Fraction(0), "crash"), (Fraction(0), "kick"), (Fraction(5, 2), "kick")]
    + [(Fraction(1), "snare"), (Fraction(3), "snare"), (Fraction(15, 4), "snare")]
)


def repeated(pattern: Iterable[Stroke], bars: int, length: Fraction = Fraction(4)) -> list[Stroke]:
    """A pattern of one bar, so many times."""
    one = list(pattern)
    return [(at + n * length, what) for n in range(bars) for at, what in one]


def hits(
    strokes: Iterable[Stroke], bpm: float = 120.0, start_s: float = 1.0, jitter_s: float = 0.0, seed: int = 0
) -> Hits:
    """Strokes as they are heard, each off by a normal jitter."""
    chance = random.Random(seed)
    heard = [
        Hit(
            time_s=max(0.0, start_s + float(at) * 60 / bpm + chance.gauss(0, jitter_s)),
            instrument=what,
            velocity=round(chance.uniform(0.3, 1.0), 3),
        )
        for at, what in strokes
    ]
    return Hits(hits=tuple(sorted(heard, key=lambda hit: hit.time_s)), source="stem")


def meter(
    parts: Sequence[tuple[str, int]], bpm: float = 120.0, start_s: float = 1.0, grouping: tuple[int, ...] = ()
) -> Meter:
    """A meter answer for bars of these meters, one after the other: [("4/4", 8), ("7/8", 4)]."""
    units, downs, segments = [], [], []
    at = Fraction(0)
    for name, bars in parts:
        count, denominator = map(int, name.split("/"))
        begin = at
        for _ in range(bars):
            downs.append(at)
            units += [at + Fraction(4 * n, denominator) for n in range(count)]
            at += Fraction(4 * count, denominator)
        groups = grouping if sum(grouping) == count else ()
        spans = {"start_s": start_s + float(begin) * 60 / bpm, "end_s": start_s + float(at) * 60 / bpm}
        segments.append(MeterSegment(**spans, meter=name, grouping=groups, bpm=bpm))
    times = lambda quarters: tuple(start_s + float(q) * 60 / bpm for q in quarters)  # noqa: E731
    return Meter(
        meter=parts[0][0],
        grouping=segments[0].grouping,
        unit_times=times(units),
        downbeat_times=times(downs),
        segments=tuple(segments),
    )


def take(
    heard: Hits,
    measured: Meter | None = None,
    tempo: Tempo | None = None,
    groove: Groove | None = None,
    number: int = 1,
) -> Take:
    """A take around its hits."""
    end = heard.hits[-1].time_s + 1 if heard.hits else 10.0
    return Take(number, 0.0, end, heard, measured, tempo, groove)
