"""What a person says of a file: read, kept, respected by every later job, shown as theirs, taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from core.corrections import changes, corrected, held, read_bpm, read_meter, read_octave
from core.engine import Engine
from core.errors import BadRequest
from core.requests import Request
from core.settings import Settings
from hemiola import Corrections
from hemiola.results import Meter, Tempo
from tests.conftest import Recording

SOURCE = '''
"""Two tempos and a meter that measure the same whatever they hear."""
from hemiola import Config, Context, Plugin, Region, hookimpl
from hemiola.results import Meter, Tempo


class Deaf(Plugin[Tempo, Config]):
    """Measures 60."""
    name = "tempo.deaf"
    version = "1"
    audio = None
    memory = "128 MiB"

    def analyze(self, region: Region, context: Context) -> Tempo:
        assert not context.corrections
        return Tempo(bpm=60.0, pulse_bpm=60.0)


class Obedient(Plugin[Tempo, Config]):
    """Measures 60, and says what it is told."""
    name = "tempo.obedient"
    version = "1"
    audio = None
    memory = "128 MiB"
    heeds_corrections = True

    def analyze(self, region: Region, context: Context) -> Tempo:
        said = context.corrections
        bpm = said.bpm or 60.0 * (said.octave or 1.0)
        told = said.bpm is not None or said.octave is not None
        return Tempo(bpm=bpm, pulse_bpm=bpm, source="user" if told else "estimated")


class Square(Plugin[Meter, Config]):
    """Hears 4/4."""
    name = "meter.square"
    version = "1"
    audio = None
    memory = "128 MiB"

    def analyze(self, region: Region, context: Context) -> Meter:
        return Meter(meter="4/4", grouping=(2, 2), downbeat_times=(1.0, 3.0))


@hookimpl
def hemiola_plugins():
    return [Deaf, Obedient, Square]
'''


# -- reading --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "value"),
    [("120", 120.0), (92.5, 92.5), (120, 120.0), (" 90.50 ", 90.5), ("auto", "auto"), (None, None)],
)
def test_a_tempo_is_read(given: Any, value: Any) -> None:
    assert read_bpm(given) == value


@pytest.mark.parametrize(("given", "value"), [("1/3", 1 / 3), (2, 2.0), (".5", 0.5), ("auto", "auto")])
def test_a_factor_is_read(given: Any, value: Any) -> None:
    assert read_octave(given) == value


@pytest.mark.parametrize(
    "given", ["0", "abc", "", "-120", "1e3", "1e999999999", "nan", "1/0", "١٢٠", "4000", True, [120], 10**400]
)
def test_what_is_no_tempo_is_refused_with_what_is(given: Any) -> None:
    with pytest.raises(BadRequest, match=r"cannot be: bpm is a tempo from 10 to 1000 .* 92\.5"):
        read_bpm(given)


@pytest.mark.parametrize("given", ["0", "abc", "9", "1/9", True])
def test_what_is_no_factor_is_refused_with_what_is(given: Any) -> None:
    with pytest.raises(BadRequest, match=r"cannot be: octave says how many times .* 1/8 to 8, such as 2"):
        read_octave(given)


@pytest.mark.parametrize("given", ["7/8", "7/8 2+2+3", "4/4 3+3+2", "12/8", "auto", None])
def test_a_meter_is_read(given: Any) -> None:
    assert read_meter(given) == given


@pytest.mark.parametrize("given", ["7/5", "0/4", "seven", "7", "7/8 2+", "7/8 2 2 3", "100/4", 7])
def test_what_is_no_meter_is_refused_with_what_is(given: Any) -> None:
    with pytest.raises(
        BadRequest, match=r"cannot be: meter is one such as 7/8, or with its groups 7/8 2\+2\+3"
    ):
        read_meter(given)


def test_groups_that_do_not_add_up_are_refused_with_the_sum() -> None:
    with pytest.raises(BadRequest, match=r"“7/8 2\+2” cannot be: 2\+2 adds up to 4, and 7/8 has 7"):
        read_meter("7/8 2+2")


def test_a_tempo_and_a_factor_take_each_other_back_and_are_not_said_at_once() -> None:
    assert changes(120.0, None, None) == {"bpm": "120.0", "octave": None}
    assert changes(None, 2.0, "auto") == {"bpm": None, "octave": "2.0", "meter": None}
    assert changes("auto", "auto", None) == {"bpm": None, "octave": None}
    assert changes("auto", 2.0, None) == {"bpm": None, "octave": "2.0"}
    with pytest.raises(BadRequest, match="say one of them"):
        Request(bpm=120, octave=2)


@settings(deadline=None)
@given(some.floats(10, 1000) | some.none(), some.sampled_from([None, "7/8", "7/8 2+2+3", "4/4 3+3+2"]))
def test_what_is_kept_is_what_was_said(bpm: float | None, meter: str | None) -> None:
    request = Request.model_validate_json(Request(bpm=bpm, meter=meter).model_dump_json())
    kept = {field: value for field, value in request.said.items() if value is not None}
    said = held(kept)
    assert (said.bpm, said.octave) == (bpm, None)
    assert meter is None or meter.split() == [
        said.meter,
        *["+".join(map(str, said.grouping))][: bool(said.grouping)],
    ]


# -- in place of what was measured ----------------------------------------------------------


def shown(question: str, result: Tempo | Meter, **said: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(corrected(question, result.to_json(), Corrections(**said)))
    return told


def test_a_persons_value_stands_over_that_of_a_plugin_that_did_not_heed_it() -> None:
    tempo = shown("tempo", Tempo(bpm=60, pulse_bpm=60), bpm=120)
    assert (tempo["bpm"], tempo["pulse_bpm"], tempo["source"]) == (120, 60, "user")
    assert shown("tempo", Tempo(bpm=60, pulse_bpm=60), octave=2)["bpm"] == 120
    sure = shown("meter", Meter(meter="4/4", confidence=0.9), meter="3/4")
    assert sure["confidence"] is None
    meter = shown(
        "meter", Meter(meter="4/4", grouping=(2, 2), downbeat_times=(1.0,)), meter="7/8", grouping=(2, 2, 3)
    )
    assert (meter["meter"], meter["grouping"], meter["source"]) == ("7/8", [2, 2, 3], "user")
    assert meter["downbeat_times"] == [1.0]


def test_groups_that_were_measured_stay_where_the_meter_is_right() -> None:
    assert shown("meter", Meter(meter="7/8", grouping=(3, 2, 2)), meter="7/8")["grouping"] == [3, 2, 2]


def test_what_heeded_it_or_is_not_meant_is_left_byte_for_byte() -> None:
    heeded = Tempo(bpm=118.0, pulse_bpm=118.0, source="user").to_json()
    assert corrected("tempo", heeded, Corrections(bpm=120)) == heeded
    other = Tempo(bpm=60, pulse_bpm=60).to_json()
    assert corrected("tempo", other, Corrections(meter="7/8")) == other
    none = Tempo(bpm=None, pulse_bpm=None).to_json()
    assert corrected("tempo", none, Corrections(octave=2)) == none


# -- from job to job ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine with the drop-ins of this module; each test has a recording of its own."""
    folder = tmp_path_factory.mktemp("engine")
    (folder / "data" / "plugins.d").mkdir(parents=True)
    (folder / "data" / "plugins.d" / "told.py").write_text(SOURCE)
    with Engine(Settings(data=folder / "data", cache=folder / "cache")) as running:
        yield running


@pytest.fixture
def path(recording: Recording, request: pytest.FixtureRequest) -> Path:
    """A recording that no other test has."""
    return recording(bpm=100 + sum(request.node.name.encode()) % 97)


def analyze(engine: Engine, path: Path, by: str = "tempo.obedient", **asked: Any) -> dict[str, Any]:
    only = (by, "meter.square")
    job = engine.submit(path, Request(questions=("tempo", "meter"), only=only, **asked))
    engine.wait(job.id)
    document: dict[str, Any] = json.loads(engine.document(job.id))
    assert document["verdict"] == "complete", document["notices"]
    return document


def told(document: dict[str, Any], question: str) -> dict[str, Any]:
    (take,) = [region for region in document["regions"] if region["level"] == "take"]
    answer: dict[str, Any] = take["results"][question]
    return answer


def dispositions(document: dict[str, Any]) -> dict[str, str]:
    return {o["plugin"]: o["disposition"] for region in document["regions"] for o in region["outcomes"]}


def test_a_correction_is_kept_and_respected_by_later_jobs_until_it_is_taken_back(
    engine: Engine, path: Path
) -> None:
    measured = analyze(engine, path)
    assert (measured["summary"]["bpm"], measured["summary"]["bpm_source"]) == (60, "estimated")
    assert measured["corrections"] == {"bpm": None, "octave": None, "meter": None, "grouping": []}

    said = analyze(engine, path, bpm=118, meter="7/8 2+2+3")
    assert (told(said, "tempo")["bpm"], told(said, "tempo")["source"]) == (118, "user")
    assert (told(said, "meter")["meter"], told(said, "meter")["source"]) == ("7/8", "user")
    assert said["summary"]["bpm_source"] == said["summary"]["meter_source"] == "user"
    assert dispositions(said) == {"tempo.obedient": "fresh", "meter.square": "reused"}
    assert engine.library.file(said["file"]["sha256"]).summary.meter == "7/8"  # type: ignore[union-attr]

    later = analyze(engine, path)
    assert later["corrections"] == {"bpm": 118, "octave": None, "meter": "7/8", "grouping": [2, 2, 3]}
    assert told(later, "tempo") == told(said, "tempo") and told(later, "meter") == told(said, "meter")
    assert set(dispositions(later).values()) == {"reused"}
    assert analyze(engine, path, force=True)["summary"]["meter"] == "7/8"

    back = analyze(engine, path, bpm="auto", meter="auto")
    assert told(back, "tempo") == told(measured, "tempo") and told(back, "meter") == told(measured, "meter")
    assert set(dispositions(back).values()) == {"reused"}


def test_where_the_winner_does_not_heed_it_document_and_summary_say_it_all_the_same(
    engine: Engine, path: Path
) -> None:
    document = analyze(engine, path, by="tempo.deaf", octave="2")
    assert (told(document, "tempo")["bpm"], told(document, "tempo")["source"]) == (120, "user")
    assert (document["summary"]["bpm"], document["summary"]["bpm_source"]) == (120, "user")


def test_where_nothing_was_measured_the_summary_says_what_was_said(engine: Engine, path: Path) -> None:
    job = engine.submit(path, Request(questions=("features",), bpm=92, meter="5/4"))
    engine.wait(job.id)
    summary = json.loads(engine.document(job.id))["summary"]
    assert (summary["bpm"], summary["meter"], summary["bpm_source"]) == (92, "5/4", "user")


def test_a_document_stays_what_its_job_found(engine: Engine, path: Path) -> None:
    first = engine.submit(path, Request(questions=("tempo",), only=("tempo.deaf",), bpm=90))
    engine.wait(first.id)
    before = engine.document(first.id)
    analyze(engine, path, bpm=120)
    assert engine.document(first.id) == before


def test_it_is_the_bytes_that_are_meant_wherever_they_lie(engine: Engine, path: Path) -> None:
    analyze(engine, path, bpm=118)
    copy = path.with_name("copy.wav")
    copy.write_bytes(path.read_bytes())
    assert analyze(engine, copy)["summary"]["bpm"] == 118


def test_two_people_at_once_each_have_their_job_and_the_last_word_holds(engine: Engine, path: Path) -> None:
    words = [118.0, 92.0, 118.0]
    jobs = [
        engine.submit(path, Request(questions=("tempo",), only=("tempo.deaf",), bpm=one)) for one in words
    ]
    assert len({job.id for job in jobs}) == 3
    for job in jobs:
        engine.wait(job.id)
    sha = json.loads(engine.document(jobs[0].id))["file"]["sha256"]
    assert {one.field: one.value for one in engine.store.corrections(sha)} == {"bpm": "118.0"}
    assert analyze(engine, path)["summary"]["bpm"] == 118


def test_a_retry_respects_what_holds_and_says_nothing_of_its_own(engine: Engine, path: Path) -> None:
    document = analyze(engine, path, bpm=118)
    engine.library.take_back(document["file"]["sha256"])
    again = engine.retry(engine.store.jobs()[0].id)
    engine.wait(again.id)
    assert json.loads(engine.document(again.id))["summary"]["bpm"] == 60
