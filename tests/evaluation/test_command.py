"""`hemiola evaluate` through the real engine: rows for whatever happens, nothing computed twice, clear refusals."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bridges.workers import Workers
from core.errors import BadRequest, NoRoom
from evaluation import report
from evaluation.calibration import FittedOnThese
from evaluation.command import Asked, evaluate
from evaluation.items import Item
from evaluation.material import thinned
from evaluation.report import read_results
from evaluation.sets import SetError
from hemiola.testing import click_track

RATE = 22050
TRUTH = {"kind": "clicks", "origin": "generated", "source": "a test", "licence": "CC0-1.0"}
CRASHES = """
import os
from hemiola import Config, Context, Plugin, Region, hookimpl
from hemiola.results import Onsets


class Crashes(Plugin[Onsets, Config]):
    \"\"\"Ends its process.\"\"\"

    name, version, licence = "onsets.crashes", "1.0.0", "MIT"

    def analyze(self, region: Region, context: Context) -> Onsets:
        os.abort()


@hookimpl
def hemiola_plugins():
    return [Crashes]
"""


def write_wav(path: Path, samples: np.ndarray) -> None:
    import soundfile

    soundfile.write(path, samples, RATE, subtype="PCM_16")


@pytest.fixture
def clicks(tmp_path: Path) -> Path:
    """A set of one recording: clicks at 120 BPM for eight seconds, half a second in."""
    folder = tmp_path / "clicks"
    folder.mkdir()
    onsets = [0.5 + 0.5 * n for n in range(16)]
    write_wav(folder / "a.wav", click_track(onsets, 9.0, RATE))
    (folder / "a.json").write_text(json.dumps({**TRUTH, "onsets": onsets, "beats": onsets, "tempo": 120.0}))
    return folder


@pytest.fixture
def asked(tmp_path: Path, clicks: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setenv("HEMIOLA_CACHE", str(tmp_path / "cache"))
    return {
        "sets": (str(clicks),),
        "out": tmp_path / "out",
        "data": tmp_path / "data",
        "questions": ("onsets",),
    }


def figures(out: Path) -> dict[tuple[str, str], float]:
    """The value of every figure of the one whole set, by system and name."""
    told = read_results(out / "results.json").told.figures
    return {(each.system, each.name): each.value for each in told if each.set and not each.by}


def test_clicks_are_found_and_the_report_is_written(
    asked: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate(Asked(**asked)) == 0
    found = figures(asked["out"])
    assert found["hemiola", "onsets.f_50ms"] > 0.95 > found["constant", "onsets.f_50ms"]
    assert "onset F (50 ms)" in capsys.readouterr().out
    assert "<html" in (asked["out"] / "report.html").read_text()


def test_a_broken_file_is_a_row_and_not_the_end(asked: dict[str, Any], clicks: Path) -> None:
    (clicks / "b.wav").write_bytes(b"RIFF, but no more of it")
    (clicks / "b.json").write_text(json.dumps({**TRUTH, "onsets": [0.5]}))
    assert evaluate(Asked(**asked)) == 3
    results = read_results(asked["out"] / "results.json")
    (lost,) = results.lost
    assert (lost.item, lost.verdict) == ("b", "none")
    assert lost.reason
    assert figures(asked["out"])["hemiola", "onsets.f_50ms"] == pytest.approx(0.5, abs=0.03)


def test_a_provider_that_crashes_scores_nothing_and_says_so(asked: dict[str, Any]) -> None:
    dropped = asked["data"] / "plugins.d"
    dropped.mkdir(parents=True)
    (dropped / "crashes.py").write_text(CRASHES)
    evaluate(Asked(**asked, providers=("onsets.crashes",)))
    assert figures(asked["out"])["onsets.crashes", "onsets.f_50ms"] == 0.0
    runs = {
        run.plugin: run.status
        for record in read_results(asked["out"] / "results.json").records
        for run in record.runs
    }
    assert runs["onsets.crashes"] == "crashed"


def test_a_peer_that_cannot_run_is_named_and_no_zero(
    asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = {"numpy1": "The environment numpy1 is not built."}
    monkeypatch.setattr(Workers, "reason", lambda self, name: missing.get(name))
    evaluate(Asked(**asked, peers=("madmom", "librosa")))
    results = read_results(asked["out"] / "results.json")
    assert {record.system for record in results.records} == {"hemiola", "librosa", "constant"}
    assert f"onsets.madmom is not scored: {missing['numpy1']}" in results.run.notices


def test_a_second_run_computes_nothing_anew(asked: dict[str, Any]) -> None:
    evaluate(Asked(**asked))
    first = read_results(asked["out"] / "results.json").records
    evaluate(Asked(**asked))
    again = read_results(asked["out"] / "results.json").records
    assert [record.runs for record in again] == [record.runs for record in first]  # to the last digit: kept
    evaluate(Asked(**asked, force=True))
    forced = read_results(asked["out"] / "results.json").records
    assert [record.runs for record in forced] != [record.runs for record in first]


def test_a_provider_stands_in_for_the_chains_choice(asked: dict[str, Any]) -> None:
    evaluate(Asked(**asked, providers=("onsets.librosa",)))
    records = read_results(asked["out"] / "results.json").records
    (own,) = [record for record in records if record.system == "onsets.librosa"]
    assert [run.plugin for run in own.runs] == ["onsets.librosa"]


def test_a_worn_copy_is_a_variant_of_its_item(asked: dict[str, Any]) -> None:
    evaluate(Asked(**asked, robustness=("resampled", "drums_down")))
    variants = {record.variant for record in read_results(asked["out"] / "results.json").records}
    assert variants == {"", "resampled"}  # the drums are not known alone


def test_a_baseline_says_what_changed(
    asked: dict[str, Any], clicks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evaluate(Asked(**asked))
    before = asked["out"] / "results.json"
    (clicks / "a.json").write_text(json.dumps({**TRUTH, "onsets": [0.25 + 0.5 * n for n in range(16)]}))
    capsys.readouterr()
    evaluate(Asked(**{**asked, "out": asked["out"] / "new"}, baseline=before))
    assert "worse" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"questions": ("loudness",)}, "'loudness' is not scored"),
        ({"peers": ("marsyas",)}, "there is no peer 'marsyas'"),
        ({"providers": ("onsets.nobody",)}, "onsets.superflux"),
        ({"robustness": ("vinyl",)}, "mp3_64k"),
        ({"calibrate": "guessing"}, "temperature or isotonic"),
    ],
)
def test_what_is_not_known_is_refused_with_what_is(
    asked: dict[str, Any], changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(BadRequest, match=said):
        evaluate(Asked(**{**asked, **changes}))


def test_a_malformed_truth_names_file_and_field(asked: dict[str, Any], clicks: Path) -> None:
    (clicks / "a.json").write_text(json.dumps({**TRUTH, "onsets": [3.0, 1.0]}))
    with pytest.raises(SetError, match=r"a\.json.*onsets"):
        evaluate(Asked(**asked))


@pytest.mark.parametrize("wanted", ["out", "data", "cache"])
def test_a_folder_that_cannot_be_written_is_refused_before_anything_is_computed(
    asked: dict[str, Any], wanted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    below = tmp_path / "file" / "below"
    monkeypatch.setenv("HEMIOLA_CACHE", str(below if wanted == "cache" else tmp_path / "cache"))
    with pytest.raises(BadRequest, match="can be written there"):
        evaluate(Asked(**{**asked, wanted: below} if wanted != "cache" else asked))
    assert not (asked["data"] / "evaluation").exists()


def test_the_files_are_whole_before_the_tables_are_printed(
    asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def enough(*_: object) -> None:  # `hemiola evaluate SET | head -1`
        raise BrokenPipeError

    monkeypatch.setattr(report, "print_tables", enough)
    with pytest.raises(BrokenPipeError):
        evaluate(Asked(**asked))
    assert {path.name for path in asked["out"].iterdir()} == {"report.html", "results.json", "tables.md"}


def test_a_disk_that_fills_up_before_the_report_is_a_sentence(
    asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(report, "write_page", full)
    with pytest.raises(NoRoom, match=r"No space left on device.*Every answer is kept"):
        evaluate(Asked(**asked))


def test_a_report_inside_the_set_is_no_part_of_it(asked: dict[str, Any], clicks: Path) -> None:
    for out in (clicks, clicks / "evaluation-report"):
        evaluate(Asked(**{**asked, "out": out}))
    assert evaluate(Asked(**asked)) == 0


def test_items_are_thinned_evenly_within_each_set(clicks: Path) -> None:
    from evaluation.annotation import Truth

    items = [Item(name, f"{n}", clicks / "a.wav", Truth(**TRUTH)) for name in "ab" for n in range(9)]
    assert [(item.set, item.name) for item in thinned(items, 3)] == [(s, n) for s in "ab" for n in "048"]


def test_confidences_are_fitted_judged_on_other_songs_and_refused_on_the_same(
    asked: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    keys = {**asked, "sets": ("builtin",), "questions": ("key",), "cases": 24}
    evaluate(Asked(**keys, calibrate="temperature", providers=("key.librosa",)))
    found = asked["out"] / "calibrations.json"
    assert "key_exact" in capsys.readouterr().out
    assert {one["system"] for one in json.loads(found.read_text())} & {"hemiola", "key.librosa"}
    with pytest.raises(FittedOnThese, match="builtin/"):
        evaluate(Asked(**keys, calibration=found))
    evaluate(Asked(**keys, seed=1, calibration=found))


def test_no_answer_that_never_listened_beats_the_projects_providers_over_classes(
    asked: dict[str, Any], tmp_path: Path
) -> None:
    evaluate(Asked(**{**asked, "sets": ("builtin",), "questions": ()}, cases=12))
    found = figures(asked["out"])
    macros = {name for _, name in found if name.endswith(".macro")}
    assert "key.exact.macro" in macros
    for name in macros & {name for system, name in found if system == "hemiola"}:
        assert found["hemiola", name] > found["constant", name], name
    assert {"meter.exact.macro", "hits.f_50ms.macro", "polyrhythms.f.macro"} <= macros
    for name in macros:  # a third: that is one meter of the three there are here
        assert found["constant", name] <= 1 / 3, name
