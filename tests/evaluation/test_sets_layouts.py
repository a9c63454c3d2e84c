"""Known layouts, made up here in small: what each file says arrives at the right field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evaluation import sets
from evaluation.annotation import Truth
from tests.evaluation.folders import audio, pair, text

QUARTERS = [0.25 + 0.5 * count for count in range(9)]
HITS = [{"t": 0.3, "class": "hihat"}, {"t": 0.25, "class": "kick"}]


def as_json(path: Path, **fields: Any) -> None:
    text(path, json.dumps(fields))
    audio(path.with_suffix(".flac"))


def only(folder: Path) -> Truth:
    [item] = sets.load(folder).items
    return item.truth


def mdb_drums(folder: Path) -> Path:
    for song, version in (("Reggae", "MIX"), ("Rock", "RAWMIX")):
        audio(folder / "drum_only" / f"{song}_Drum.flac")
        audio(folder / "mix" / f"{song}_{version}.ogg")
        text(
            folder / "annotations" / "subclass" / f"{song}_subclass.txt",
            "0.25 \t KD \n0.25 \t RDC \n0.75\tSST\n",
        )
        beats = "".join(f"{t}\t{count % 4 + 1}\n" for count, t in enumerate(QUARTERS))
        text(folder / "annotations" / "beats" / f"{song}_MIX.beats", beats)
    stems = "".join(
        f"  S0{n}:\n    component: ''\n    filename: Reggae_STEM_0{n}.wav\n    instrument: {name}\n"
        f"    raw:\n      R01:\n        instrument: {name}\n"
        for n, name in ((1, "electric bass"), (2, "drum set"))
    )
    text(folder / "stems" / "Reggae_METADATA.yaml", f"title: Reggae\nstems:\n{stems}title: Reggae\n")
    audio(folder / "stems" / "Reggae_STEM_02.flac")
    return folder


def test_mdb_drums_has_a_drum_track_and_a_mix_of_each_song(tmp_path: Path) -> None:
    items = sets.load(mdb_drums(tmp_path)).items
    assert [(item.name, item.truth.kind, item.truth.song) for item in items] == [
        ("drum_only/Reggae_Drum", "drums", "Reggae"),
        ("drum_only/Rock_Drum", "drums", "Rock"),
        ("mix/Reggae_MIX", "mix", "Reggae"),
        ("mix/Rock_RAWMIX", "mix", "Rock"),
    ]
    drums, _, mix, remix = (item.truth for item in items)
    assert drums.onsets == (0.25, 0.75) and mix.onsets is None
    assert [hit.instrument for hit in mix.hits or ()] == ["KD", "RDC", "SST"]
    assert mix.downbeats == (0.25, 2.25, 4.25) and (mix.meter, mix.tempo) == ("4/4", 120.0)
    assert "released" in mix.source and "remixed" in remix.source


def test_the_drum_stem_of_a_mix_is_the_one_its_metadata_names(tmp_path: Path) -> None:
    items = {item.name: item for item in sets.load(mdb_drums(tmp_path)).items}
    drums = items["mix/Reggae_MIX"].truth.drums
    assert drums == "../stems/Reggae_STEM_02.flac"
    assert (items["mix/Reggae_MIX"].audio.parent / drums).is_file()
    assert items["mix/Rock_RAWMIX"].truth.drums is None


def rendered_drums(folder: Path, meter: str, count: int) -> Path:
    beats = [[0.25 * unit, unit % count + 1] for unit in range(2 * count + 1)]
    as_json(
        folder / "x.json",
        source="drummer1/x.mid",
        kit="oak",
        bpm_quarter=120.0,
        time_signature=meter,
        beats=beats,
        downbeats=[time for time, position in beats if position == 1],
        hits=[{"t": 0.1, "class": "kick", "gm": 36, "vel": 127}],
        swing_ratio=None,
    )
    return folder


@pytest.mark.parametrize(
    ("meter", "count", "every"),
    [("4/4", 4, 1), ("5/4", 5, 1), ("6/8", 6, 3), ("12/8", 12, 3), ("3/8", 3, 1)],
)
def test_units_of_rendered_drums_become_the_tactus(
    tmp_path: Path, meter: str, count: int, every: int
) -> None:
    truth = only(rendered_drums(tmp_path, meter, count))
    assert truth.units is not None and truth.beats == truth.units[::every]


def test_sixteenths_are_no_tactus_without_a_grouping(tmp_path: Path) -> None:
    assert only(rendered_drums(tmp_path, "7/16", 7)).beats is None


def test_without_a_grouping_five_eighths_have_units_and_bars_alone(tmp_path: Path) -> None:
    truth = only(rendered_drums(tmp_path, "5/8", 5))
    assert truth.beats is None and truth.grouping is None
    assert truth.units is not None and len(truth.units) == 11 and truth.downbeats == (0.0, 1.25, 2.5)


def test_rendered_drums_keep_kit_velocity_and_performance(tmp_path: Path) -> None:
    truth = only(rendered_drums(tmp_path, "4/4", 4))
    assert (truth.kit, truth.song, truth.origin, truth.tempo) == ("oak", "drummer1/x.mid", "human", 120.0)
    assert truth.hits is not None and truth.hits[0].velocity == 1.0
    assert truth.onsets == (0.1,) and truth.swing is None


def rendered_piano(folder: Path, signatures: list[list[Any]]) -> Path:
    as_json(
        folder / "x.json",
        source="composer/x.mid",
        key_from_title="Gb major",
        time_signatures=signatures,
        beats=QUARTERS,
        downbeats=QUARTERS[::2],
        notes=[{"onset": 0.25, "key_off": 0.5, "sound_off": 1.5, "pitch": 60, "vel": 127}],
    )
    return folder


@pytest.mark.parametrize(("meter", "tempo"), [("2/4", 120.0), ("6/8", 180.0), ("3/8", 60.0), ("2/2", 240.0)])
def test_the_tempo_of_rendered_piano_is_in_quarters(tmp_path: Path, meter: str, tempo: float) -> None:
    truth = only(rendered_piano(tmp_path, [[0.25, meter]]))
    assert (truth.meter, truth.tempo, truth.key) == (meter, pytest.approx(tempo), "Gb major")
    assert truth.units == (truth.beats if meter == "2/4" else None)


def test_a_piano_note_ends_where_it_stops_to_sound(tmp_path: Path) -> None:
    truth = only(rendered_piano(tmp_path, [[0.25, "2/4"]]))
    assert truth.notes is not None and truth.notes[0].offset_s == 1.5


def test_a_piece_in_two_meters_has_stretches_and_no_meter_of_its_own(tmp_path: Path) -> None:
    truth = only(rendered_piano(tmp_path, [[0.25, "2/4"], [2.25, "3/4"]]))
    assert truth.meter is None and truth.tempo is None
    assert [(s.start_s, s.end_s, s.meter) for s in truth.segments or ()] == [
        (0.25, 2.25, "2/4"),
        (2.25, 4.25, "3/4"),
    ]


def test_a_field_of_another_type_is_told_with_its_file(tmp_path: Path) -> None:
    rendered_piano(tmp_path, [[0.25, "2/4"]])
    fields = json.loads((tmp_path / "x.json").read_text())
    del fields["notes"][0]["sound_off"]
    text(tmp_path / "x.json", json.dumps(fields))
    with pytest.raises(sets.BadAnnotation, match=r"x\.json: sound_off: is missing"):
        sets.load(tmp_path)


def case(folder: Path, **fields: Any) -> Truth:
    as_json(folder / "x.json", hits=HITS, **fields)
    return only(folder)


def test_a_polyrhythm_names_the_added_layer_first(tmp_path: Path) -> None:
    truth = case(
        tmp_path,
        truth="polyrhythm",
        quarter_bpm=120,
        time_signature="4/4",
        polyrhythm=[3, 4],
        beats=QUARTERS,
        downbeats=QUARTERS[::4],
    )
    [crossing] = truth.polyrhythms or ()
    assert (crossing.kind, crossing.ratio) == ("polyrhythm", (3, 4))
    assert (crossing.start_s, crossing.end_s) == (0.25, 4.75)
    assert [hit.instrument for hit in truth.hits or ()] == ["kick", "hihat"]
    assert truth.modulations == ()


def test_a_polymeters_ratio_is_its_cycles_and_its_meter_the_first_layers(tmp_path: Path) -> None:
    truth = case(
        tmp_path,
        truth="polymetre",
        quarter_bpm=120,
        layers=[{"cycle_beats": 4}, {"cycle_beats": 3}],
        beats=QUARTERS,
        downbeats_layer1=QUARTERS[::4],
        downbeats_layer2=QUARTERS[::3],
    )
    [crossing] = truth.polyrhythms or ()
    assert (crossing.kind, crossing.ratio) == ("polymeter", (3, 4))
    assert truth.meter == "4/4" and truth.downbeats == (0.25, 2.25, 4.25)


def test_a_metric_modulation_has_its_ratio_and_both_tempos(tmp_path: Path) -> None:
    beats = [0.0, 0.5, 1.0, 1.5, 2.0, *(2.0 + count / 3 for count in range(1, 9))]
    truth = case(
        tmp_path,
        truth="metric modulation",
        segments=[
            {"start": 0.0, "bpm": 120, "time_signature": "4/4"},
            {"start": 2.0, "bpm": 180, "time_signature": "4/4"},
        ],
        beats=beats,
        downbeats=[0.0, 2.0],
    )
    [change] = truth.modulations or ()
    assert (change.time_s, change.kind, change.ratio) == (2.0, "metric", "3:2")
    assert (change.from_bpm, change.to_bpm) == (120, 180)
    assert truth.tempos == (120, 180) and truth.meter == "4/4"


def test_changing_meters_keep_the_quarter_and_group_the_eighths(tmp_path: Path) -> None:
    truth = case(
        tmp_path,
        truth="metre changes 4/4, 7/8 (2+2+3) at quarter=120",
        segments=[{"start": 0.0, "time_signature": "4/4"}, {"start": 2.0, "time_signature": "7/8"}],
        pulses=[0.0, 0.5, 1.0, 1.5, *(2.0 + 0.25 * count for count in range(14))],
        downbeats=[0.0, 2.0, 3.75],
    )
    assert truth.beats == (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.75, 4.25, 4.75)
    assert truth.meter is None and truth.tempo == 120
    assert truth.segments is not None and truth.segments[1].grouping == (2, 2, 3)
    assert (truth.segments[1].start_s, truth.segments[1].end_s) == (2.0, 5.5)
    assert [(change.time_s, change.kind) for change in truth.modulations or ()] == [(2.0, "meter_change")]


def test_a_ramp_is_no_modulation_and_its_tempo_the_median_played(tmp_path: Path) -> None:
    beats = [0.0, 1.0, 1.5, 1.75]
    truth = case(tmp_path, truth="accelerando, 4/4", beats=beats, downbeats=[0.0])
    assert truth.modulations == () and (truth.tempo, truth.meter) == (120.0, "4/4")


def test_a_swing_ladder_has_its_rungs(tmp_path: Path) -> None:
    segments = [{"start": 0.25, "swing_ratio": 1.0}, {"start": 2.25, "swing_ratio": 2.0}]
    truth = case(tmp_path, truth="swing", bpm=120, segments=segments, beats=QUARTERS)
    assert [(r.start_s, r.end_s, r.swing_ratio) for r in truth.swing_segments or ()] == [
        (0.25, 2.25, 1.0),
        (2.25, 4.75, 2.0),
    ]


def test_regions_are_those_of_every_file_of_the_folder(tmp_path: Path) -> None:
    region = {"start": 1.0, "end": 2.0, "kind": "speech", "peak_dbfs": -2}
    text(tmp_path / "regions.json", json.dumps({"regions": [region]}))
    audio(tmp_path / "clean.flac")
    audio(tmp_path / "noisy.flac")
    clean, noisy = sets.load(tmp_path).items
    assert clean.truth.regions == noisy.truth.regions and clean.song == noisy.song
    assert clean.truth.beats is None


def test_keys_come_with_their_meter(tmp_path: Path) -> None:
    text(tmp_path / "keys.csv", "file,key,metre\na.wav,B minor,9/8 (from score)\nb.wav,C major,\n")
    audio(tmp_path / "a.wav")
    audio(tmp_path / "b.wav")
    a, b = (item.truth for item in sets.load(tmp_path).items)
    assert (a.key, a.meter) == ("B minor", "9/8") and (b.key, b.meter) == ("C major", None)


def test_a_single_chord_lasts_as_long_as_its_file(tmp_path: Path) -> None:
    text(tmp_path / "chords.csv", "file,chord\na.wav,A#:min\n")
    audio(tmp_path / "a.wav", seconds=0.25)
    [chord] = only(tmp_path).chords or ()
    assert (chord.start_s, chord.end_s, chord.label) == (0.0, 0.25, "A#:min")


@pytest.mark.parametrize(
    ("table", "content", "expected"),
    [
        ("keys.csv", "file,key\na.wav,H\n", r"keys\.csv: a\.wav: key: expected one like"),
        ("chords.csv", "file,chord\na.wav,Hm\n", r"chords\.csv: a\.wav: chord: expected Harte's syntax"),
        ("tempo.csv", "file,bpm\na.wav,fast\n", r"tempo\.csv: a\.wav: bpm: expected a number"),
        ("tempo.csv", "file,bpm\nb.wav,90\n", r"tempo\.csv: line 2: file: names 'b\.wav'"),
    ],
)
def test_a_wrong_row_of_a_table_is_told(tmp_path: Path, table: str, content: str, expected: str) -> None:
    text(tmp_path / table, content)
    audio(tmp_path / "a.wav")
    with pytest.raises(sets.BadAnnotation, match=expected):
        sets.load(tmp_path)


def test_loops_have_a_tempo_and_no_beats(tmp_path: Path) -> None:
    text(tmp_path / "tempo.csv", "file,beats,bpm,seconds\na.wav,16,140.0,6.86\n")
    audio(tmp_path / "a.wav")
    assert only(tmp_path).tempo == 140.0 and only(tmp_path).beats is None


def test_the_first_annotator_of_a_song_is_taken(tmp_path: Path) -> None:
    audio(tmp_path / "vocadito_1.flac")
    text(tmp_path / "vocadito_1_notesA1.csv", "0.5,220.0,0.25\n")
    text(tmp_path / "vocadito_1_notesA2.csv", "0.5,440.0,0.25\n")
    audio(tmp_path / "prelude.flac")
    text(tmp_path / "prelude.csv", "Start;Duration;Pitch;Velocity;Label\n1.0;0.5;67;0.6;Soprano\n")
    prelude, sung = (item.truth for item in sets.load(tmp_path).items)
    assert [(n.onset_s, n.offset_s, n.pitch) for n in sung.notes or ()] == [(0.5, 0.75, 57.0)]
    assert [(n.onset_s, n.offset_s, n.pitch) for n in prelude.notes or ()] == [(1.0, 1.5, 67.0)]
    assert "the second annotator's notes (A2) are not used: vocadito_1.flac" in sets.load(tmp_path).notices


def test_samba_has_onsets_and_bars_of_two(tmp_path: Path) -> None:
    audio(tmp_path / "brid_x.flac")
    text(tmp_path / "brid_x.onsets.csv", "0.25,2\n0.5,1\n")
    text(tmp_path / "brid_x.beats", "0.25 1\n0.75 2\n1.25 1\n")
    truth = only(tmp_path)
    assert (truth.onsets, truth.downbeats) == ((0.25, 0.5), (0.25, 1.25))
    assert (truth.meter, truth.tempo) == ("2/4", 120.0)


def test_field_recordings_have_no_beat_and_speech_no_key(tmp_path: Path) -> None:
    for name in ("jfk", "silence_10s", "robin", "pyannote_sample", "vibe_ace"):
        audio(tmp_path / f"{name}.wav", seconds=0.5)
    turns = [(2.0, 1.0), (2.5, 1.0), (5.0, 1.0)]
    text(
        tmp_path / "pyannote_sample.rttm",
        "".join(f"SPEAKER sample 1 {start} {length} <NA> <NA> s1 <NA> <NA>\n" for start, length in turns),
    )
    loaded = sets.load(tmp_path)
    truths = {item.name: item.truth for item in loaded.items}
    assert all(truth.beats == () for truth in truths.values())
    assert {name for name, truth in truths.items() if truth.key == "atonal"} == {"jfk", "pyannote_sample"}
    assert truths["silence_10s"].regions == () and truths["robin"].content is None
    assert [(c.start_s, c.end_s) for c in truths["jfk"].content or ()] == [(0.0, 0.5)]
    assert [(c.start_s, c.end_s) for c in truths["pyannote_sample"].content or ()] == [(2.0, 3.5), (5.0, 6.0)]
    assert loaded.notices == ("nothing is annotated of: vibe_ace.wav",)


def test_madmoms_clips_have_what_is_annotated_of_each(tmp_path: Path) -> None:
    for name in ("sample.wav", "sample2.wav", "stereo_sample.wav", "stereo_sample.m4a"):
        audio(tmp_path / name)
    notes = tmp_path / "annotations"
    text(notes / "sample.onsets", "# by hand\n0.1\n0.2\n")
    text(notes / "sample.beats", "0.1\t1\n0.8\t2\n")
    text(notes / "sample.tempo", "87.5 175    0.7")
    text(notes / "stereo_sample.notes", "0.147\t72\t3.323\t127\n")
    clip, piano = (item.truth for item in sets.load(tmp_path).items)
    assert (clip.onsets, clip.downbeats) == ((0.1, 0.2), (0.1,))
    assert (clip.tempo, clip.tempos) == (87.5, (87.5, 175.0))
    assert [(n.pitch, n.velocity) for n in piano.notes or ()] == [(72.0, 1.0)]


def test_a_parent_of_known_layouts_is_read_as_all_of_them(tmp_path: Path) -> None:
    mdb_drums(tmp_path / "mdb-drums")
    rendered_drums(tmp_path / "rendered", "4/4", 4)
    pair(tmp_path / "mine", "take")
    text(tmp_path / "odd" / "formats.csv", "file\n")
    text(tmp_path / "notes.d" / "todo.txt", "nothing")
    loaded = sets.load(tmp_path)
    assert {item.set for item in loaded.items} == {"mdb-drums", "rendered", "mine"}
    assert len(loaded.items) == 6
    told = "\n".join(loaded.notices)
    assert "odd: its files test decoding" in told and "notes.d: has none of the forms" in told


@pytest.mark.parametrize(
    ("file", "content", "reason"),
    [
        ("formats.csv", "file\n", "test decoding"),
    ],
)
def test_a_folder_without_truth_is_refused_with_the_reason(
    tmp_path: Path, file: str, content: str, reason: str
) -> None:
    text(tmp_path / file, content)
    audio(tmp_path / "a.wav")
    with pytest.raises(sets.NothingToScore, match=reason):
        sets.load(tmp_path)


def test_a_folder_of_no_form_is_refused_and_the_forms_are_told(tmp_path: Path) -> None:
    audio(tmp_path / "a.wav")
    with pytest.raises(
        sets.UnknownSet, match=r"(?s)has none of the forms.*truth files.*annotations.*mdb-drums"
    ):
        sets.load(tmp_path)


def test_a_path_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(sets.UnknownSet, match="is not there; a set is a folder"):
        sets.load(tmp_path / "nowhere")
    with pytest.raises(sets.UnknownSet, match="is a file"):
        sets.load(audio(tmp_path / "a.wav"))


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(sets.UnknownSet):
        sets.load(tmp_path)
