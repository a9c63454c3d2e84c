"""What a left hand plays under a tune: a figure made from the meter, kept for a passage, on each bar's chord."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from evaluation.scenes.meters import Meter
from evaluation.scenes.patterns.parts import Rhythm, Tone

Random = np.random.Generator
LeftHand = Callable[[Meter, Random], Rhythm]

SOFT, PLAIN, STRONG = 0.52, 0.6, 0.66


def _between(places: list[float], end: float) -> list[tuple[float, float]]:
    return list(zip(places, [*places[1:], end], strict=True))


def pulse_of(meter: Meter) -> float:
    """Quarters of the running notes: eighths, or the unit where that is shorter."""
    return min(0.5, meter.unit_quarters)


def ticks(meter: Meter, step: float) -> list[float]:
    """Places every `step` quarters of a bar."""
    return [i * step for i in range(round(meter.bar_quarters / step))]


def _accompanied(meter: Meter, basses: list[float], step: int, held: float) -> Rhythm:
    """The root at some places (the last ones take another tone), the chord on all other units."""
    tones = []
    for index, at in enumerate(basses):
        tones.append(Tone(at, held, STRONG if at == 0 else PLAIN, (0 if index == 0 else step,)))
    chords = [p for p in meter.units if p not in basses] or [p + meter.unit_quarters / 2 for p in meter.units]
    return (*tones, *(Tone(p, 0.5 * meter.unit_quarters, SOFT, (4, 5, 6)) for p in chords))


def oom_pah(meter: Meter, random: Random) -> Rhythm:
    """Bass where groups begin, chords on what is between."""
    basses = list(meter.groups) if random.random() < 0.7 or meter.beats > 6 else [0.0]
    return _accompanied(meter, basses, int(random.choice((0, -1, 2))), 0.8 * meter.unit_quarters)


def long_bass(meter: Meter, random: Random) -> Rhythm:
    """One bass note for the bar, held under chords on the other units or groups."""
    bass = Tone(0.0, meter.bar_quarters, STRONG, (0,) if random.random() < 0.6 else (-3, 0))
    inner = [p for p in (meter.units if random.random() < 0.6 else meter.tactus) if p > 0]
    return (bass, *(Tone(p, 0.6 * meter.unit_quarters, SOFT, (4, 5, 6)) for p in inner))


def alberti(meter: Meter, random: Random) -> Rhythm:
    """Low, high, middle, high; from the bottom again in every group, or with the bar alone."""
    pulse = pulse_of(meter) / (2 if meter.unit == 4 and random.random() < 0.3 else 1)
    shape = [(0, 2, 1, 2), (0, 1, 2, 1), (0, 2, 1, 2, 1, 2)][int(random.integers(3))]
    groups = list(meter.groups) if random.random() < 0.8 else [0.0]
    tones = []
    for start, end in _between(groups, meter.bar_quarters):
        for index in range(round((end - start) / pulse)):
            step = shape[index % len(shape)]
            tones.append(Tone(start + index * pulse, pulse, STRONG if index == 0 else SOFT, (step + 3,)))
    return tuple(tones)


def arpeggio(meter: Meter, random: Random) -> Rhythm:
    """The chord from its bottom up and back over a bar or a group, as in a nocturne."""
    pulse = pulse_of(meter)
    starts = [0.0] if meter.bar_quarters <= 3.5 and random.random() < 0.6 else list(meter.groups)
    reach = int(random.integers(3, 7))
    wave = [*range(reach), *range(reach - 2, 0, -1)]
    tones = []
    for start, end in _between(starts, meter.bar_quarters):
        for index in range(round((end - start) / pulse)):
            tones.append(
                Tone(
                    start + index * pulse,
                    1.5 * pulse,
                    STRONG if index == 0 else SOFT,
                    (wave[index % len(wave)],),
                )
            )
    return tuple(tones)


def held(meter: Meter, random: Random) -> Rhythm:
    """The chord held for the bar, or struck with every group."""
    places = [0.0] if random.random() < 0.5 else list(meter.groups)
    return tuple(Tone(a, b - a, PLAIN, (0, 3, 4, 5)) for a, b in _between(places, meter.bar_quarters))


def octaves(meter: Meter, random: Random) -> Rhythm:
    """Octaves on the groups or the beats."""
    places = list(meter.groups if random.random() < 0.6 else meter.tactus)
    steps = [(0, 3) if i == 0 or random.random() < 0.5 else (2, 5) for i in range(len(places))]
    return tuple(
        Tone(a, 0.9 * (b - a), STRONG, step)
        for (a, b), step in zip(_between(places, meter.bar_quarters), steps, strict=True)
    )


def repeated(meter: Meter, random: Random) -> Rhythm:
    """The chord again on every unit, the bass with the first."""
    return tuple(
        Tone(p, 0.7 * meter.unit_quarters, PLAIN if p == 0 else SOFT, (0, 4, 5, 6) if p == 0 else (4, 5, 6))
        for p in meter.units
    )


def walking(meter: Meter, random: Random) -> Rhythm:
    """A bass note on every beat, through the chord."""
    path = [(0, 1, 2, 3), (0, 2, 1, 2), (3, 2, 1, 0), (0, 1, 2, 1)][int(random.integers(4))]
    places = list(meter.tactus)
    return tuple(
        Tone(a, 0.9 * (b - a), PLAIN, (path[i % 4],))
        for i, (a, b) in enumerate(_between(places, meter.bar_quarters))
    )


def off_beats(meter: Meter, random: Random) -> Rhythm:
    """The bass on one, chords off the beat."""
    half = meter.unit_quarters / 2 if meter.unit == 4 else meter.unit_quarters
    places = [p + half for p in meter.tactus if p + half < meter.bar_quarters]
    return (
        Tone(0.0, min(1.0, meter.bar_quarters / 2), STRONG, (0,)),
        *(Tone(p, 0.5 * half, SOFT, (4, 5, 6)) for p in places if p > 0),
    )


def ostinato(meter: Meter, random: Random) -> Rhythm:
    """A figure of the bar's own: some of its eighths, each with its tone, always the same."""
    grid = ticks(meter, pulse_of(meter))
    weight = {p: 0.85 if p in meter.groups else 0.55 if p in meter.units else 0.3 for p in grid}
    places = [p for p in grid if p == 0 or random.random() < weight[p]]
    return tuple(
        Tone(a, 0.9 * (b - a), PLAIN, (0 if a == 0 else int(random.integers(-1, 5)),))
        for a, b in _between(places, meter.bar_quarters)
    )


def tenor_chords(meter: Meter, random: Random) -> Rhythm:
    """The bass with every group, and a long chord after it."""
    tones = []
    for a, b in _between(list(meter.groups), meter.bar_quarters):
        middle = a + min(meter.unit_quarters, (b - a) / 2)
        tones += [Tone(a, 0.9 * (middle - a), PLAIN, (0,)), Tone(middle, 0.9 * (b - middle), SOFT, (3, 4, 5))]
    return tuple(tones)


def rocking(meter: Meter, random: Random) -> Rhythm:
    """Two halves of the chord in turn on every unit, the low one first in each group."""
    tones = []
    for a, b in _between(list(meter.groups), meter.bar_quarters):
        for index in range(round((b - a) / meter.unit_quarters)):
            steps = (0, 2) if index == 0 else (4, 6) if index % 2 else (3, 5)
            tones.append(
                Tone(
                    a + index * meter.unit_quarters,
                    0.9 * meter.unit_quarters,
                    PLAIN if index == 0 else SOFT,
                    steps,
                )
            )
    return tuple(tones)


def rests_on_one(meter: Meter, random: Random) -> Rhythm:
    """The bass on one short and alone in its bar, a late chord with the last group or unit."""
    last = meter.groups[-1] if len(meter.groups) > 1 else meter.units[-1]
    return (
        Tone(0.0, 0.9 * meter.tactus_quarters(), STRONG, (0,)),
        Tone(last, 0.8 * (meter.bar_quarters - last), SOFT, (3, 4, 5)),
    )


def silent(meter: Meter, random: Random) -> Rhythm:
    """Nothing: the right hand is alone."""
    return ()


SEEN: tuple[LeftHand, ...]
SEEN = (
    oom_pah,
    oom_pah,
    long_bass,
    alberti,
    arpeggio,
    held,
    octaves,
    repeated,
    walking,
    ostinato,
    rocking,
    silent,
)
LEFT_OUT: tuple[LeftHand, ...]
LEFT_OUT = (off_beats, tenor_chords, rests_on_one)


def any_left_hand(random: Random, left_out: bool) -> LeftHand:
    """A figure of one side."""
    hands = LEFT_OUT if left_out else SEEN
    return hands[int(random.integers(len(hands)))]
