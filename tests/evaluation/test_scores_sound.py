"""Onsets, hits, keys, sections, regions, content, notes and chords are scored by the conventions."""

from __future__ import annotations

from typing import Any

import mir_eval
import numpy as np
import pytest

from evaluation.annotation import Estimate, HitMark, Labelled, NoteMark, Truth
from evaluation.rows import Choice, Claim, Counts, Failure, Row, Value
from evaluation.scores import Options, score
from evaluation.scores.notes import as_notes, matched
from tests.evaluation.annotations import truth


def values(known: Truth, told: Estimate, options: Options | None = None) -> dict[str, float]:
    return {row.measure: row.value for row in score(known, told, options) if isinstance(row, Value)}


def rows_of(kind: type[Any], known: Truth, told: Estimate) -> list[Any]:
    return [row for row in score(known, told) if isinstance(row, kind)]


def parts(*given: tuple[float, float, str], confidence: float | None = None) -> tuple[Labelled, ...]:
    return tuple(Labelled(start_s=a, end_s=b, label=name, confidence=confidence) for a, b, name in given)


# Onsets


def test_truth_and_answer_are_merged_alike() -> None:
    flams = truth(onsets=(1.0, 1.02, 2.0))
    assert values(flams, Estimate(onsets=(1.0, 2.0, 2.02)))["onsets.f_50ms"] == 1.0
    assert values(flams, Estimate(onsets=(1.0, 2.0, 2.02)), Options(merge_s=0.0))["onsets.f_50ms"] < 1.0


def test_onsets_have_two_windows_and_an_error_in_ms() -> None:
    told = values(truth(onsets=(1.0, 2.0, 3.0)), Estimate(onsets=(1.01, 2.02, 3.04)))
    assert told == pytest.approx({"onsets.f_25ms": 2 / 3, "onsets.f_50ms": 1.0, "onsets.error_ms": 20.0})


def test_no_onsets_found_have_no_error() -> None:
    assert values(truth(onsets=(1.0,)), Estimate()) == {"onsets.f_25ms": 0.0, "onsets.f_50ms": 0.0}


# Hits


def hits(*given: tuple[float, str], **fields: Any) -> tuple[HitMark, ...]:
    return tuple(HitMark(time_s=time, instrument=name, **fields) for time, name in given)


def test_hits_are_counted_by_class_whatever_they_are_called() -> None:
    known = truth(hits=hits((1.0, "KD"), (1.0, "CHH"), (2.0, "SST"), (3.0, "TMB")))
    told = Estimate(hits=hits((1.02, "Bass Drum 1"), (1.0, "hihat"), (2.0, "kick")))
    assert rows_of(Counts, known, told) == [
        Counts("hits.f_50ms", "kick", 1, 1, 0),
        Counts("hits.f_50ms", "snare", 0, 0, 1),
        Counts("hits.f_50ms", "hihat", 1, 0, 0),
    ]


def test_hits_of_two_classes_at_once_are_not_merged() -> None:
    known = truth(hits=hits((1.0, "kick"), (1.01, "snare"), (1.02, "snare")))
    told = Estimate(hits=hits((1.0, "kick"), (1.01, "snare")))
    assert all((row.found, row.missed) == (1, 0) for row in rows_of(Counts, known, told))


def test_the_failure_of_hits_is_the_first_missed_of_all_classes() -> None:
    known = truth(hits=hits((1.0, "kick"), (2.0, "snare"), (3.0, "kick")))
    (failure,) = rows_of(Failure, known, Estimate(hits=hits((1.0, "kick"))))
    assert failure.time_s == 2.0
    assert failure.text == "missed 1 of 1 snare hits, this the first; also 1 of 2 kick"


def strokes(velocities: list[float], name: str = "kick") -> tuple[HitMark, ...]:
    return tuple(HitMark(time_s=1.0 + n, instrument=name, velocity=v) for n, v in enumerate(velocities))


def test_velocities_correlate_over_matched_hits() -> None:
    known = truth(hits=strokes([0.1, 0.5, 0.9, 0.3, 0.7]))
    louder = Estimate(hits=strokes([0.3, 0.5, 0.7, 0.4, 0.6]))
    turned = Estimate(hits=strokes([0.9, 0.5, 0.1, 0.7, 0.3]))
    assert values(known, louder)["hits.velocity_r"] == pytest.approx(1.0)
    assert values(known, turned)["hits.velocity_r"] == pytest.approx(-1.0)


@pytest.mark.parametrize("told", [strokes([0.5] * 5), strokes([0.1, 0.2, 0.3, 0.4]), ()])
def test_few_or_level_velocities_correlate_with_nothing(told: tuple[HitMark, ...]) -> None:
    known = truth(hits=strokes([0.1, 0.5, 0.9, 0.3, 0.7]))
    assert "hits.velocity_r" not in values(known, Estimate(hits=told))


def test_a_hit_claims_one_of_its_class_within_50_ms() -> None:
    told = Estimate(
        hits=hits((1.04, "kick"), (1.2, "kick"), (1.0, "snare"), (1.0, "cowbell"), confidence=0.9)
    )
    claims = rows_of(Claim, truth(hits=hits((1.0, "kick"))), told)
    assert [claim.right for claim in claims] == [True, False, False]


# Key


def test_enharmonics_are_one_key() -> None:
    assert rows_of(Choice, truth(key="Db minor"), Estimate(key="C# minor")) == [
        Choice("key.exact", "C# minor", "C# minor", right=True)
    ]


@pytest.mark.parametrize(
    ("true", "told", "weighted"),
    [
        ("C major", "G major", 0.5),
        ("C major", "A minor", 0.3),
        ("C major", "C minor", 0.2),
        ("C major", "atonal", 0.0),
        ("atonal", "atonal", 1.0),
        ("atonal", "C major", 0.0),
        ("C major", None, 0.0),
    ],
)
def test_a_wrong_key_is_weighted_by_how_near_it_is(true: str, told: str | None, weighted: float) -> None:
    assert values(truth(key=true), Estimate(key=told)) == {"key.weighted": weighted}


def test_a_key_claims_to_be_exact() -> None:
    told = Estimate(key="G major", confidences={"key": 0.4})
    assert rows_of(Claim, truth(key="C major"), told) == [Claim("key_exact", 0.4, right=False)]


# Sections


FORM = parts((0.0, 20.0, "A"), (20.0, 40.0, "B"), (40.0, 60.0, "A"))


def test_boundaries_have_two_windows() -> None:
    late = parts((0.0, 22.0, "A"), (22.0, 42.0, "B"), (42.0, 60.0, "A"))
    told = values(truth(sections=FORM), Estimate(sections=late))
    assert (told["sections.f_05s"], told["sections.f_3s"]) == (0.5, 1.0)


def test_letters_are_names_and_may_be_any() -> None:
    renamed = parts((0.0, 20.0, "x"), (20.0, 40.0, "y"), (40.0, 60.0, "x"))
    assert values(truth(sections=FORM), Estimate(sections=renamed))["sections.pairwise_f"] == 1.0


def test_no_sections_answered_do_not_score_the_start_and_the_end() -> None:
    assert set(values(truth(sections=FORM), Estimate()).values()) == {0.0}


def test_one_section_for_all_is_right_about_the_ends_alone() -> None:
    told = values(truth(sections=FORM), Estimate(sections=parts((0.0, 60.0, "A"))))
    assert told["sections.f_3s"] == pytest.approx(2 / 3)
    assert told["sections.pairwise_f"] < 0.8


def test_a_boundary_claims_one_within_3_s_and_the_first_section_claims_none() -> None:
    told = parts((0.0, 22.0, "A"), (22.0, 30.0, "B"), (30.0, 60.0, "A"), confidence=0.5)
    claims = rows_of(Claim, truth(sections=FORM), Estimate(sections=told))
    assert [claim.right for claim in claims] == [True, False]


# Regions


def test_regions_match_by_their_beginnings_and_their_ends_apart() -> None:
    known = truth(regions=parts((1.0, 2.0, ""), (3.0, 4.0, "")))
    told = values(known, Estimate(regions=parts((1.01, 2.5, ""), (3.03, 4.0, ""))))
    assert told == pytest.approx({"regions.count_error": 0, "regions.f_50ms": 0.75, "regions.error_ms": 10.0})


def test_a_silent_file_has_no_regions_and_none_too_many() -> None:
    assert values(truth(regions=()), Estimate(regions=())) == {"regions.count_error": 0.0}
    assert values(truth(regions=()), Estimate(regions=parts((0.0, 1.0, "")))) == {
        "regions.count_error": 1.0,
        "regions.f_50ms": 0.0,
    }


# Content


def test_content_is_the_share_of_the_annotated_time() -> None:
    known = truth(content=parts((0.0, 6.0, "music"), (6.0, 8.0, "speech")))
    told = Estimate(content=parts((0.0, 20.0, "Music")))
    assert values(known, told) == {"content.time_right": 0.75}


def test_a_content_label_claims_to_be_right_over_most_of_its_annotated_time() -> None:
    known = truth(content=parts((0.0, 6.0, "music"), (6.0, 8.0, "speech")))
    told = Estimate(
        content=parts((5.0, 8.0, "music"), (0.0, 7.0, "music"), (9.0, 10.0, "noise"), confidence=0.7)
    )
    assert [claim.right for claim in rows_of(Claim, known, told)] == [False, True]


# Notes


def note(onset_s: float, offset_s: float, pitch: float) -> NoteMark:
    return NoteMark(onset_s=onset_s, offset_s=offset_s, pitch=pitch)


@pytest.mark.parametrize(
    ("told", "scores"),
    [
        (note(1.04, 2.1, 60.4), (1.0, 1.0)),
        (note(1.0, 2.5, 60.0), (1.0, 0.0)),
        (note(1.0, 2.0, 60.6), (0.0, 0.0)),
        (note(1.06, 2.0, 60.0), (0.0, 0.0)),
    ],
)
def test_a_note_is_right_by_onset_pitch_and_offset(told: NoteMark, scores: tuple[float, float]) -> None:
    found = values(truth(notes=(note(1.0, 2.0, 60.0),)), Estimate(notes=(told,)))
    assert (found["notes.f_onset"], found["notes.f"]) == scores


def test_a_note_without_length_is_a_note() -> None:
    short = (note(1.0, 1.0, 60.0),)
    assert values(truth(notes=short), Estimate(notes=short)) == {"notes.f_onset": 1.0, "notes.f": 1.0}


def test_a_long_piece_is_matched_in_parts_as_it_would_be_in_one() -> None:
    rng = np.random.default_rng(5)
    sides = [
        as_notes(
            tuple(note(t, t + 0.1, 60.0 + k % 4) for k, t in enumerate(np.sort(rng.uniform(0.0, 40.0, 500))))
        )
        for _ in range(2)
    ]
    whole = mir_eval.transcription.match_notes(*sides[0], *sides[1], offset_ratio=None)
    assert len(matched(*sides, with_offsets=False)) == len(whole) > 50


# Chords


def test_time_without_an_answer_is_no_chord() -> None:
    known = truth(chords=parts((0.0, 2.0, "C:maj"), (2.0, 4.0, "N")))
    told = Estimate(chords=parts((0.0, 1.0, "C:min")))
    assert values(known, told) == {"chords.root": 0.75, "chords.majmin": 0.5}


def test_a_label_that_is_no_chord_is_left_out_of_a_truth_and_wrong_in_an_answer() -> None:
    known = truth(chords=parts((0.0, 2.0, "C:maj"), (2.0, 4.0, "something")))
    assert values(known, Estimate(chords=parts((0.0, 4.0, "C"))))["chords.root"] == 1.0
    assert values(known, Estimate(chords=parts((0.0, 4.0, "C:dur"))))["chords.root"] == 0.0


def test_no_chords_where_there_are_some_are_wrong() -> None:
    rows: list[Row] = score(truth(chords=parts((0.0, 2.0, "N"))), Estimate())
    assert [row.value for row in rows if isinstance(row, Value)] == [0.0, 0.0]
