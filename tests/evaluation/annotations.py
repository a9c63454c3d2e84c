"""Annotations for tests: any valid one, and a rich one by hand."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from evaluation.annotation import (
    Annotation,
    Change,
    Estimate,
    HitMark,
    Labelled,
    Lag,
    NoteMark,
    Stretch,
    SwingStretch,
    Truth,
)
from evaluation.scores.meter import right_meters
from evaluation.scores.tempo import right_tempos
from hemiola.results import Polyrhythm

MADE: dict[str, Any] = {"kind": "drums", "origin": "generated", "source": "made up", "licence": "CC0"}


def truth(**fields: Any) -> Truth:
    """A truth with these fields annotated and no others."""
    return Truth(**MADE, **fields)


def fed_back(known: Truth) -> Estimate:
    """The truth as an answer; where several are right, the first."""
    told = {name: getattr(known, name) for name in Annotation.model_fields}
    told["meter"] = next(iter(right_meters(known)), known.meter)
    told["tempo"] = next(iter(right_tempos(known)), None)
    return Estimate(**told)


def rich() -> Truth:
    """A truth with every field: a minute of 7/8, three drums, two parts."""
    unit, bar = 0.25, 1.75
    downbeats = tuple(1.0 + bar * n for n in range(32))
    units = tuple(1.0 + unit * n for n in range(32 * 7))
    beats = tuple(start + unit * place for start in downbeats for place in (0, 2, 4))
    end = downbeats[-1] + bar
    drums = ("kick", "snare", "closed hihat")
    parts = tuple(
        Labelled(start_s=a, end_s=b, label=name) for a, b, name in ((1.0, 20.0, "A"), (20.0, end, "B"))
    )
    return truth(
        beats=beats,
        units=units,
        downbeats=downbeats,
        meter="7/8",
        grouping=(2, 2, 3),
        segments=(Stretch(start_s=1.0, end_s=end, meter="7/8", grouping=(2, 2, 3), bpm=120.0),),
        modulations=(
            Change(time_s=10.0, kind="metric", from_bpm=120.0, to_bpm=180.0, ratio="3:2"),
            Change(time_s=20.0, kind="tempo_step", from_bpm=180.0, to_bpm=170.0),
            Change(time_s=30.0, kind="meter_change"),
        ),
        tempo=120.0,
        swing=1.5,
        swing_segments=(SwingStretch(start_s=1.0, end_s=end, swing_ratio=1.5),),
        microtiming=(Lag(instrument="snare", position="2", mean_ms=12.0),),
        microtiming_reference="hihat",
        polyrhythms=(
            Polyrhythm(start_s=5.0, end_s=9.0, ratio=(3, 2), kind="polyrhythm"),
            Polyrhythm(start_s=11.0, end_s=19.0, ratio=(3, 4), kind="polymeter"),
        ),
        onsets=units,
        hits=tuple(
            HitMark(time_s=time, instrument=drums[n % 3], velocity=(n % 7) / 7)
            for n, time in enumerate(units)
        ),
        key="Bb minor",
        sections=parts,
        regions=parts,
        content=(
            Labelled(start_s=0.0, end_s=1.0, label="noise"),
            Labelled(start_s=1.0, end_s=end, label="music"),
        ),
        notes=tuple(
            NoteMark(onset_s=time, offset_s=time + 0.2, pitch=60.5 + n % 5) for n, time in enumerate(beats)
        ),
        chords=(
            Labelled(start_s=1.0, end_s=9.0, label="C:maj"),
            Labelled(start_s=9.0, end_s=20.0, label="N"),
            Labelled(start_s=20.0, end_s=end, label="A:min7/b3"),
        ),
    )


KEYS = [
    "atonal",
    *(f"{a}{b} {mode}" for a in "ABCDEFG" for b in ("", "#", "b") for mode in ("major", "minor")),
]

# Times are often equal, on a grid or as near as floating point has them; sometimes anything that is allowed.
moments = st.one_of(
    st.integers(0, 12).map(float),
    st.sampled_from([0.01, 0.03, 0.05, 0.07, 1.0000000001, 5e-324]),
    st.floats(0.0, 20.0),
    st.floats(0.0, 2e4),
    st.sampled_from([29_999.0, 30_001.0]),
)
SIGNS = "aABbCN:#/(3)♭é \n\0"
chances = st.one_of(st.none(), st.floats(0.0, 1.0))
times = st.lists(moments, max_size=8).map(sorted).map(tuple)
bpms = st.one_of(st.floats(20.0, 300.0), st.floats(0.0, 2000.0, exclude_min=True))
meters = st.sampled_from(["4/4", "2/4", "3/4", "7/8", "6/8", "99/32", "1/1"])
groupings = st.lists(st.integers(1, 64), max_size=4).map(tuple)
labels = st.one_of(
    st.sampled_from(
        ["A", "B", "music", "", "N", "X", "C:maj", "C#:min7/b3", "C:maj6(*3)", "H:dur", "A:(b3)/9", "F\n"]
    ),
    st.text(SIGNS, max_size=8),
)
words = st.one_of(st.sampled_from(["kick", "SD", "Open Hi-Hat", "TMB"]), st.text(SIGNS, max_size=5))
kinds = st.sampled_from(["metric", "tempo_step", "meter_change"])


def spans(model: type[Any], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    """Stretches in any order, overlapping and empty ones among them."""
    ends = st.tuples(moments, moments).map(sorted)
    one = st.tuples(ends, st.fixed_dictionaries(fields)).map(
        lambda made: model(start_s=made[0][0], end_s=made[0][1], **made[1])
    )
    return st.lists(one, max_size=5).map(tuple)


def several(model: type[Any], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    """Some of a model."""
    return st.lists(st.builds(model, **fields), max_size=8).map(tuple)


_ratios = st.tuples(st.integers(1, 8), st.integers(1, 8))
_fields: dict[str, st.SearchStrategy[Any]] = {
    "beats": times,
    "units": times,
    "downbeats": times,
    "meter": meters,
    "grouping": groupings,
    "segments": spans(Stretch, meter=meters),
    "modulations": several(
        Change,
        time_s=moments,
        kind=kinds,
        ratio=st.one_of(st.none(), _ratios.map(lambda r: f"{r[0]}:{r[1]}")),
    ),
    "tempo": bpms,
    "swing": st.floats(0.0, 10.0, exclude_min=True),
    "swing_segments": spans(SwingStretch, swing_ratio=st.floats(0.0, 10.0, exclude_min=True)),
    "microtiming": several(
        Lag,
        instrument=words,
        position=st.sampled_from(["1", "2"]),
        mean_ms=st.floats(allow_nan=False, allow_infinity=False),
    ),
    "polyrhythms": spans(Polyrhythm, ratio=_ratios, kind=st.sampled_from(["polyrhythm", "polymeter"])),
    "onsets": times,
    "hits": several(HitMark, time_s=moments, instrument=words, velocity=chances, confidence=chances),
    "key": st.sampled_from(KEYS),
    "sections": spans(Labelled, label=labels, confidence=chances),
    "regions": spans(Labelled, label=labels),
    "content": spans(Labelled, label=labels, confidence=chances),
    "notes": several(NoteMark, onset_s=moments, offset_s=moments, pitch=st.floats(0.0, 127.0)),
    "chords": spans(Labelled, label=labels),
}
_annotated = {name: st.one_of(st.none(), field) for name, field in _fields.items()}
truths = st.builds(
    truth,
    **_annotated,
    meters=st.one_of(st.none(), st.lists(meters, max_size=3).map(tuple)),
    tempos=st.one_of(st.none(), st.lists(bpms, max_size=3).map(tuple)),
)
estimates = st.builds(
    Estimate,
    **_annotated,
    confidences=st.dictionaries(st.sampled_from(["beats", "meter", "tempo", "key"]), st.floats(0.0, 1.0)),
)
