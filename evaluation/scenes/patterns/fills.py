"""What a drummer plays at the end of a phrase, and on the first beat after it."""

from __future__ import annotations

import numpy as np

from evaluation.scenes.meters import Meter
from evaluation.scenes.patterns.strokes import Stroke, Strokes

_DRUMS = ("snare", "high_tom", "mid_tom", "low_tom")


def fill(meter: Meter, random: np.random.Generator) -> tuple[float, Strokes]:
    """Where a fill begins, in quarters from the bar's start, and its strokes from there to the bar's end.

    It takes the last group, or a beat or two, and goes down the drums in eighths or sixteenths, loud on the beats.
    """
    beats = [p for p in meter.tactus if p >= meter.bar_quarters / 2 - 1e-9] or [meter.tactus[-1]]
    start = float(random.choice(beats))
    step = 0.25 if meter.unit == 4 or random.random() < 0.3 else 0.5
    places = np.arange(start, meter.bar_quarters - 1e-9, step)
    order = np.sort(random.integers(0, len(_DRUMS), len(places)))
    strokes = []
    for place, drum in zip(places, order, strict=True):
        strong = any(abs(place - beat) < 1e-6 for beat in (*meter.tactus, *meter.groups))
        if strong or random.random() < 0.85:
            strokes.append(
                Stroke(float(place), _DRUMS[drum], 0.85 if strong else float(random.uniform(0.5, 0.75)))
            )
    return start, tuple(strokes)


def arrival(random: np.random.Generator) -> Strokes:
    """The first beat after a fill: a crash with the kick."""
    return (Stroke(0.0, "crash", float(random.uniform(0.75, 0.95))), Stroke(0.0, "kick", 1.0))


def count_in(meter: Meter) -> Strokes:
    """A bar of sticks on the beats."""
    return tuple(Stroke(p, "sticks", 0.85 if p == 0 else 0.7) for p in meter.tactus)
