"""Human performances, captured as MIDI and rendered through sampled kits and a sampled piano."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from evaluation.sets.files import beside, first_json_has, object_of
from evaluation.sets.forms import Form
from evaluation.sets.gathering import Gathered, Loaded, naming
from evaluation.sets.notation import key_name, median_bpm, quarters_per_beat, tactus

DRUMS = ("source", "kit", "bpm_quarter", "time_signature", "beats", "downbeats", "hits")
PIANO = ("source", "key_from_title", "time_signatures", "beats", "downbeats", "notes")


def _load(folder: Path, needs: tuple[str, ...], read: Callable[[dict[str, Any]], dict[str, Any]]) -> Loaded:
    """Every audio file with the JSON beside it."""
    gathered = Gathered(folder)
    for audio, path in beside(folder, ".json"):
        with gathered.trying():
            fields = object_of(path, needs=needs)
            with naming(path):
                truth = read(fields)
            gathered.add(audio, truth, file=path)
    return gathered.loaded()


def load_drums(folder: Path) -> Loaded:
    """Drums: hits with class and velocity, beats, meter, tempo, swing, kit.

    The files list units of the denominator. They are the tactus in x/4; in eighths the tactus is the first of every
    group where all groups are three, and unknown where they are not, for no grouping is annotated.
    """
    return _load(folder, DRUMS, _drums)


def _drums(fields: dict[str, Any]) -> dict[str, Any]:
    meter = fields["time_signature"]
    units = [(float(time), int(position)) for time, position in fields["beats"]]
    hits = [
        {"time_s": hit["t"], "instrument": hit["class"], "velocity": hit["vel"] / 127}
        for hit in fields["hits"]
    ]
    truth = {
        "kind": "drums",
        "origin": "human",
        "source": f"Groove MIDI {fields['source']}, rendered",
        "licence": "CC BY 4.0",
        "song": fields["source"],
        "kit": fields["kit"],
        "units": [time for time, _ in units],
        "beats": tactus(units, meter),
        "downbeats": fields["downbeats"],
        "meter": meter,
        "tempo": fields["bpm_quarter"],
        "swing": fields.get("swing_ratio"),
        "hits": hits,
        "onsets": sorted({hit["time_s"] for hit in hits}),
    }
    return {name: value for name, value in truth.items() if value is not None}


def load_piano(folder: Path) -> Loaded:
    """Piano: notes, beats of the tactus, downbeats, meter, key, tempo.

    A note ends where it stops to sound (`sound_off`), which the pedal may hold beyond the key: it is what can be heard.
    """
    return _load(folder, PIANO, _piano)


def _piano(fields: dict[str, Any]) -> dict[str, Any]:
    notes = [
        {
            "onset_s": note["onset"],
            "offset_s": note["sound_off"],
            "pitch": note["pitch"],
            "velocity": note["vel"] / 127,
        }
        for note in fields["notes"]
    ]
    truth = {
        "kind": "piano",
        "origin": "human",
        "source": f"ASAP {fields['source']}, rendered",
        "licence": "CC BY-NC-SA 4.0",
        "song": fields["source"],
        "beats": fields["beats"],
        "downbeats": fields["downbeats"],
        "key": key_name(fields["key_from_title"] or ""),
        "notes": notes,
        "onsets": sorted({note["onset_s"] for note in notes}),
        **_meters(fields["time_signatures"], fields["beats"]),
    }
    return {name: value for name, value in truth.items() if value is not None}


def _meters(signatures: Sequence[Sequence[Any]], beats: Sequence[float]) -> dict[str, Any]:
    """Meter, units and tempo of a piece in one meter; the stretches of one in several."""
    meters = [meter for _, meter in signatures]
    if len(set(meters)) == 1:
        quarters = quarters_per_beat(meters[0]) == 1.0
        return {
            "meter": meters[0],
            "tempo": median_bpm(beats, meters[0]),
            "units": beats if quarters else None,
        }
    starts = [float(start) for start, _ in signatures]
    ends = [*starts[1:], max(beats)]
    stretches = zip(starts, ends, meters, strict=True)
    return {"segments": [{"start_s": s, "end_s": max(s, e), "meter": m} for s, e, m in stretches]}


FORMS = (
    Form(
        "rendered-drums",
        "NAME.json with hits, units, meter and kit beside NAME.flac",
        lambda folder: first_json_has(folder, DRUMS),
        load_drums,
    ),
    Form(
        "rendered-piano",
        "NAME.json with notes, beats, time signatures and key beside NAME.ogg",
        lambda folder: first_json_has(folder, PIANO),
        load_piano,
    ),
)
