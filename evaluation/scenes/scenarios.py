"""Scenes with one particular difficulty each, and the plain ones that show what is found where there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal, Protocol

import numpy as np

from evaluation.scenes.composing import Band, Change, Edges, Passage, any_band, any_edges
from evaluation.scenes.layered import polymeter, polyrhythm
from evaluation.scenes.meters import METERS, Meter, meter
from evaluation.scenes.patterns.families import Family
from evaluation.scenes.patterns.harmony import Key
from evaluation.scenes.patterns.parts import BASSES, CHORDS
from evaluation.scenes.patterns.strokes import Stroke, Strokes
from evaluation.scenes.playing import Feel
from evaluation.scenes.rendering import Scene
from evaluation.scenes.setting import (
    SECONDS,
    WHOLE,
    Lineup,
    Stock,
    any_bpm,
    any_family,
    any_lineup,
    bars_in,
    set_up,
)
from evaluation.scenes.tempo import Stage

Random = np.random.Generator


def in_meter(
    kind: str,
    of: Meter,
    random: Random,
    lineup: Lineup | None = None,
    family: Family | None = None,
    stock: Stock = WHOLE,
) -> Scene:
    """A scene in one meter and tempo: any groove, parts, way to begin; swung where the groove may be."""
    chosen = family or any_family(of, random, stock=stock)
    bpm = any_bpm(chosen, random)
    bars = bars_in(of, bpm, float(random.uniform(*SECONDS)) * stock.longer)
    ratio, level = 1.0, "8th"
    if chosen.swings and random.random() < 0.6:
        ratio, level = float(random.uniform(1.3, 2.6)), chosen.swings
    passage = Passage(
        of, chosen, bars, ratio, "16th" if level == "16th" else "8th", bool(random.random() < 0.8)
    )
    band = any_band(random, lineup or any_lineup(random))
    return set_up(kind, [passage], [Stage(passage.quarters, bpm, bpm)], band, any_edges(of, random), random)


def plain(random: Random, case: int, stock: Stock = WHOLE) -> Scene:
    """4/4, all families in turn."""
    found = stock.families(meter("4/4"))
    return in_meter("plain 4/4", meter("4/4"), random, family=found[case % len(found)], stock=stock)


def other_meters(random: Random, case: int, stock: Stock = WHOLE) -> Scene:
    """Every other meter in turn, in any of its groupings."""
    names = [name for name in METERS if name != "4/4"]
    groupings = METERS[names[case % len(names)]]
    return in_meter("other meters", groupings[int(random.integers(len(groupings)))], random, stock=stock)


def changing_meters(random: Random, case: int, stock: Stock = WHOLE) -> Scene:
    """Two to four meters, one after the other; the quarter, and so the eighth, goes on."""
    names = [str(name) for name in random.permutation(sorted(METERS))]
    if case % 2 == 0:
        names.insert(int(random.integers(2)), "4/4")
    bpm = float(round(random.uniform(108, 150), 1))
    count = int(random.integers(2, 5))
    passages: list[Passage] = []
    while len(passages) < 2 or (len(passages) < count and _seconds(passages, bpm) < 15.0 * stock.longer):
        of = METERS[names[0]][int(random.integers(len(METERS[names[0]])))]
        names = [name for name in names[1:] if name != of.name]
        steady = [f for f in stock.families(of) if f.bpm[0] - 15 <= bpm <= f.bpm[1] + 15] or list(
            stock.families(of)
        )
        turn: Change | None = ("meter_change", None) if passages else None
        family = steady[int(random.integers(len(steady)))]
        bars = bars_in(of, bpm, 18.0 / count * stock.longer, 2)
        passages.append(Passage(of, family, bars, fills=bool(random.random() < 0.5), turn=turn))
    stages = [Stage(p.quarters, bpm, bpm) for p in passages]
    band = any_band(random, "drums" if random.random() < 0.6 else "mix")
    return set_up("changing meters", passages, stages, band, Edges(), random)


def _seconds(passages: list[Passage], bpm: float) -> float:
    return sum(passage.quarters for passage in passages) * 60.0 / bpm


RATIOS = ("3:2", "2:3", "4:3", "3:4", "5:4", "4:5", "2:1", "1:2")
"""New tempo of the tactus to old one."""


def pivot(new: int, old: int) -> Callable[[Meter], Strokes]:
    """A bar's hats, `new` of them to a beat of the old tempo, accented where beats of the new one would lie."""

    def strokes(of: Meter) -> Strokes:
        count = round(of.bar_quarters * new)
        return tuple(Stroke(i / new, "hihat", 0.85 if (count - i) % old == 0 else 0.5) for i in range(count))

    return strokes


def metric_modulation(random: Random, case: int, stock: Stock = WHOLE) -> Scene:
    """A division of the old beat becomes one of the new; prepared for a bar or, one time in four, not at all."""
    ratio = RATIOS[case % len(RATIOS)]
    new, old = (int(term) for term in ratio.split(":"))
    of = meter(("4/4", "4/4", "3/4")[case % 3])
    slower = (
        float(random.uniform(72, 100)) if max(new, old) / min(new, old) < 2 else float(random.uniform(68, 85))
    )
    first = slower if new > old else slower * old / new
    second = first * new / old
    family = any_family(of, random, ("rock", "sparse", "heavy", "half-time", "sixteenths", "waltz"), stock)
    prepared = pivot(new, old) if random.random() < 0.75 and max(new, old) > 2 else None
    before = Passage(of, family, bars_in(of, first, 9.0 * stock.longer), fills=False, pivot=prepared)
    after = Passage(
        of,
        family,
        bars_in(of, second, 9.0 * stock.longer),
        fills=bool(random.random() < 0.5),
        turn=("metric", ratio),
    )
    stages = [Stage(before.quarters, first, first), Stage(after.quarters, second, second)]
    band = any_band(random, "drums" if random.random() < 0.7 else "mix")
    return set_up("metric modulation", [before, after], stages, band, Edges(), random)


def tempo_step(random: Random, case: int, stock: Stock = WHOLE) -> Scene:
    """A new tempo at a bar line, in no simple ratio to the old one."""
    of = meter("4/4" if case % 2 == 0 else "3/4")
    first = float(random.uniform(85, 125))
    second = first * float(random.choice((0.84, 0.88, 1.13, 1.17)))
    family = any_family(of, random, stock=stock)
    before = Passage(of, family, bars_in(of, first, 9.0 * stock.longer))
    after = Passage(of, family, bars_in(of, second, 9.0 * stock.longer), turn=("tempo_step", None))
    stages = [Stage(before.quarters, first, first), Stage(after.quarters, second, second)]
    return set_up(
        "tempo step", [before, after], stages, any_band(random, any_lineup(random)), Edges(), random
    )


def ramp(random: Random, case: int, stock: Stock = WHOLE) -> Scene:
    """Accelerando, ritardando, a late ramp, and tempo that drifts to and fro."""
    of = meter(("4/4", "3/4", "4/4", "6/8", "4/4", "7/8")[case % 6])
    family = any_family(of, random, stock=stock)
    low, high = family.bpm
    bpm = float(np.clip(any_bpm(family, random), 1.15 * low, 0.9 * high))
    passage = Passage(of, family, bars_in(of, bpm, 18.0 * stock.longer), fills=bool(random.random() < 0.5))
    change = float(random.uniform(1.2, 1.5))
    whole = passage.quarters
    if case % 4 == 0:
        stages, drift = [Stage(whole, bpm / change**0.5, bpm * change**0.5)], 0.0
    elif case % 4 == 1:
        stages, drift = [Stage(whole, bpm * change**0.5, bpm / change**0.5)], 0.0
    elif case % 4 == 2:
        half = of.bar_quarters * (passage.bars // 2)
        stages, drift = [Stage(half, bpm, bpm), Stage(whole - half, bpm, bpm * change**0.8)], 0.0
    else:
        stages, drift = [Stage(whole, bpm, bpm)], float(random.uniform(0.03, 0.07))
    band = any_band(random, any_lineup(random))
    return set_up("ramp", [passage], stages, band, Edges(), random, drift=drift)


SWINGS = (1.0, 1.2, 1.4, 1.5, 1.67, 2.0, 2.5, 3.0)
"""Steps of the swing ladder."""


def swing(random: Random, case: int, stock: Stock = WHOLE) -> Scene:
    """One ratio throughout, or three of the ladder one after the other."""
    of = meter(("4/4", "4/4", "3/4", "4/4", "5/4")[case % 5])
    level: Literal["8th", "16th"] = "16th" if case % 4 == 3 else "8th"
    found = stock.families(of, level)
    family = found[int(random.integers(len(found)))]
    bpm = float(
        np.clip(any_bpm(family, random), 88.0, 180.0)
        if level == "8th"
        else min(any_bpm(family, random), 105.0)
    )
    step = case % len(SWINGS)
    ratios = [SWINGS[step]] if case % 2 == 0 else sorted(random.choice(SWINGS, 3, replace=False))
    if level == "8th" and len(ratios) > 1:
        bpm = max(bpm, 30.0 * of.beats)
    bars = bars_in(of, bpm, 17.0 / len(ratios) * stock.longer, 4 if level == "8th" else 2)
    passages = [Passage(of, family, bars, float(ratio), level, fills=False) for ratio in ratios]
    stages = [Stage(p.quarters, bpm, bpm) for p in passages]
    band = any_band(random, "drums" if random.random() < 0.7 else "mix")
    return set_up("swing ladder", passages, stages, band, Edges(), random)


LAGS_MS = (-40.0, -30.0, -20.0, -10.0, 0.0, 10.0, 20.0, 30.0, 40.0)
"""Steps of the microtiming ladder."""


def microtiming(random: Random, case: int, stock: Stock = WHOLE) -> Scene:
    """The snare a step of the ladder late or early against the hat, the kick another."""
    of = meter("4/4" if case % 3 else "3/4")
    family = any_family(of, random, ("rock", "disco", "sixteenths", "breakbeat"), stock)
    bpm = float(min(any_bpm(family, random), 120.0))
    passage = Passage(of, family, bars_in(of, bpm, 18.0 * stock.longer), fills=False)
    lean = (("snare", LAGS_MS[case % 9]), ("kick", float(random.choice((-20.0, -10.0, 0.0, 10.0, 20.0)))))
    feel = Feel(float(random.uniform(1, 3)), float(random.uniform(0.5, 3)), lean, 0.08)
    band = any_band(random, "drums")
    stages = [Stage(passage.quarters, bpm, bpm)]
    scene = set_up("microtiming ladder", [passage], stages, band, Edges(), random, feel=feel, drift=0.0)
    return replace(scene, microtiming=True)


def keys(random: Random, case: int, stock: Stock = WHOLE) -> Scene:
    """The 24 keys in turn by cadences with bass, chords and a tune; every sixth is drums alone, which have none."""
    if case % 6 == 5:
        scene = in_meter("keys", meter("4/4"), random, "drums", stock=stock)
        return replace(scene, score=replace(scene.score, key="atonal"))
    step = 7 * (case - case // 6) % 24
    key = Key(step % 12, "major" if step < 12 else "minor")
    of = meter(("4/4", "3/4", "6/8", "4/4")[case % 4])
    family = any_family(of, random, stock=stock)
    bpm = max(any_bpm(family, random), 22.0 * of.bar_quarters)
    bass, chords = BASSES[int(random.choice((0, 2, 4)))], CHORDS[int(random.choice((0, 3, 4)))]
    band = Band(bool(random.random() < 0.4), bass, chords, True, key)
    passage = Passage(of, family, 4 * max(2, round(bars_in(of, bpm, 16.0 * stock.longer) / 4)))
    return set_up("keys", [passage], [Stage(passage.quarters, bpm, bpm)], band, Edges(), random)


class Scenario(Protocol):
    """Writes a scene, from a generator, which of its cases it is, and what it may be made of."""

    def __call__(self, random: Random, case: int, stock: Stock = WHOLE) -> Scene:
        """The scene, whose `source` and `song` are empty."""


SCENARIOS: dict[str, Scenario] = {
    "plain": plain,
    "meters": other_meters,
    "changes": changing_meters,
    "modulation": metric_modulation,
    "step": tempo_step,
    "polyrhythm": polyrhythm,
    "polymeter": polymeter,
    "ramp": ramp,
    "swing": swing,
    "microtiming": microtiming,
    "keys": keys,
}
"""By name."""
