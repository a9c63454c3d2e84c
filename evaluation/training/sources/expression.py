"""How musicians without a drummer play a score: phrases breathe, hands part, chords spread, accents say little.

The truth stays exact: the tempo map says where every beat lies, and notes lie around it by some milliseconds.

References
----------
N. Todd, "The dynamics of dynamics: a model of musical expression", J. Acoust. Soc. Am. 91(6), 1992: tempo and loudness
of a phrase rise and fall as parabolas.
W. Goebl, "Melody lead in piano performance", J. Acoust. Soc. Am. 110(1), 2001: the melody comes some 20 ms early.
A. Friberg and J. Sundberg, "Does music performance allude to locomotion?", J. Acoust. Soc. Am. 105(3), 1999: final
ritardandi.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from evaluation.scenes.patterns.strokes import Stroke
from evaluation.scenes.playing import Event, wandering
from evaluation.scenes.score import Score
from evaluation.scenes.tempo import NODES_PER_QUARTER, Floats, TempoMap

Random = np.random.Generator

FASTEST, SLOWEST = 0.7, 1.9
"""The least and greatest factor on the length of a beat."""
LOUDNESS = {"melody": 0.1, "chords": -0.06, "bass": 0.0}
"""How much louder a part is played than the piece, in velocity."""


@dataclass(frozen=True)
class Expression:
    """A way to play.

    Attributes
    ----------
    arc : how much longer beats are at a phrase's ends than in its middle, 0.1 for 10 %
    ritardando : how much longer the last beat of a phrase is; the last phrase's twice as much
    wander : standard deviation of every beat's length, 1/f
    lilt : standard deviation of the lengths of a bar's beats, the same in every bar
    lead_ms : how early the melody comes
    spread_ms : standard deviation of every note's own error
    rolled : the part of chords that are arpeggiated
    legato : a note's length against its written one
    pedal : whether notes ring on to the next beat, or longer
    swell : how much louder the middle of a phrase is, in velocity
    accent : how much louder a bar's first notes are; may be less than nothing
    touch : standard deviation of every note's velocity
    """

    arc: float = 0.0
    ritardando: float = 0.0
    wander: float = 0.0
    lilt: float = 0.0
    lead_ms: float = 0.0
    spread_ms: float = 0.0
    rolled: float = 0.0
    legato: float = 0.95
    pedal: bool = False
    swell: float = 0.1
    accent: float = 0.0
    touch: float = 0.04


def any_expression(random: Random) -> Expression:
    """From a strict to a romantic player."""
    freedom = float(random.choice((0.0, 0.35, 1.0), p=(0.12, 0.48, 0.4)) * random.uniform(0.5, 1.0))
    return Expression(
        arc=freedom * random.uniform(0.03, 0.3),
        ritardando=freedom * random.uniform(0.0, 0.5),
        wander=0.003 + 0.035 * freedom * random.random(),
        lilt=freedom * random.uniform(0.0, 0.06),
        lead_ms=float(random.uniform(-2, 24) * (random.random() < 0.7)),
        spread_ms=float(random.uniform(1, 9)),
        rolled=float(random.choice((0.0, 0.06, 0.3), p=(0.6, 0.3, 0.1))),
        legato=float(random.uniform(0.4, 1.08)),
        pedal=bool(random.random() < 0.4),
        swell=float(random.uniform(0.0, 0.2)),
        accent=float(random.uniform(-0.03, 0.12)),
        touch=float(random.uniform(0.02, 0.08)),
    )


def phrases_of(score: Score, bars: int) -> Floats:
    """Where phrases of so many bars begin, and where the last one ends; shape (phrases + 1,)."""
    starts = [bar.start for bar in score.bars][::bars]
    if len(starts) > 1 and score.end - starts[-1] < 2 * (score.bars[0].end - score.bars[0].start):
        starts.pop()
    return np.array([*starts, score.end])


def breathing(score: Score, bpm: float, how: Expression, phrases: Floats, random: Random) -> TempoMap:
    """A tempo map around so many quarters a minute.

    Parameters
    ----------
    phrases : where they begin and where the last one ends, in quarters, ascending
    """
    start, end = min(score.entry, score.bars[0].start), score.end
    count = max(2, int(np.ceil((end - start) * NODES_PER_QUARTER)))
    grid = np.linspace(start, end, count + 1)
    middles = (grid[1:] + grid[:-1]) / 2
    index = np.clip(np.searchsorted(phrases, middles, side="right") - 1, 0, len(phrases) - 2)
    place = np.clip((middles - phrases[index]) / np.diff(phrases)[index], 0, 1)
    depth = random.uniform(0.5, 1.5, len(phrases))[index]
    factor = 1 + how.arc * depth * ((2 * place - 1) ** 2 - 1 / 3)
    late = np.clip((place - 0.75) / 0.25, 0, 1) ** 2
    factor += how.ritardando * depth * late * np.where(index == len(phrases) - 2, 2.0, 1.0)
    beats = np.arange(np.floor(start), np.ceil(end) + 1)
    factor *= 1 + how.wander * np.interp(middles, beats, wandering(len(beats), random))
    factor *= _lilting(score, how, middles, random)
    seconds = np.diff(grid) * 60.0 / bpm * np.clip(factor, FASTEST, SLOWEST)
    return TempoMap(grid, np.concatenate([[0.0], np.cumsum(seconds)]))


def _lilting(score: Score, how: Expression, places: Floats, random: Random) -> Floats:
    """The bar's own shape: one beat a little longer, another shorter, alike in all bars of a length."""
    shapes: dict[float, Floats] = {}
    factor = np.ones(len(places))
    for bar in score.bars:
        length, count = bar.meter.bar_quarters, len(bar.meter.tactus)
        if length not in shapes:
            drawn = random.normal(0, how.lilt, count)
            shapes[length] = np.clip(drawn - drawn.mean(), -0.12, 0.12)
        inside = (places >= bar.start) & (places < bar.end)
        beat = np.searchsorted(np.array(bar.meter.tactus), places[inside] - bar.start, side="right") - 1
        factor[inside] += shapes[length][np.maximum(beat, 0)]
    return factor


def played(
    score: Score, tempo: TempoMap, how: Expression, phrases: Floats, random: Random
) -> tuple[Event, ...]:
    """The notes of the score as they are played, in order of time. A stroke's own velocity is a wish around 0.6."""
    heard = sorted(
        (s for s in score.strokes if s.at >= score.entry - 1e-6), key=lambda s: (s.at, s.pitch, s.instrument)
    )
    if not heard:
        return ()
    at = np.array([s.at for s in heard])
    grid = tempo.at(at)
    late = np.clip(random.standard_normal(len(at)), -2.5, 2.5) * how.spread_ms
    late -= how.lead_ms * np.array([s.instrument == "melody" for s in heard])
    late += _rolls(heard, how, random)
    lengths = _lengths(score, heard, tempo, how, random)
    velocities = _velocities(score, heard, how, phrases, random)
    events = [
        Event(replace(s, velocity=float(v)), float(g), float(t), float(length))
        for s, v, g, t, length in zip(
            heard, velocities, grid, np.maximum(grid + late / 1000, 0.002), lengths, strict=True
        )
    ]
    return tuple(sorted(events, key=lambda e: (e.time_s, e.stroke.pitch)))


def _rolls(heard: Sequence[Stroke], how: Expression, random: Random) -> Floats:
    """How late each note of an arpeggiated chord comes, in ms, its last tone about as late as its first is early."""
    late = np.zeros(len(heard))
    first = 0
    for index in range(1, len(heard) + 1):
        if index < len(heard) and heard[index].at - heard[first].at < 1e-6:
            continue
        tones = index - first
        if tones >= 3 and random.random() < how.rolled:
            late[first:index] = (np.arange(tones) - 0.5 * (tones - 1)) * random.uniform(12, 35)
        first = index
    return late


def _lengths(
    score: Score, heard: Sequence[Stroke], tempo: TempoMap, how: Expression, random: Random
) -> Floats:
    """How long notes sound, in seconds."""
    at, written = np.array([s.at for s in heard]), np.array([s.length for s in heard])
    legato = how.legato * np.array(
        [1.0 if s.instrument == "melody" else random.uniform(0.85, 1.1) for s in heard]
    )
    ends = at + written * np.clip(legato * random.uniform(0.9, 1.1, len(at)), 0.15, 1.2)
    if how.pedal:
        pedals = np.array([*(b.start + g for b in score.bars for g in b.meter.groups), score.end + 1.0])
        lifted = pedals[np.clip(np.searchsorted(pedals, at + 1e-6, side="right"), 0, len(pedals) - 1)]
        ends = np.maximum(ends, lifted)
    return np.asarray(np.maximum(tempo.at(ends) - tempo.at(at), 0.04))


def _velocities(
    score: Score, heard: Sequence[Stroke], how: Expression, phrases: Floats, random: Random
) -> Floats:
    """Loudness by phrase, part, height and a little by the meter; between 0.12 and 1."""
    at = np.array([s.at for s in heard])
    index = np.clip(np.searchsorted(phrases, at, side="right") - 1, 0, len(phrases) - 2)
    place = np.clip((at - phrases[index]) / np.diff(phrases)[index], 0, 1)
    level = random.uniform(0.42, 0.68) + random.normal(0, 0.07, len(phrases))[index]
    level = level + how.swell * (1 - (2 * place - 1) ** 2)
    level += np.array([s.velocity - 0.6 + LOUDNESS.get(s.instrument, 0.0) for s in heard])
    level += 0.003 * (np.array([s.pitch for s in heard]) - 60)
    strong = np.array([bar.start for bar in score.bars])
    level += how.accent * np.isclose(at, strong[np.clip(np.searchsorted(strong, at + 1e-6) - 1, 0, None)])
    level += how.touch * (random.standard_normal(len(at)) + 0.7 * wandering(len(at), random))
    return np.asarray(np.clip(level, 0.12, 1.0))
