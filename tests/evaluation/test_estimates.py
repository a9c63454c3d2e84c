"""What a document says, in the form of the truth."""

from __future__ import annotations

from typing import Any

from evaluation.annotation import Estimate, Truth
from evaluation.estimates import estimate_of, runs_of
from evaluation.scores import score
from hemiola.results import Beats, Groove, Hits, Key, Meter, Onsets, Result, Sections, Subdivision, Tempo

Regions = list[dict[str, Any]]


def region(
    level: str, start_s: float, end_s: float, *answers: Result, outcomes: Regions | None = None
) -> dict[str, Any]:
    results = {answer.question: answer.model_dump(mode="json", by_alias=True) for answer in answers}
    return {
        "level": level,
        "start_s": start_s,
        "end_s": end_s,
        "results": results,
        "outcomes": outcomes or [],
    }


def document(*regions: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
    whole = region("file", 0.0, max((r["end_s"] for r in regions), default=0.0))
    return {"regions": [whole, *regions], "intake": {"reason": reason}}


def outcome(plugin: str, status: str, reason: str = "", seconds: float = 1.0, peak: float = 10.0) -> Any:
    question = plugin.split(".")[0]
    return {
        "plugin": plugin,
        "question": question,
        "status": status,
        "reason": reason,
        "seconds": seconds,
        "peak_mb": peak,
    }


def test_the_events_of_all_takes_are_joined_in_order() -> None:
    told = document(
        region("take", 0.0, 3.0, Beats(times=(0.5, 1.0))), region("take", 9.0, 11.0, Beats(times=(9.5, 10.0)))
    )
    assert estimate_of(told).beats == (0.5, 1.0, 9.5, 10.0)


def test_onsets_are_those_of_the_regions() -> None:
    found = Onsets(times=(0.1,), strengths=(1.0,))
    told = document(region("take", 0.0, 3.0), region("region", 0.0, 1.0, found))
    assert estimate_of(told).onsets == (0.1,)


def test_the_file_has_the_key_of_its_longest_take_with_an_answer() -> None:
    keys = [
        Key(tonic=tonic, mode="minor", label="", method="", confidence=p)
        for tonic, p in (("A", 0.2), ("C#", 0.7))
    ]
    told = document(
        region("take", 0.0, 3.0, keys[0]), region("take", 9.0, 20.0, keys[1]), region("take", 30.0, 99.0)
    )
    found = estimate_of(told)
    assert (found.key, found.confidences) == ("C# minor", {"key": 0.7})


def test_an_atonal_answer_is_an_answer() -> None:
    told = document(region("take", 0.0, 3.0, Key(tonic=None, mode="atonal", label="atonal", method="")))
    assert estimate_of(told).key == "atonal"


def test_a_key_that_was_skipped_for_cause_is_none() -> None:
    said = [outcome("key.essentia", "skipped", "nothing but speech here, which has no key")]
    assert estimate_of(document(region("take", 0.0, 3.0, outcomes=said))).key == "atonal"


def test_a_key_that_nobody_could_answer_is_no_answer() -> None:
    said = [outcome("key.essentia", "crashed", "it stopped")]
    assert estimate_of(document(region("take", 0.0, 3.0, outcomes=said))).key is None


def test_the_tactus_of_a_meter_comes_before_the_trackers_pulse() -> None:
    meter = Meter(meter="6/8", grouping=(3, 3), beat_times=(0.0, 1.0), downbeat_times=(0.0,))
    told = document(region("take", 0.0, 3.0, meter, Beats(times=(0.0, 0.5, 1.0))))
    assert estimate_of(told).beats == (0.0, 1.0)
    assert estimate_of(told, beats_first=True).beats == (0.0, 0.5, 1.0)


def test_a_meter_claims_its_name_and_its_downbeats() -> None:
    meter = Meter(meter="3/4", confidence=0.5, downbeat_times=(0.0, 1.5), downbeat_confidence=0.7)
    assert estimate_of(document(region("take", 0.0, 3.0, meter))).confidences == {
        "meter": 0.5,
        "downbeats": 0.7,
    }


def test_a_meter_without_beats_leaves_the_pulse_in_its_place() -> None:
    told = document(region("take", 0.0, 3.0, Meter(meter=None), Beats(times=(0.0, 0.5))))
    assert estimate_of(told).beats == (0.0, 0.5)


def test_a_meter_without_segments_holds_for_its_take() -> None:
    told = document(region("take", 1.0, 3.0, Meter(meter="7/8", grouping=(2, 2, 3))))
    (stretch,) = estimate_of(told).segments or ()
    assert (stretch.start_s, stretch.end_s, stretch.meter) == (1.0, 3.0, "7/8")


def test_arrays_that_are_kept_apart_are_no_obstacle() -> None:
    told = document(region("take", 0.0, 3.0, Beats(times=(0.5,))))
    told["regions"][1]["results"]["beats"]["activation"] = {"rate_hz": 100.0, "start_s": 0.0, "shape": [300]}
    assert estimate_of(told).beats == (0.5,)


def test_nothing_answered_is_not_the_same_as_none_found() -> None:
    found = estimate_of(document(region("take", 0.0, 3.0, Subdivision())))
    assert found.polyrhythms == ()
    assert found.hits is None


def test_what_a_plugin_did_is_added_up_over_regions() -> None:
    told = document(
        region("take", 0.0, 3.0, outcomes=[outcome("key.essentia", "ok", seconds=1.0, peak=10.0)]),
        region("take", 5.0, 9.0, outcomes=[outcome("key.essentia", "failed", "no", seconds=2.0, peak=30.0)]),
    )
    (run,) = runs_of(told)
    assert (run.status, run.reason, run.seconds, run.peak_mb) == ("failed", "no", 3.0, 30.0)


def test_truth_that_comes_back_through_a_document_is_right_in_everything() -> None:
    beats = tuple(0.5 * n for n in range(33))
    truth = Truth(
        kind="drums",
        origin="generated",
        source="a test",
        licence="CC0-1.0",
        beats=beats,
        units=beats,
        downbeats=beats[::4],
        meter="4/4",
        grouping=(1, 1, 1, 1),
        tempo=120.0,
        key="A minor",
        swing=1.5,
        onsets=beats,
        hits=tuple(
            {"time_s": t, "instrument": "kick", "velocity": 0.3 + 0.02 * n} for n, t in enumerate(beats)
        ),
        polyrhythms=(),
        modulations=(),
        sections=(
            {"start_s": 0.0, "end_s": 8.0, "label": "A"},
            {"start_s": 8.0, "end_s": 16.0, "label": "B"},
        ),
    )
    take = region(
        "take",
        0.0,
        16.5,
        Meter(
            meter="4/4", grouping=(1, 1, 1, 1), beat_times=beats, unit_times=beats, downbeat_times=beats[::4]
        ),
        Tempo(bpm=120.0, pulse_bpm=120.0),
        Key(tonic="A", mode="minor", label="A minor", method=""),
        Groove(swing_ratio=1.5),
        Subdivision(),
        Sections(
            sections=(
                {"start_s": 0.0, "end_s": 8.0, "label": "A"},
                {"start_s": 8.0, "end_s": 16.0, "label": "B"},
            )
        ),
        Hits(
            hits=tuple(
                {"time_s": h.time_s, "instrument": "kick", "velocity": h.velocity} for h in truth.hits or ()
            ),
            source="mix",
        ),
    )
    onsets = region("region", 0.0, 16.5, Onsets(times=beats, strengths=[1.0] * len(beats)))
    assert_right(score(truth, estimate_of(document(take, onsets)), questions=None))


def assert_right(rows: Any) -> None:
    from evaluation.measures import MEASURES
    from evaluation.rows import Choice, Counts, Failure, Value

    assert rows
    for row in rows:
        assert not isinstance(row, Failure), row
        if isinstance(row, Value):
            wanted = 1.0 if MEASURES[row.measure].better == "higher" else 0.0
            assert abs(row.value - wanted) < 1e-9, row
        if isinstance(row, Counts):
            assert (row.invented, row.missed) == (0, 0), row
        if isinstance(row, Choice):
            assert row.right, row


def test_an_empty_document_is_an_empty_answer() -> None:
    found = estimate_of({"regions": [], "intake": None})
    assert found == Estimate(regions=())


def test_events_beyond_the_end_of_a_region_are_scored_as_they_are() -> None:
    onsets = [Onsets(times=times, strengths=(1.0,) * len(times)) for times in ((0.1, 1.3), (1.2,))]
    told = document(region("region", 0.0, 1.0, onsets[0]), region("region", 1.0, 2.0, onsets[1]))
    assert estimate_of(told).onsets == (0.1, 1.2, 1.3)
