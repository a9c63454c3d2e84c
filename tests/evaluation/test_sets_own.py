"""Truth files: every pair becomes an item, and a mistake is told by file, field and what was expected."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from evaluation import sets
from evaluation.annotation import Truth
from tests.evaluation.folders import NEEDED, audio, pair, text, truth

DOCUMENT = Path(__file__).parents[2] / "docs" / "evaluation-sets.md"


def problems(folder: Path) -> str:
    with pytest.raises(sets.SetError) as caught:
        sets.load(folder)
    return str(caught.value)


def test_a_pair_is_an_item(tmp_path: Path) -> None:
    file = pair(tmp_path, "take", beats=[0.5, 1.0], meter="4/4")
    [item] = sets.load(str(tmp_path)).items
    assert (item.set, item.name, item.audio) == (tmp_path.name, "take", file)
    assert item.truth.beats == (0.5, 1.0) and item.truth.downbeats is None


def test_items_of_sub_folders_are_named_by_their_path_and_sorted(tmp_path: Path) -> None:
    pair(tmp_path / "b", "take")
    pair(tmp_path / "a", "take", suffix=".flac")
    pair(tmp_path, "zero", suffix=".mp3")
    assert [item.name for item in sets.load(tmp_path).items] == ["a/take", "b/take", "zero"]


def test_an_empty_list_is_kept_apart_from_no_annotation(tmp_path: Path) -> None:
    pair(tmp_path, "speech", beats=[])
    [item] = sets.load(tmp_path).items
    assert item.truth.beats == () and item.truth.onsets is None


def test_every_mistake_is_told_with_file_and_field(tmp_path: Path) -> None:
    pair(tmp_path, "one", hits=[{"time_s": 0.1, "instrument": "kick", "velocity": 87}], tempo="fast")
    pair(tmp_path, "two", beats=[1.0, 0.5], metre="4/4")
    text(tmp_path / "three.json", json.dumps({**NEEDED, "origin": None, "meter": "4-4"}))
    audio(tmp_path / "three.wav")
    told = problems(tmp_path)
    assert "one.json: hits.0.velocity: expected less than or equal to 1, got 87" in told
    assert 'one.json: tempo: expected a valid number, unable to parse string as a number, got "fast"' in told
    assert "two.json: beats: times must ascend, but 0.500000 s follows 1.000000 s" in told
    assert "two.json: metre: is no field of a truth file" in told
    assert "three.json: origin: expected 'recording', 'human' or 'generated', got null" in told
    assert "three.json: meter: expected text that should match pattern" in told
    assert "docs/evaluation-sets.md" in told


def test_a_missing_field_is_named(tmp_path: Path) -> None:
    text(tmp_path / "take.json", '{"kind": "drums"}')
    audio(tmp_path / "take.wav")
    told = problems(tmp_path)
    for field in ("origin", "source", "licence"):
        assert f"take.json: {field}: is missing" in told


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"kind": "drums",', "take.json: is not JSON: Expecting property name"),
        ("[]", "take.json: expected a JSON object, got a list"),
        ("", "take.json: is not JSON"),
        ('{"beats": [NaN]}', "take.json: beats.0: expected a finite number, got NaN"),
        ("\0\1", "take.json: is not text"),
        ("[" * 100_000, "take.json: "),
    ],
)
def test_json_that_is_none_is_told(tmp_path: Path, content: str, expected: str) -> None:
    text(tmp_path / "take.json", content)
    audio(tmp_path / "take.wav")
    assert expected in problems(tmp_path)


def test_a_truth_file_without_audio_is_an_error(tmp_path: Path) -> None:
    truth(tmp_path / "lost.json")
    assert "lost.json: names no audio: expected lost.wav" in problems(tmp_path)


def test_a_truth_file_of_two_audio_files_is_an_error(tmp_path: Path) -> None:
    pair(tmp_path, "take")
    audio(tmp_path / "take.mp3")
    assert "take.json: may belong to take.mp3 and take.wav; keep one of them" in problems(tmp_path)


def test_audio_without_truth_is_left_out_and_told(tmp_path: Path) -> None:
    pair(tmp_path, "take")
    audio(tmp_path / "other.wav")
    loaded = sets.load(tmp_path)
    assert [item.name for item in loaded.items] == ["take"]
    assert loaded.notices == ("audio without a truth file is left out: other.wav",)


def test_the_drums_of_a_mix_need_no_truth_of_their_own(tmp_path: Path) -> None:
    pair(tmp_path / "mix", "take", drums="../stems/drums.wav")
    audio(tmp_path / "stems" / "drums.wav")
    assert sets.load(tmp_path).notices == ()


def test_drums_that_are_not_there_are_an_error(tmp_path: Path) -> None:
    pair(tmp_path, "take", drums="drums.wav")
    assert "take.json: drums: expected an audio file beside take.wav" in problems(tmp_path)


def test_linked_folders_are_followed_once(tmp_path: Path) -> None:
    pair(tmp_path / "elsewhere", "take")
    (tmp_path / "set" / "loop").mkdir(parents=True)
    (tmp_path / "set" / "linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "set" / "loop" / "back").symlink_to(tmp_path / "set")
    assert [item.name for item in sets.load(tmp_path / "set").items] == ["linked/take"]


def test_every_file_that_is_no_json_is_told(tmp_path: Path) -> None:
    for name in ("a", "b"):
        text(tmp_path / f"{name}.json", "{")
        audio(tmp_path / f"{name}.wav")
    told = problems(tmp_path)
    assert "a.json: is not JSON" in told and "b.json: is not JSON" in told


def test_hidden_files_are_passed_over(tmp_path: Path) -> None:
    pair(tmp_path, "take")
    text(tmp_path / ".cache" / "x.json", "{")
    text(tmp_path / "__MACOSX" / "take.json", "{")
    audio(tmp_path / "._take.wav")
    assert [item.name for item in sets.load(tmp_path).items] == ["take"]


def test_set_toml_says_once_what_all_files_share(tmp_path: Path) -> None:
    text(tmp_path / "set.toml", 'kind = "pop"\norigin = "human"\nsource = "us"\nlicence = "CC0"\n')
    text(tmp_path / "a.json", '{"beats": [1.0]}')
    text(tmp_path / "b.json", '{"kind": "jazz"}')
    audio(tmp_path / "a.wav")
    audio(tmp_path / "b.wav")
    a, b = (item.truth for item in sets.load(tmp_path).items)
    assert (a.kind, a.origin, a.source, a.licence) == ("pop", "human", "us", "CC0")
    assert b.kind == "jazz"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('kinds = "pop"', "set.toml: kinds: is no field of a set.toml"),
        (
            'origin = "played"',
            "set.toml: origin: expected 'recording', 'human' or 'generated', got \"played\"",
        ),
        ("kind = pop", "set.toml: cannot be read as TOML"),
    ],
)
def test_a_wrong_set_toml_is_told(tmp_path: Path, content: str, expected: str) -> None:
    pair(tmp_path, "take")
    text(tmp_path / "set.toml", content)
    assert expected in problems(tmp_path)


def test_a_thousand_mistakes_are_not_all_shown(tmp_path: Path) -> None:
    for count in range(30):
        pair(tmp_path, f"take{count:02}", tempo=-1)
    with pytest.raises(sets.BadAnnotation) as caught:
        sets.load(tmp_path)
    assert len(caught.value.problems) > 30
    assert str(caught.value).count("\n") == 20 and "problems more" in str(caught.value)


def test_the_documents_example_is_valid_and_whole() -> None:
    block = DOCUMENT.read_text(encoding="utf-8").partition("## Truth files")[2]
    example = re.search(r"\n\n((?:    .*\n)+)", block)
    assert example is not None
    fields = json.loads(example[1])
    Truth.model_validate(fields)
    assert set(fields) == set(Truth.model_fields)


def test_the_document_has_a_row_for_every_field() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted(Truth.model_fields)


def test_a_pipe_in_the_folder_is_passed_over(tmp_path: Path) -> None:
    pair(tmp_path, "take")
    os.mkfifo(tmp_path / "live.json")  # whoever opened it would wait for ever
    audio(tmp_path / "live.wav")
    assert [item.name for item in sets.load(tmp_path).items] == ["take"]


def test_a_link_to_nothing_is_told(tmp_path: Path) -> None:
    pair(tmp_path, "take")
    audio(tmp_path / "gone.wav")
    (tmp_path / "gone.json").symlink_to("nowhere.json")
    assert "gone.json: cannot be read (No such file or directory)" in problems(tmp_path)


def test_drums_of_a_name_that_no_file_can_have_are_not_there(tmp_path: Path) -> None:
    pair(tmp_path, "take", drums="x" * 5000)
    assert "take.json: drums: expected an audio file beside take.wav" in problems(tmp_path)


def test_a_set_of_a_name_that_no_folder_can_have_is_not_there() -> None:
    with pytest.raises(sets.UnknownSet, match="is not there"):
        sets.load("x" * 5000)


def test_a_label_that_is_no_chord_and_a_meter_that_nothing_is_in_are_refused(tmp_path: Path) -> None:
    span = {"start_s": 0.0, "end_s": 1.0}
    pair(tmp_path, "one", chords=[{**span, "label": "A:min7"}, {**span, "label": "Am7b5/G"}])
    pair(tmp_path, "two", meter="4/4", segments=[{**span, "meter": "7/8"}])
    told = problems(tmp_path)
    assert "one.json: chords: expected Harte's syntax, got 'Am7b5/G'" in told
    assert "two.json: meter: 4/4, but its segments are in 7/8" in told
