"""A left hand for a tune that has none: a chord for every bar or half, chosen by the tune's notes, in a figure.

References
----------
C. Krumhansl, "Cognitive Foundations of Musical Pitch", 1990: the profiles by which the key is told.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evaluation.scenes.meters import Meter
from evaluation.scenes.patterns.parts import BASS_LOW, Rhythm
from evaluation.scenes.patterns.strokes import Stroke
from evaluation.training.sources.harmonies import Chord, Tonality

Random = np.random.Generator

PROFILES = {
    "major": (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    "minor": (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
}
LIKELY = (0.5, 0.1, -0.2, 0.3, 0.4, 0.0, -0.5)
"""How much a chord on each step of the scale is preferred, in beats of its tones."""
SAME = 0.25
"""How much it is avoided that the harmony stays over a bar line, in the same."""


def tonality_of(notes: Sequence[tuple[float, float, int, int]]) -> Tonality:
    """The key of notes (start, length, pitch, part) by their durations."""
    weight = np.zeros(12)
    for _, length, pitch, _ in notes:
        weight[pitch % 12] += length
    scores = {
        (tonic, mode): float(np.corrcoef(np.roll(profile, tonic), weight)[0, 1])
        for mode, profile in PROFILES.items()
        for tonic in range(12)
    }
    tonic, mode = max(scores, key=lambda key: scores[key])
    return Tonality(tonic, mode)


def harmonised(
    notes: Sequence[tuple[float, float, int, int]], tonality: Tonality, spans: Sequence[tuple[float, float]]
) -> list[Chord]:
    """A chord of the key for each span of a tune: the one most of its notes belong to; the last one is the tonic's."""
    chosen: list[Chord] = []
    ordered = sorted(notes)
    first = 0
    for start, end in spans:
        while first < len(ordered) and ordered[first][0] < start - 1e-6:
            first += 1
        weight = np.zeros(12)
        for at, length, pitch, _ in ordered[first:]:
            if at >= end - 1e-6:
                break
            weight[pitch % 12] += min(length, end - at) * (1.5 if at - start < 1e-6 else 1.0)
        best = max(
            range(7),
            key=lambda step: (
                sum(float(weight[c]) for c in Chord(tonality, step).classes)
                + LIKELY[step]
                - SAME * bool(chosen and chosen[-1].step == step)
            ),
        )
        chosen.append(Chord(tonality, best))
    if chosen:
        chosen[-1] = Chord(tonality, 0)
    return chosen


def accompanied(
    notes: Sequence[tuple[float, float, int, int]], meter: Meter, bars: int, figure: Rhythm, random: Random
) -> list[Stroke]:
    """Strokes of bass and chords under a tune of so many bars from place 0."""
    halves = [0.0]
    if len(meter.groups) > 1 and random.random() < 0.3:
        halves.append(float(meter.groups[len(meter.groups) // 2]))
    length = meter.bar_quarters
    starts = [bar * length + half for bar in range(bars) for half in halves]
    spans = list(zip(starts, [*starts[1:], bars * length], strict=True))
    chords = harmonised(notes, tonality_of(notes), spans)
    low = BASS_LOW + int(random.integers(2, 10))
    strokes = []
    for bar in range(bars):
        for tone in figure:
            half = sum(tone.at >= h - 1e-6 for h in halves) - 1
            chord = chords[bar * len(halves) + half]
            for step in tone.steps:
                part = "bass" if len(tone.steps) == 1 or step == min(tone.steps) <= 0 else "chords"
                pitch = chord.tone(step, low)
                strokes.append(Stroke(bar * length + tone.at, part, tone.velocity, tone.length, pitch))
    return strokes
