"""Performances that are MIDI alone are rendered once, and their truth is where their strokes sound."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile

from evaluation import sets
from evaluation.sets import BadAnnotation, NothingToScore

HEAD = "drummer,session,id,style,bpm,beat_type,time_signature,midi_filename,audio_filename,duration,split\n"
BPM = 120.0


def midi(notes: list[tuple[float, int]], meter: tuple[int, int] = (4, 4)) -> bytes:
    """A performance: (time in seconds, key) each."""
    file = mido.MidiFile(ticks_per_beat=480)
    track = mido.MidiTrack()
    track.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(BPM)))
    track.append(mido.MetaMessage("time_signature", numerator=meter[0], denominator=meter[1]))
    now = 0
    for time_s, key in notes:
        tick = round(time_s * 480 * BPM / 60)
        track.append(mido.Message("note_on", note=key, velocity=100, channel=9, time=tick - now))
        now = tick
    file.tracks.append(track)
    out = io.BytesIO()
    file.save(file=out)
    return out.getvalue()


def groove(folder: Path, **performances: bytes) -> Path:
    folder.mkdir()
    rows = [f"d,s,{name},funk,120,beat,4-4,{name}.mid,,1.0,validation\n" for name in performances]
    (folder / "info.csv").write_text(HEAD + "".join(rows) + "d,s,t,funk,120,beat,4-4,t.mid,,1.0,train\n")
    with zipfile.ZipFile(folder / "groove-midi.zip", "w") as archive:
        for name, content in performances.items():
            archive.writestr(f"{name}.mid", content)
    return folder


def test_a_performance_sounds_where_its_truth_says(tmp_path: Path) -> None:
    folder = groove(tmp_path / "g", a=midi([(0.0, 36), (0.51, 38), (1.0, 36), (1.5, 38)]))
    (item,) = sets.load(folder, tmp_path / "kept").items
    hits = item.truth.hits or ()
    assert [hit.instrument for hit in hits] == ["kick", "snare", "kick", "snare"]
    assert [hit.time_s for hit in hits] == pytest.approx([0.25, 0.76, 1.25, 1.75], abs=1e-3)
    samples, rate = soundfile.read(item.audio)
    for hit in hits:
        at = round(hit.time_s * rate)
        before, after = samples[at - 441 : at - 44], samples[at : at + 441]
        assert np.abs(after).max() > 3 * np.abs(before).max()


def test_the_grid_is_the_clicks(tmp_path: Path) -> None:
    folder = groove(tmp_path / "g", a=midi([(0.25 * n, 42) for n in range(24)], (6, 8)))
    truth = sets.load(folder, tmp_path / "kept").items[0].truth
    assert (truth.meter, truth.tempo, truth.origin) == ("6/8", pytest.approx(BPM), "human")
    assert (truth.downbeats or ())[:2] == pytest.approx([0.25, 1.75])
    assert (truth.units or ())[:3] == pytest.approx([0.25, 0.5, 0.75])
    assert (truth.beats or ())[:3] == pytest.approx([0.25, 1.0, 1.75])


def test_a_long_performance_ends_at_a_bar_line(tmp_path: Path) -> None:
    folder = groove(tmp_path / "g", a=midi([(0.5 * n, 36) for n in range(200)]))
    truth = sets.load(folder, tmp_path / "kept").items[0].truth
    assert max(truth.onsets or ()) == pytest.approx(0.25 + 39.5, abs=1e-3)


def test_what_was_rendered_is_not_rendered_again(tmp_path: Path) -> None:
    folder = groove(tmp_path / "g", a=midi([(0.0, 36)]))
    (item,) = sets.load(folder, tmp_path / "kept").items
    before = item.audio.stat().st_mtime_ns
    sets.load(folder, tmp_path / "kept")
    assert item.audio.stat().st_mtime_ns == before


def test_a_performance_that_is_no_midi_is_named(tmp_path: Path) -> None:
    folder = groove(tmp_path / "g", a=b"nothing of the kind")
    with pytest.raises(BadAnnotation, match=r"a\.mid"):
        sets.load(folder, tmp_path / "kept")


def test_without_a_place_to_render_it_there_is_nothing_to_score(tmp_path: Path) -> None:
    with pytest.raises(NothingToScore, match="MIDI alone"):
        sets.load(groove(tmp_path / "g", a=midi([(0.0, 36)])))


def test_a_one_shot_is_one_hit_at_its_attack(tmp_path: Path) -> None:
    sound = np.zeros(4410, np.float32)
    sound[441:882] = np.linspace(0, 1, 441)  # passes a tenth of its peak at 0.011 s
    soundfile.write(tmp_path / "a.wav", sound, 44100, subtype="FLOAT")
    (tmp_path / "labels.csv").write_text("file,class6,licence,provenance\na.wav,snare,CC0,made here\n")
    (item,) = sets.load(tmp_path).items
    (hit,) = item.truth.hits or ()
    assert (hit.instrument, item.truth.licence) == ("snare", "CC0")
    assert hit.time_s == pytest.approx(0.011, abs=2e-4)


def test_a_silent_one_shot_is_named(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(4410, np.float32), 44100)
    (tmp_path / "labels.csv").write_text("file,class6,licence,provenance\na.wav,snare,CC0,made here\n")
    with pytest.raises(BadAnnotation, match=r"a\.wav: is silent"):
        sets.load(tmp_path)
