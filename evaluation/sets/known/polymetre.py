"""Generated cases with exact truth: polyrhythm, polymeter, changing meters, metric modulation, ramp, swing ladder."""

from __future__ import annotations

import itertools
import re
import statistics
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from evaluation.sets.files import beside, first_json_has, object_of
from evaluation.sets.forms import Form
from evaluation.sets.gathering import Gathered, Loaded, naming
from evaluation.sets.notation import tactus

COMMON = {
    "origin": "generated",
    "source": "polymetre-synthetic",
    "licence": "CC0",
    "modulations": [],
    "polyrhythms": [],
}


def matches(folder: Path) -> bool:
    """Whether the first JSON beside audio tells its case in words and lists hits."""
    return first_json_has(folder, ("truth", "hits"))


def load(folder: Path) -> Loaded:
    """Read every case; which it is follows from the fields it has."""
    gathered = Gathered(folder)
    for audio, path in beside(folder, ".json"):
        with gathered.trying():
            fields = object_of(path, needs=("truth", "hits"))
            with naming(path):
                case = _case(fields)
                truth = {**COMMON, **_hits(fields["hits"]), **case}
            gathered.add(audio, truth, file=path)
    return gathered.loaded()


def _case(fields: dict[str, Any]) -> dict[str, Any]:
    segments = fields.get("segments", [])
    if "polyrhythm" in fields:
        return _polyrhythm(fields)
    if "layers" in fields:
        return _polymeter(fields)
    if any("swing_ratio" in segment for segment in segments):
        return _swing_ladder(fields)
    if any("bpm" in segment for segment in segments):
        return _modulation(fields)
    return _changing(fields) if segments else _ramp(fields)


def _hits(hits: Sequence[dict[str, Any]]) -> dict[str, Any]:
    ordered = sorted(hits, key=lambda hit: float(hit["t"]))
    return {
        "hits": [{"time_s": hit["t"], "instrument": hit["class"]} for hit in ordered],
        "onsets": sorted({hit["t"] for hit in ordered}),
    }


def _quarters(beats: Sequence[float]) -> dict[str, Any]:
    return {"beats": beats, "units": beats}


def _end(beats: Sequence[float]) -> float:
    """Where the last beat ends: one more of its length."""
    return 2 * beats[-1] - beats[-2]


def _polyrhythm(fields: dict[str, Any]) -> dict[str, Any]:
    beats = fields["beats"]
    crossing = {
        "ratio": fields["polyrhythm"],
        "kind": "polyrhythm",
        "start_s": beats[0],
        "end_s": _end(beats),
    }
    return {
        "kind": "polyrhythm",
        **_quarters(beats),
        "downbeats": fields["downbeats"],
        "meter": fields["time_signature"],
        "tempo": fields["quarter_bpm"],
        "polyrhythms": [crossing],
    }


def _polymeter(fields: dict[str, Any]) -> dict[str, Any]:
    """Two cycles over one quarter: the first layer is the meter, the second is added to it."""
    beats = fields["beats"]
    main, added = (layer["cycle_beats"] for layer in fields["layers"])
    crossing = {"ratio": [added, main], "kind": "polymeter", "start_s": beats[0], "end_s": _end(beats)}
    return {
        "kind": "polymeter",
        **_quarters(beats),
        "downbeats": fields["downbeats_layer1"],
        "meter": f"{main}/4",
        "tempo": fields["quarter_bpm"],
        "polyrhythms": [crossing],
    }


def _swing_ladder(fields: dict[str, Any]) -> dict[str, Any]:
    """Stretches of one swing ratio each. Neither meter nor bars are told."""
    stretches = _spans(fields["segments"], _end(fields["beats"]))
    rungs = [{"start_s": s, "end_s": e, "swing_ratio": segment["swing_ratio"]} for s, e, segment in stretches]
    return {"kind": "swing ladder", "beats": fields["beats"], "tempo": fields["bpm"], "swing_segments": rungs}


def _modulation(fields: dict[str, Any]) -> dict[str, Any]:
    """A metric modulation. Each of its tempos is right for the whole; `tempo` is the median over the beats."""
    beats = fields["beats"]
    stretches = _spans(fields["segments"], _end(beats))
    changes = [
        {
            "time_s": start,
            "kind": "metric",
            "from_bpm": before["bpm"],
            "to_bpm": after["bpm"],
            "ratio": "{0.numerator}:{0.denominator}".format(Fraction(after["bpm"]) / Fraction(before["bpm"])),
        }
        for (_, _, before), (start, _, after) in itertools.pairwise(stretches)
    ]
    meters = {segment["time_signature"] for segment in fields["segments"]}
    return {
        "kind": "metric modulation",
        **_quarters(beats),
        "downbeats": fields["downbeats"],
        "segments": [
            {"start_s": s, "end_s": e, "meter": segment["time_signature"], "bpm": segment["bpm"]}
            for s, e, segment in stretches
        ],
        "modulations": changes,
        **({"meter": meters.pop()} if len(meters) == 1 else {}),
        "tempo": _median_bpm(beats),
        "tempos": [segment["bpm"] for segment in fields["segments"]],
    }


def _changing(fields: dict[str, Any]) -> dict[str, Any]:
    """Changing meters over one quarter; `pulses` are units of each meter's denominator. No meter is the whole's."""
    units, downbeats = fields["pulses"], set(fields["downbeats"])
    groupings = dict(re.findall(r"(\d+/\d+) \((\d+(?:\+\d+)+)\)", fields["truth"]))
    tempo = float(re.findall(r"quarter=(\d+)", fields["truth"])[0])
    beats: list[float] = []
    segments = []
    for start, end, segment in _spans(fields["segments"], _end(units)):
        meter = segment["time_signature"]
        grouping = [int(part) for part in groupings.get(meter, "").split("+") if part]
        inside = [time for time in units if start <= time < end]
        beats += tactus(_positions(inside, downbeats), meter, grouping) or []
        segments.append({"start_s": start, "end_s": end, "meter": meter, "bpm": tempo})
        if grouping:
            segments[-1]["grouping"] = grouping
    changes = [{"time_s": segment["start_s"], "kind": "meter_change"} for segment in segments[1:]]
    return {
        "kind": "changing meters",
        "units": units,
        "beats": beats,
        "downbeats": fields["downbeats"],
        "segments": segments,
        "modulations": changes,
        "tempo": tempo,
    }


def _ramp(fields: dict[str, Any]) -> dict[str, Any]:
    """A tempo that moves evenly: no modulation, and the tempo is the median played."""
    return {
        "kind": "ramp",
        **_quarters(fields["beats"]),
        "downbeats": fields["downbeats"],
        "meter": re.findall(r"\d+/\d+", fields["truth"])[0],
        "tempo": _median_bpm(fields["beats"]),
    }


def _median_bpm(beats: Sequence[float]) -> float:
    return statistics.median(60.0 / (later - earlier) for earlier, later in itertools.pairwise(beats))


def _positions(units: Sequence[float], downbeats: set[float]) -> list[tuple[float, int]]:
    placed: list[tuple[float, int]] = []
    for time in units:
        placed.append((time, 1 if time in downbeats or not placed else placed[-1][1] + 1))
    return placed


def _spans(segments: Sequence[dict[str, Any]], end: float) -> list[tuple[float, float, dict[str, Any]]]:
    starts = [float(segment["start"]) for segment in segments]
    return list(zip(starts, [*starts[1:], end], segments, strict=True))


FORM = Form(
    "polymetre-synthetic", "NAME.json with the case in words, beats and hits beside NAME.flac", matches, load
)
