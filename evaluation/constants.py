"""An answer that never listened: 4/4 at 120, every ratio, hits everywhere. Whatever it beats is worth nothing."""

from __future__ import annotations

from itertools import product
from math import gcd

import numpy as np

from evaluation.annotation import Change, Estimate, HitMark, Labelled, NoteMark, Stretch, SwingStretch
from evaluation.conventions import DRUM_CLASSES
from hemiola.results import Polyrhythm

NAME = "constant"
ANSWERS = (
    "beats",
    "chords",
    "content",
    "groove",
    "hits",
    "key",
    "meter",
    "notes",
    "onsets",
    "regions",
    "sections",
    "subdivision",
    "tempo",
)
BEAT_S = 0.5
HITS_EVERY_S = 0.05
RATIOS = [(k, n) for k, n in product(range(2, 9), repeat=2) if k != n and gcd(k, n) == 1]


def answer(duration_s: float) -> Estimate:
    """The same answer for every recording of this length."""
    if duration_s <= 0.0:
        return Estimate()
    whole = {"start_s": 0.0, "end_s": duration_s}
    beats = tuple(float(time) for time in np.arange(0.0, duration_s, BEAT_S))
    strokes = tuple(float(time) for time in np.arange(0.0, duration_s, HITS_EVERY_S))
    return Estimate(
        beats=beats,
        units=beats,
        downbeats=beats[::4],
        meter="4/4",
        grouping=(1, 1, 1, 1),
        segments=(Stretch(**whole, meter="4/4", grouping=(1, 1, 1, 1), bpm=120.0),),
        modulations=tuple(Change(time_s=time, kind="meter_change") for time in beats[4::4]),
        tempo=120.0,
        swing=1.0,
        swing_segments=(SwingStretch(**whole, swing_ratio=1.0),),
        microtiming=(),
        polyrhythms=tuple(
            Polyrhythm(**whole, ratio=ratio, kind=kind)
            for ratio in RATIOS
            for kind in ("polyrhythm", "polymeter")
        ),
        onsets=strokes,
        hits=tuple(
            HitMark(time_s=time, instrument=drum, velocity=0.5) for time in strokes for drum in DRUM_CLASSES
        ),
        key="C major",
        sections=(Labelled(start_s=0.0, end_s=duration_s, label="A"),),
        regions=(Labelled(start_s=0.0, end_s=duration_s),),
        content=(Labelled(start_s=0.0, end_s=duration_s, label="music"),),
        notes=tuple(
            NoteMark(onset_s=time, offset_s=time + BEAT_S, pitch=60.0)
            for time in beats
            if time + BEAT_S <= duration_s
        ),
        chords=(Labelled(start_s=0.0, end_s=duration_s, label="C:maj"),),
    )
