"""Exports over HTTP: every format, written by a worker, and a sentence where there is nothing to write."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import mido
import numpy as np
import pytest

from core import exporting
from hemiola.testing import click_track
from tests.api.live import HERE, RATE, Json, Live
from tests.conftest import write_wav

ONLY = ["hits.drummer", "meter.drummed", "tempo.drummed"]
SECONDS = 7.0
BARS = 3


@pytest.fixture(scope="module")
def drums(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Iterator[Live]:
    """A server with a drummer among its plugins."""
    folder = tmp_path_factory.mktemp("drums")
    plugins = folder / "data" / "plugins.d"
    plugins.mkdir(parents=True)
    shutil.copy(HERE / "drummer.py", plugins)
    with Live(folder) as running:
        yield running


@pytest.fixture(scope="module")
def song(drums: Live) -> str:
    """Where exports of a file of one take are."""
    return heard(drums, drums.sound("drums é.wav", SECONDS))


def heard(drums: Live, path: Path, **config: object) -> str:
    document = drums.analyze(
        path, "hits", "meter", "tempo", only=ONLY, config={"hits.drummer": config, "tempo.drummed": {}}
    )
    assert document["verdict"] == "complete", document
    return f"/api/files/{document['file']['sha256']}/export"


def test_hits_are_told_in_the_fields_agreed_on(drums: Live, song: str) -> None:
    told: Json = drums.get(f"{song}/hits")
    assert (told["detected_bpm"], told["bpm_unreliable"], told["confidence_score"]) == (120.0, False, 0.4)
    assert told["low_confidence"] is True and told["duration_seconds"] == pytest.approx(SECONDS)
    assert told["hit_summary"]["hihat_closed"] == 8 * BARS and len(told["hits"]) == 13 * BARS
    assert told["hits"][-1]["instrument"] in ("tom_high", "hihat_closed")


def test_midi_has_every_hit_where_it_was_heard(drums: Live, song: str) -> None:
    answer = drums.client.get(f"{song}/midi")
    assert answer.headers["content-type"] == "audio/midi"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''drums%20%C3%A9.mid"
    now, found = 0.0, []
    for message in mido.MidiFile(file=io.BytesIO(answer.content)):
        now += message.time
        found += [now] if message.type == "note_on" else []
    told = [one["time"] for one in drums.get(f"{song}/hits")["hits"]]
    assert found == pytest.approx(told, abs=0.001)


def test_musicxml_and_a_drawing_have_the_bars(drums: Live, song: str) -> None:
    score = ElementTree.fromstring(drums.client.get(f"{song}/musicxml").content)
    assert len(list(score.iter("measure"))) == BARS
    assert sum(note.find("unpitched") is not None for note in score.iter("note")) == 13 * BARS
    drawn = drums.client.get(f"{song}/svg")
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert "measure" in {one.get("class") for one in ElementTree.fromstring(drawn.content).iter()}


def test_several_takes_are_one_score_and_each_can_be_had_alone(drums: Live) -> None:
    clicks = click_track(np.arange(0.1, 5.0, 0.25), 5.0, RATE)
    noise = 0.002 * np.random.default_rng(1).standard_normal(len(clicks))
    silence = np.zeros(4 * RATE)
    tape = np.concatenate([clicks + noise, silence, clicks + noise])
    where = heard(drums, write_wav(drums.home / "tape.wav", tape, RATE))
    score = ElementTree.fromstring(drums.client.get(f"{where}/musicxml").content)
    assert [mark.text.partition(",")[0] for mark in score.iter("rehearsal") if mark.text] == [
        "Take 1",
        "Take 2",
    ]
    second = drums.client.get(f"{where}/musicxml", params={"take": 2})
    assert "take-2.musicxml" in second.headers["content-disposition"]
    assert not list(ElementTree.fromstring(second.content).iter("rehearsal"))
    assert min(one["time"] for one in drums.get(f"{where}/hits", params={"take": 2})["hits"]) > 8
    told = drums.get(f"{where}/midi", 422, params={"take": 3})
    assert "takes with hits are 1, 2" in told["detail"]


def test_what_a_reader_should_know_is_in_a_header(drums: Live) -> None:
    path = drums.sound("lonely.wav", SECONDS)
    document = drums.analyze(path, "hits", "tempo", only=["tempo.drummed"])
    answer = drums.client.get(f"/api/files/{document['file']['sha256']}/export/musicxml")
    (remark,) = json.loads(answer.headers["hemiola-remarks"])
    assert remark.startswith("No meter was found: written in 4/4 at 120 BPM")


def test_a_file_whose_hits_were_not_asked_for_is_409_with_what_to_do(drums: Live) -> None:
    sha = drums.analyze(drums.sound("mute.wav"))["file"]["sha256"]
    assert "analyse it with the questions hits" in drums.get(f"/api/files/{sha}/export/midi", 409)["detail"]
    drums.get(f"/api/files/{'0' * 64}/export/midi", 404)
    drums.get(f"/api/files/{sha}/export/braille", 422)


def test_a_file_without_hits_has_a_list_and_no_score(drums: Live) -> None:
    where = heard(drums, drums.sound("still.wav"), hits=False)
    assert drums.get(f"{where}/hits")["hits"] == []
    for format in ("midi", "musicxml", "svg"):
        assert "no drum hits" in drums.get(f"{where}/{format}", 409)["detail"]


def test_a_later_analysis_without_hits_does_not_hide_them(drums: Live) -> None:
    path = drums.sound("later.wav", SECONDS)
    where = heard(drums, path)
    drums.analyze(path, "features")
    assert drums.get(f"{where}/hits")["hits"]


def test_pdf_without_a_program_is_501_and_names_the_package(
    drums: Live, song: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "needs the package lilypond (or musescore)" in drums.get(f"{song}/pdf", 501)["detail"]


def test_pdf_by_a_program_that_is_wanted_and_not_there_names_it(
    drums: Live, song: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    parts = drums.engine.exports._parts
    wanted = replace(parts, settings=parts.settings.model_copy(update={"pdf_backend": "musescore"}))
    monkeypatch.setattr(drums.engine.exports, "_parts", wanted)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "needs the package musescore" in drums.get(f"{song}/pdf", 501)["detail"]


def test_pdf_is_made_by_a_program_and_its_failure_is_told(
    drums: Live, song: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A stand-in under LilyPond's name: it has the score, and writes where it is told to."""
    script = tmp_path / "lilypond"
    script.write_text(
        '#!/bin/sh\nfor last; do :; done\ngrep -q "repeat percent" "$last" && printf "%%PDF-1.4 stand-in" > "$3.pdf"\n'
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    answer = drums.client.get(f"{song}/pdf")
    assert (answer.content, answer.headers["content-type"]) == (b"%PDF-1.4 stand-in", "application/pdf")
    script.write_text("#!/bin/sh\necho the staff is out of ink\nexit 1\n")
    assert "the staff is out of ink" in drums.get(f"{song}/pdf", 500)["detail"]


@pytest.mark.skipif(shutil.which("lilypond") is None, reason="the package lilypond is not installed")
def test_lilypond_makes_a_pdf(drums: Live, song: str) -> None:
    assert drums.client.get(f"{song}/pdf").content.startswith(b"%PDF-")


def test_a_writer_that_uses_too_much_is_ended_and_told(
    drums: Live, song: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "CPU_S", 0.05)
    monkeypatch.setattr(exporting, "CPU_S_PER_HIT", 0.0)
    assert "s of processor time" in drums.get(f"{song}/musicxml", 500)["detail"]
