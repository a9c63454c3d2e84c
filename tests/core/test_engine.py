"""From a file to its document: regions, answers, shared and inherited ones, and what bad files get."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.engine import Engine
from core.requests import Request
from core.waveform import parse_peaks
from hemiola.testing import click_track, tone
from tests.conftest import Recording, write_wav


def analyze(engine: Engine, path: Path, **asked: Any) -> dict[str, Any]:
    job = engine.submit(path, Request(**asked))
    engine.wait(job.id)
    document: dict[str, Any] = json.loads(engine.document(job.id))
    return document


def at(document: dict[str, Any], level: str) -> list[dict[str, Any]]:
    return [region for region in document["regions"] if region["level"] == level]


def test_the_default_chain_answers_everything_about_a_recording(
    shared_engine: Engine, recording: Recording
) -> None:
    document = analyze(shared_engine, recording(seconds=12.0))
    assert document["verdict"] == "complete", document["notices"]
    (take,) = at(document, "take")
    assert {"features", "content", "beats", "tempo", "key"} <= take["results"].keys()
    assert abs(take["results"]["tempo"]["bpm"] - 120) < 2.4
    assert document["summary"]["key"] == take["results"]["key"]["label"]
    onsets = [t for region in at(document, "region") for t in region["results"]["onsets"]["times"]]
    assert len(onsets) == pytest.approx(24, abs=1)


def test_the_only_region_of_a_take_inherits_its_answers(shared_engine: Engine, recording: Recording) -> None:
    document = analyze(shared_engine, recording(seconds=8.0), questions=("features",))
    (take,), (region,) = at(document, "take"), at(document, "region")
    assert take["results"]["features"] and not region["outcomes"]
    assert region["inherited"]["features"] == take["id"]


def test_a_tape_is_cut_into_takes_and_regions(shared_engine: Engine, tmp_path: Path) -> None:
    rate, noise = 22050, np.random.default_rng(1)
    sound = tone(440.0, 2.0, rate, 0.3)
    gaps = {"short": 0.8, "long": 5.0}
    parts = [sound, gaps["short"], sound, gaps["long"], sound]
    tape = np.concatenate([p if isinstance(p, np.ndarray) else np.zeros(round(p * rate)) for p in parts])
    tape = np.pad(tape, rate // 2) + 1e-4 * noise.standard_normal(len(tape) + rate // 2 * 2)
    document = analyze(shared_engine, write_wav(tmp_path / "tape.wav", tape, rate), questions=("features",))
    starts = [region["start_s"] for region in at(document, "region")]
    assert np.allclose(starts, [0.5, 3.3, 10.3], atol=0.03)
    assert [
        len([r for r in at(document, "region") if r["parent"] == t["id"]]) for t in at(document, "take")
    ] == [2, 1]
    assert document["summary"]["takes"] == 2


def test_a_waveform_is_kept_in_three_resolutions(shared_engine: Engine, recording: Recording) -> None:
    document = analyze(shared_engine, recording(seconds=20.0), questions=("features",))
    folder = shared_engine.views.folder(document["file"]["sha256"])
    assert parse_peaks((folder / "peaks.dat").read_bytes()).samples_per_pixel == 256
    for name, count in (("overview.f32", 1000), ("zoom.f32", 1723)):
        low, high, rms = np.fromfile(folder / name, "<f4").reshape(-1, 3).T
        assert len(low) == count and (low <= rms).all() and (rms <= np.maximum(high, -low) + 1e-6).all()
    assert high.max() == pytest.approx(0.98, abs=0.2)


def test_silence_is_complete_with_no_regions(shared_engine: Engine, tmp_path: Path) -> None:
    document = analyze(shared_engine, write_wav(tmp_path / "silence.wav", np.zeros(44100), 22050))
    assert (document["verdict"], document["regions"]) == ("complete", [])


def test_an_out_of_phase_pair_is_not_silence(shared_engine: Engine, tmp_path: Path) -> None:
    one = tone(440.0, 2.0)
    path = write_wav(tmp_path / "phase.wav", np.stack([one, -one], axis=1), 22050)
    assert analyze(shared_engine, path, questions=("features",))["summary"]["regions"] == 1


def test_a_second_analysis_of_the_same_bytes_runs_nothing(shared_engine: Engine, tmp_path: Path) -> None:
    samples = click_track(np.arange(0.2, 6, 0.4), 6.0)
    first = analyze(shared_engine, write_wav(tmp_path / "one.wav", samples, 22050))
    again = analyze(shared_engine, write_wav(tmp_path / "sub" / "other.wav", samples, 22050))
    assert {o["disposition"] for r in again["regions"] for o in r["outcomes"]} == {"reused"}
    assert [r["results"] for r in again["regions"]] == [r["results"] for r in first["regions"]]
    assert again["file"]["name"] == "other.wav"


def test_force_runs_again_and_gives_the_same_bytes(shared_engine: Engine, recording: Recording) -> None:
    path = recording(seconds=7.0)
    first = analyze(shared_engine, path)
    forced = analyze(shared_engine, path, force=True)
    assert {o["disposition"] for r in forced["regions"] for o in r["outcomes"] if o["status"] == "ok"} == {
        "fresh"
    }
    assert json.dumps([r["results"] for r in forced["regions"]]) == json.dumps(
        [r["results"] for r in first["regions"]]
    )


def test_a_changed_threshold_keeps_the_answers_of_unchanged_regions(
    shared_engine: Engine, tmp_path: Path
) -> None:
    rate = 22050
    sound, gap = tone(440.0, 1.0, rate, 0.3), np.zeros(round(0.6 * rate))
    far = np.zeros(5 * rate)
    tape = np.concatenate([sound, gap, sound, far, sound])
    path = write_wav(tmp_path / "tape.wav", tape, rate)
    analyze(shared_engine, path, questions=("onsets",), regions={"min_gap_s": 0.3})
    coarse = analyze(shared_engine, path, questions=("onsets",), regions={"min_gap_s": 1.0})
    told = {(r["start_s"] > 5): r["outcomes"][0]["disposition"] for r in at(coarse, "region")}
    assert told == {False: "fresh", True: "reused"}


def test_two_jobs_on_the_same_bytes_wait_for_each_other(shared_engine: Engine, tmp_path: Path) -> None:
    samples = click_track(np.arange(0.1, 5, 0.3), 5.0)
    paths = [write_wav(tmp_path / f"{n}.wav", samples, 22050) for n in range(3)]
    jobs = [shared_engine.submit(path, Request(questions=("onsets",))) for path in paths]
    documents = []
    for job in jobs:
        shared_engine.wait(job.id)
        documents.append(json.loads(shared_engine.document(job.id)))
    dispositions = [o["disposition"] for d in documents for r in d["regions"] for o in r["outcomes"]]
    assert sorted(dispositions) == ["fresh", "reused", "reused"]


def test_the_same_request_is_not_queued_twice(shared_engine: Engine, recording: Recording) -> None:
    path = recording(seconds=9.0)
    first, second = (shared_engine.submit(path, Request(force=True)) for _ in range(2))
    assert first.id == second.id
    shared_engine.wait(first.id)
    assert shared_engine.submit(path, Request()).id != first.id


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda path: path.touch(), "empty"),
        (lambda path: path.write_bytes(os.urandom(5000)), "unknown_format"),
        (lambda path: path.mkdir(), "not_a_file"),
        (os.mkfifo, "not_a_file"),
        (lambda path: None, "vanished"),
        (lambda path: path.symlink_to("/dev/zero"), "not_a_file"),
    ],
)
def test_bad_input_gets_a_code_and_a_sentence(
    shared_engine: Engine, tmp_path: Path, make: Any, code: str
) -> None:
    path = tmp_path / "strange.wav"
    make(path)
    document = analyze(shared_engine, path)
    assert (document["verdict"], document["intake"]["code"]) == ("none", code)
    assert "strange.wav" in document["intake"]["reason"] and "Traceback" not in document["intake"]["reason"]


def test_a_truncated_file_is_analysed_as_far_as_it_goes(shared_engine: Engine, recording: Recording) -> None:
    path = recording(seconds=6.0)
    os.truncate(path, 22050 * 2 * 3)
    document = analyze(shared_engine, path, questions=("onsets",))
    assert document["intake"]["code"] == "truncated"
    assert document["intake"]["truncated_at_s"] == pytest.approx(3.0, abs=0.01)
    assert document["verdict"] == "complete" and document["summary"]["regions"] >= 1


def test_a_recording_past_the_limit_is_refused_before_it_fills_the_disk(
    settings: Any, tmp_path: Path
) -> None:
    path = write_wav(tmp_path / "long.wav", tone(440.0, 60.0, 8000), 8000)
    with Engine(settings.model_copy(update={"max_hours": 0.01})) as engine:
        document = analyze(engine, path)
        assert document["intake"]["code"] == "too_long"
        assert not list(settings.workshop.rglob("*.f32"))


def test_a_broken_file_whose_name_is_no_text_is_refused_with_its_reason(
    shared_engine: Engine, tmp_path: Path
) -> None:
    path = tmp_path / "caf\udce9.wav"  # Latin-1, from an old disk
    path.write_bytes(b"no sound")
    document = analyze(shared_engine, path)
    assert document["intake"]["code"] == "unknown_format"
    assert "is not a sound file" in document["intake"]["reason"]


def test_views_are_given_up_when_the_cache_is_full_and_made_again(
    settings: Any, recording: Recording
) -> None:
    with Engine(settings.model_copy(update={"cache_gb": 1e-6})) as engine:
        first = analyze(engine, recording("a.wav", seconds=3.0), questions=("onsets",))
        analyze(engine, recording("b.wav", seconds=4.0), questions=("onsets",))
        assert len(list((settings.workshop / "audio").iterdir())) == 1
        again = analyze(engine, recording("a.wav", seconds=3.0), questions=("onsets", "features"))
        assert first["verdict"] == again["verdict"] == "complete"


def test_cancelling_keeps_what_is_stored_and_writes_the_rest_as_cancelled(
    engine: Engine, recording: Recording
) -> None:
    job = engine.submit(recording(seconds=60.0), Request())
    listener = engine.listen()
    while (event := listener.next(30.0)) is not None and event.kind != "outcome":
        pass
    assert engine.cancel(job.id)
    assert engine.wait(job.id).state == "cancelled"
    while (event := listener.next(30.0)) is not None and event.kind != "done":
        pass
    document = json.loads(engine.document(job.id))
    statuses = {o["status"] for r in document["regions"] for o in r["outcomes"]}
    assert "cancelled" in statuses and "ok" in statuses
    assert not engine.cancel(job.id)


def test_a_job_that_waits_for_the_same_bytes_ends_when_it_is_cancelled(
    engine: Engine, recording: Recording, tmp_path: Path
) -> None:
    first = recording("first.wav", seconds=60.0)
    second = tmp_path / "second.wav"
    second.write_bytes(first.read_bytes())
    listener = engine.listen()
    working = engine.submit(first, Request())
    while (event := listener.next(30.0)) is not None and event.kind != "progress":
        pass
    waiting = engine.submit(second, Request())
    while engine.job(waiting.id).state != "running":
        assert listener.next(10.0) is not None
    assert engine.cancel(waiting.id)
    ends = []
    while (event := listener.next(30.0)) is not None and not ends:
        ends = [event.job] if event.kind == "done" else []
    assert ends == [waiting.id]
    assert engine.wait(working.id).verdict == "complete"
