"""The field's plain annotations and JAMS: found by the audio's name, read line by line, wrong lines named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evaluation import sets
from evaluation.annotation import Truth
from tests.evaluation.folders import audio, text

WALTZ = "".join(f"{0.5 * count:.2f}\t{count % 3 + 1}\n" for count in range(10))


def one(folder: Path, **files: str) -> Truth:
    """The truth of take.wav with these files: `beats="1.0"` is take.beats, `onset_txt` take.onset.txt."""
    audio(folder / "take.wav")
    for name, content in files.items():
        text(folder / f"take.{name.replace('_', '.')}", content)
    [item] = sets.load(folder).items
    return item.truth


def told(folder: Path, **files: str) -> str:
    with pytest.raises(sets.SetError) as caught:
        one(folder, **files)
    return str(caught.value)


def test_beats_with_positions_give_downbeats_and_all_meters_they_may_stand_for(tmp_path: Path) -> None:
    truth = one(tmp_path, beats=WALTZ)
    assert truth.beats is not None and len(truth.beats) == 10
    assert truth.downbeats == (0.0, 1.5, 3.0, 4.5)
    assert truth.meter is None and truth.meters == ("3/4", "3/8", "9/8")


def test_positions_with_bars_are_read_as_ballroom_writes_them(tmp_path: Path) -> None:
    lines = "".join(f"{0.4 * count} {count // 4 + 1}.{count % 4 + 1}\n" for count in range(9))
    truth = one(tmp_path, beats=lines)
    assert truth.downbeats == (0.0, 1.6, 3.2) and truth.meters == ("4/4", "12/8")


def test_positions_as_decimal_numbers_are_whole(tmp_path: Path) -> None:
    assert one(tmp_path, beats="0.1 1.0\n0.6 2.0\n1.1 1.0\n").meters == ("2/4", "6/8")


@pytest.mark.parametrize(
    "beats",
    [
        "0 1\n1 2\n2 1\n3 2\n4 3\n5 1\n",  # bars of two and three
        "0 3\n1 1\n2 2\n3 3\n",  # no complete bar
        "0 1\n1 2\n2 3\n3.5 1\n4.5 2\n5.5 3\n7 1\n",  # 2+2+3
    ],
)
def test_positions_that_tell_no_meter_are_scored_for_none(tmp_path: Path, beats: str) -> None:
    truth = one(tmp_path, beats=beats)
    assert truth.meters is None and truth.downbeats
    assert any("tell no meter" in notice for notice in sets.load(tmp_path).notices)


def test_comments_heads_marks_and_separators_are_tolerated(tmp_path: Path) -> None:
    truth = one(tmp_path, onsets="\ufefftime;strength\r\n# by hand\r\n0.5;1\r\n\r\n1.0 # late\r\n")
    assert truth.onsets == (0.5, 1.0)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"beats": "0.5 1\nx 2\n"}, "take.beats: line 2: expected seconds, a number"),
        ({"beats": "0.5 1\n0.2 2\n"}, "take.beats: line 2: expected a time from 0.5 s on, for times ascend"),
        ({"beats": "0.5 1\n1.0\n"}, "take.beats: line 2: expected a position as in the lines above"),
        ({"beats": "0.5 1\n1.0 0\n"}, "take.beats: line 2: expected a position in the bar from 1"),
        ({"onsets": "nan\n0.5\n"}, "take.onsets: line 1: expected seconds"),
        ({"bpm": "fast"}, "take.bpm: line 1: expected a tempo in beats a minute"),
        ({"bpm": "120 240"}, "take.bpm: line 1: expected a tempo in beats a minute, or two"),
        ({"bpm": "120\n121"}, "take.bpm: line 2: expected a tempo"),
        ({"tempo": "60 120 7"}, "take.tempo: line 1: expected a strength of the first tempo from 0 to 1"),
        ({"key": "H minor"}, "take.key: line 1: expected a key like"),
        ({"key": "A"}, "take.key: line 1: expected a key like"),
        ({"key": "A minor\nC major"}, "take.key: line 2: expected one key alone"),
        ({"chords": "0 1 A:min\n1 0.5 G\n"}, "take.chords: line 2: expected a start from 0 and an end"),
        ({"chords": "0 1 Amin7\n"}, "take.chords: line 1: expected a chord in Harte's syntax"),
        ({"segments": "0 verse\n"}, "take.segments: line 1: expected a start, an end and a label"),
        ({"notes": "0 1 0\n"}, "take.notes: line 1: expected an offset"),
        ({"jams": "{}"}, "take.jams: annotations: is missing"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, files: dict[str, str], expected: str) -> None:
    assert expected in told(tmp_path, **files)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("A minor", "A minor"),
        ("A:min", "A minor"),
        ("Amin", "A minor"),
        ("a minor", "A minor"),
        ("Am", "A minor"),
        ("F# major", "F# major"),
        ("Bb maj", "Bb major"),
        ("D\tminor\n", "D minor"),
        ("E♭ major", "Eb major"),
        ("CM", "C major"),
        ("atonal", "atonal"),
    ],
)
def test_keys_are_read_in_every_common_spelling(tmp_path: Path, written: str, key: str) -> None:
    assert one(tmp_path, key=written).key == key


def test_two_tempos_are_both_right_and_the_stronger_is_the_tempo(tmp_path: Path) -> None:
    truth = one(tmp_path, tempo="60.0 120.0\t0.2\n")
    assert truth.tempo == 120.0 and truth.tempos == (60.0, 120.0)


def test_a_tempo_without_strength_is_not_right(tmp_path: Path) -> None:
    truth = one(tmp_path, tempo="60 120 1")
    assert truth.tempo == 60.0 and truth.tempos is None


def test_a_lab_of_chords_and_one_of_sections_are_told_apart(tmp_path: Path) -> None:
    chords = one(tmp_path / "a", lab="0 1 N\n1 2 A:min/b3\n2 3 F#:7(#9)\n")
    sections = one(tmp_path / "b", lab="0 10 A\n10 20 B\n20 30 A\n")
    assert [chord.label for chord in chords.chords or ()] == ["N", "A:min/b3", "F#:7(#9)"]
    assert [section.label for section in sections.sections or ()] == ["A", "B", "A"]


def test_frequencies_of_notes_become_midi_numbers(tmp_path: Path) -> None:
    [note] = one(tmp_path, notes="0.5 1.0 220\n").notes or ()
    assert (note.onset_s, note.offset_s, note.pitch) == (0.5, 1.0, 57.0)


def test_an_empty_file_is_not_annotated_rather_than_none_of_it(tmp_path: Path) -> None:
    truth = one(tmp_path, beats="# nothing\n", bpm="120")
    assert truth.beats is None and truth.tempo == 120.0
    assert "holds nothing and is taken as not annotated: take.beats" in sets.load(tmp_path).notices


def test_nothing_usable_is_an_error_that_says_why(tmp_path: Path) -> None:
    message = told(tmp_path, beats="")
    assert "holds no audio with truth" in message and "take.beats" in message


def test_what_the_annotations_do_not_tell_is_set_or_defaulted(tmp_path: Path) -> None:
    truth = one(tmp_path / "ballroom", bpm="90")
    assert (truth.kind, truth.origin, truth.source, truth.licence) == (
        "music",
        "recording",
        "ballroom",
        "unknown",
    )
    text(tmp_path / "ballroom" / "set.toml", 'kind = "dance"\nlicence = "CC BY 4.0"')
    [item] = sets.load(tmp_path / "ballroom").items
    assert (item.truth.kind, item.truth.licence, item.truth.source) == ("dance", "CC BY 4.0", "ballroom")


@pytest.mark.parametrize(
    "annotation",
    [
        "annotations/key/7.LOFI.key",  # GiantSteps
        "annotations/7.LOFI.key",
        "key/7.LOFI.txt",
        "audio/7.LOFI.mp3.key",
        "audio/7.LOFI.key.txt",
        "annotations/GiantSteps_7_lofi.key",
    ],
)
def test_annotations_are_found_in_folders_of_their_own(tmp_path: Path, annotation: str) -> None:
    audio(tmp_path / "audio" / "7.LOFI.mp3")
    text(tmp_path / annotation, "D minor")
    [item] = sets.load(tmp_path).items
    assert item.name == "audio/7.LOFI" and item.truth.key == "D minor"


def test_annotations_beside_the_folder_of_audio_are_found_and_the_set_has_its_name(tmp_path: Path) -> None:
    audio(tmp_path / "giantsteps-key" / "audio" / "7.wav")
    text(tmp_path / "giantsteps-key" / "annotations" / "7.key", "D minor")
    loaded = sets.load(tmp_path / "giantsteps-key" / "audio")
    assert loaded.name == "giantsteps-key" and [item.set for item in loaded.items] == ["giantsteps-key"]


def test_gtzan_is_matched_across_its_two_ways_of_naming(tmp_path: Path) -> None:
    for count in range(2):
        audio(tmp_path / "genres" / "blues" / f"blues.0000{count}.wav")
        text(tmp_path / "beats" / f"gtzan_blues_0000{count}.beats", WALTZ)
        text(tmp_path / "tempo" / f"gtzan_blues_0000{count}.bpm", f"{100 + count}.0")
    items = sets.load(tmp_path).items
    assert [(item.name, item.truth.tempo) for item in items] == [
        ("genres/blues/blues.00000", 100.0),
        ("genres/blues/blues.00001", 101.0),
    ]


def test_one_name_in_two_folders_takes_the_annotation_of_its_own(tmp_path: Path) -> None:
    for folder, tempo in (("a", 100), ("b", 200)):
        audio(tmp_path / "audio" / folder / "01.wav")
        text(tmp_path / "annotations" / folder / "01.bpm", str(tempo))
    assert [item.truth.tempo for item in sets.load(tmp_path).items] == [100.0, 200.0]


def test_what_is_left_out_is_told(tmp_path: Path) -> None:
    audio(tmp_path / "a.wav")
    audio(tmp_path / "b.wav")
    text(tmp_path / "a.bpm", "100")
    text(tmp_path / "tempo" / "a.bpm", "101")
    text(tmp_path / "c.bpm", "100")
    loaded = sets.load(tmp_path)
    assert [item.truth.tempo for item in loaded.items] == [100.0]
    assert loaded.notices == (
        "an annotation without audio is left out: c.bpm",
        "tempo is annotated twice; the first is taken: a.bpm",
        "audio without an annotation is left out: b.wav",
    )


def jams(*annotations: dict[str, Any]) -> str:
    return json.dumps({"annotations": list(annotations), "file_metadata": {"duration": 3.0}, "sandbox": {}})


def records(namespace: str, *values: tuple[float, float, Any]) -> dict[str, Any]:
    data = [{"time": t, "duration": d, "value": v, "confidence": None} for t, d, v in values]
    return {"namespace": namespace, "data": data, "annotation_metadata": {}}


def test_jams_is_read_by_namespace(tmp_path: Path) -> None:
    truth = one(
        tmp_path,
        jams=jams(
            records("beat", (0.0, 0, 1), (0.5, 0, 2), (1.0, 0, 1), (1.5, 0, 2), (2.0, 0, 1)),
            records("tempo", (0.0, 3.0, 120)),
            records("onset", (0.1, 0, None)),
            records("key_mode", (0.0, 3.0, "C:major")),
            records("segment_open", (0.0, 1.0, "A"), (1.0, 2.0, "B")),
            records("chord", (0.0, 3.0, "C:maj")),
            records("note_hz", (0.5, 0.25, 440.0)),
        ),
    )
    assert truth.downbeats == (0.0, 1.0, 2.0) and truth.meters == ("2/4", "6/8")
    assert (truth.tempo, truth.onsets, truth.key) == (120.0, (0.1,), "C major")
    assert [(s.start_s, s.end_s, s.label) for s in truth.sections or ()] == [(0, 1, "A"), (1, 3, "B")]
    assert [(n.onset_s, n.offset_s, n.pitch) for n in truth.notes or ()] == [(0.5, 0.75, 69.0)]
    assert truth.chords is not None and truth.chords[0].label == "C:maj"


def test_jams_beat_positions_tell_the_meter_itself(tmp_path: Path) -> None:
    place = {"measure": 1, "num_beats": 3, "beat_units": 8}
    values = [(float(t), 0.0, {**place, "position": t % 3 + 1}) for t in range(6)]
    truth = one(tmp_path, jams=jams(records("beat", (0, 0, None)), records("beat_position", *values)))
    assert truth.meter == "3/8" and truth.downbeats == (0.0, 3.0)


def test_jams_in_columns_is_read(tmp_path: Path) -> None:
    columns = {"time": [0.5, 1.0], "duration": [0.0, 0.0], "value": [None, None], "confidence": [None, None]}
    assert one(tmp_path, jams=jams({"namespace": "onset", "data": columns})).onsets == (0.5, 1.0)


def test_what_of_a_jams_is_not_used_is_told(tmp_path: Path) -> None:
    first, second = records("tempo", (0, 3, 100)), records("tempo", (0, 3, 200))
    assert one(tmp_path, jams=jams(first, second, records("tag_open", (0, 3, "loud")))).tempo == 100.0
    assert sets.load(tmp_path).notices == (
        "a further JAMS annotation of tempo is not used: take.jams",
        "JAMS namespace tag_open is not used: take.jams",
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            jams(records("onset", ("soon", 0, None))),
            "take.jams: annotations.0.data.0.time: expected a valid number",
        ),  # type: ignore[arg-type]
        (jams(records("chord", (0, 1, "Cmaj"))), "take.jams: chord: 0 s: expected a chord in Harte's syntax"),
        (jams(records("beat_position", (0, 1, {"position": 1}))), "take.jams: num_beats: is missing"),
        (jams(records("note_hz", (0, 1, -3))), "take.jams: note_hz: 0 s: expected Hz above 0"),
        (jams(records("tempo", (0, 1, "x"))), "take.jams: is not as expected"),
        (jams({"namespace": "onset", "data": {"time": [1], "value": []}}), "columns of one length"),
        ("[1]", "take.jams: the whole file: expected"),
    ],
)
def test_a_wrong_jams_is_told(tmp_path: Path, content: str, expected: str) -> None:
    assert expected in told(tmp_path, jams=content)


def test_plain_files_come_before_jams(tmp_path: Path) -> None:
    truth = one(
        tmp_path,
        key="A minor",
        jams=jams(records("key_mode", (0, 1, "C:major")), records("onset", (1, 0, 0))),
    )
    assert truth.key == "A minor" and truth.onsets == (1.0,)
