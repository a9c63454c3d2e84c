"""Peers are comparisons: they run when they are named, and never in the place of another. `only` says who answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bridges.discovery import PluginSource
from core.chain import Provider, Question, chain
from core.engine import Engine
from core.errors import BadRequest
from core.requests import Request
from core.settings import Settings
from hemiola.manifest import PluginManifest
from tests.conftest import Recording
from tests.sandbox import house

SOURCE = PluginSource("told", "builtin", None, None, "main", "")
PULSES = '''
from typing import ClassVar
from hemiola import Config, Context, Plugin, Region, Result, Skip, hookimpl

class Pulse(Result):
    """A number."""
    question: ClassVar[str] = "pulse"
    of: str

class Pace(Result):
    """Whose pulse it heard."""
    question: ClassVar[str] = "pace"
    of: str

class Rare(Result):
    """What only a comparison answers."""
    question: ClassVar[str] = "rare"
    of: str

def answering(result, title, declared):
    class Answers(Plugin[result, Config]):
        """A plugin of a test."""
        name, version, licence, memory = title, "1", "MIT", "128 MiB"
        peer = declared.get("peer", False)
        uses = declared.get("uses", ())
        def analyze(self, region, context):
            if declared.get("fails"):
                raise ValueError("always")
            heard = context.get(Pulse) if declared.get("uses") else None
            return result(of=f"{self.name} after {heard.of}" if heard else self.name)
    return Answers

@hookimpl
def hemiola_plugins():
    return [
        answering(Pulse, "pulse.own", {}),
        answering(Pulse, "pulse.broken", {"fails": True, "peer": True}),
        answering(Pulse, "pulse.theirs", {"peer": True}),
        answering(Pace, "pace.own", {"uses": (Pulse, Rare)}),
        answering(Rare, "rare.theirs", {"peer": True}),
    ]
'''


def provider(name: str, rank: int = 0, **told: Any) -> Provider:
    """A plugin of the catalogue, as far as the chain looks at it."""
    manifest = PluginManifest(
        name=name, version="1", summary="", question=name.split(".")[0], levels=("take",), known_result=False,
        result_schema={}, config_schema={}, audio=None, needs=told.get("needs", ()), uses=told.get("uses", ()),
        environment="main", seconds=1.0, per_audio_second=0.0, memory=1 << 20, scratch=None, licence="MIT",
        model_licence=None, libraries=(), models=(), rank=rank, peer=told.get("peer", False),
    )  # fmt: skip
    return Provider(manifest, SOURCE, rank)


KNOWN = {
    one.name: one
    for one in (
        provider("beats.own", 1),
        provider("beats.second", 2),
        provider("beats.theirs", 0, peer=True),
        provider("meter.theirs", 0, peer=True, needs=("sections",)),
        provider("sections.own", 1),
        provider("tempo.own", 1, needs=("beats",), uses=("meter", "stems")),
        provider("stems.own", 1),
    )
}


def asked(questions: Any = None, plugins: Any = (), only: Any = ()) -> dict[str, Question]:
    """The questions of a chain by name, in its order."""
    return {question.name: question for question in chain(KNOWN, questions, plugins, only)}


def names(question: Question) -> tuple[list[str], list[str]]:
    """Who answers, and who runs beside."""
    return [p.name for p in question.providers], [p.name for p in question.beside]


def test_no_chain_has_a_peer_or_a_question_that_only_peers_answer() -> None:
    found = asked()
    assert found.keys() == {"beats", "sections", "tempo"}
    assert not any(one.manifest.peer for question in found.values() for one in question.everyone)
    assert asked(["tempo"]).keys() == {"beats", "tempo"}, "meter is used, and nobody answers it"


def test_a_named_peer_runs_beside_and_brings_what_it_needs() -> None:
    assert names(asked(["beats"], ["beats.theirs"])["beats"]) == (
        ["beats.own", "beats.second"],
        ["beats.theirs"],
    )
    found = asked(["beats"], ["meter.theirs"])
    assert list(found).index("sections") < list(found).index("meter")
    assert names(found["meter"]) == ([], ["meter.theirs"])
    assert found["meter"].levels == ("take",)


def test_only_puts_plugins_in_the_place_of_the_ranked_and_leaves_other_questions() -> None:
    found = asked(only=["beats.second"])
    assert names(found["beats"]) == (["beats.second"], [])
    assert names(found["tempo"]) == (["tempo.own"], [])
    ordered = asked(only=["beats.theirs", "beats.own", "beats.theirs"])["beats"]
    assert names(ordered) == (["beats.theirs", "beats.own"], []), "in the order given, each once"


def test_only_asks_the_question_of_what_it_names() -> None:
    found = asked(["beats"], only=["meter.theirs"])
    assert names(found["meter"]) == (["meter.theirs"], [])
    assert {"beats", "sections"} <= found.keys()
    assert "meter" in asked(["tempo"], only=["meter.theirs"]), "and it reaches what uses it"
    assert "stems" in asked(only=["stems.own"]), "however costly"


def test_one_that_is_named_twice_over_is_listed_in_both_places_and_asked_by_the_first() -> None:
    assert names(asked(["beats"], ["beats.theirs"], ["beats.theirs"])["beats"]) == (
        ["beats.theirs"],
        ["beats.theirs"],
    )


@pytest.mark.parametrize("where", ["plugins", "only"])
def test_an_unknown_name_is_refused_with_the_known_ones(where: str) -> None:
    with pytest.raises(BadRequest, match=r"no plugin 'beats.mine'; known are .*beats\.own.*beats\.theirs"):
        asked(**{where: ["beats.mine"]})


def test_a_question_that_only_peers_answer_is_refused_with_their_names_until_one_is_named() -> None:
    with pytest.raises(BadRequest, match=r"nothing answers meter but comparisons.*meter\.theirs"):
        asked(["meter"])
    assert "meter" in asked(["meter"], only=["meter.theirs"])
    assert "meter" in asked(["meter"], plugins=["meter.theirs"])
    with pytest.raises(BadRequest, match=r"no question 'mood'; known are beats, sections, stems, tempo$"):
        asked(["mood"])


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("peers")
    (folder / "data" / "plugins.d").mkdir(parents=True)
    (folder / "data" / "plugins.d" / "pulses.py").write_text(PULSES)
    with Engine(Settings(data=folder / "data", cache=folder / "cache")) as running:
        running.catalogue.providers()
        yield running


def won(document: dict[str, Any], question: str) -> str | None:
    """What the winner said."""
    (take,) = [region for region in document["regions"] if region["level"] == "take"]
    return take["results"][question]["of"] if question in take["results"] else None


def test_what_is_described_says_that_it_is_a_peer(engine: Engine) -> None:
    told = {one.provider.name: one for one in engine.plugins.every()}
    assert told["pulse.theirs"].provider.manifest.peer and told["pulse.theirs"].place is None
    assert not told["pulse.own"].provider.manifest.peer and told["pulse.own"].place == 1
    assert [name for name in told if name.startswith("pulse")] == [
        "pulse.own",
        "pulse.broken",
        "pulse.theirs",
    ]


def test_a_peer_has_no_place_and_is_not_moved(engine: Engine) -> None:
    assert engine.catalogue.order("pulse") == ["pulse.own"] and engine.catalogue.order("rare") == []
    with pytest.raises(BadRequest, match=r"pulse\.theirs is a comparison"):
        engine.plugins.move("pulse.theirs", 1)
    with pytest.raises(BadRequest, match="a place from 1 to 1"):
        engine.plugins.move("pulse.own", 2)


def test_what_answers_beside_wins_nothing_and_reaches_nobody(engine: Engine, recording: Recording) -> None:
    document = house.analyze(engine, recording(), "pace", plugins=("pulse.theirs", "rare.theirs"))
    assert won(document, "pace") == "pace.own after pulse.own"
    beside = {row["plugin"]: row for q in ("pulse", "rare") for row in house.outcomes(document, q)}
    assert beside["pulse.theirs"]["result"] == {"of": "pulse.theirs"}
    assert beside["rare.theirs"]["result"] == {"of": "rare.theirs"} and won(document, "rare") is None
    assert (document["verdict"], document["notices"]) == ("complete", [])


def test_what_answers_in_place_of_others_is_handed_on(engine: Engine, recording: Recording) -> None:
    document = house.analyze(engine, recording(), "pace", only=("pulse.broken", "pulse.theirs"))
    assert won(document, "pace") == "pace.own after pulse.theirs"
    assert [row["plugin"] for row in house.outcomes(document, "pulse")] == ["pulse.broken", "pulse.theirs"]
    again = house.analyze(engine, recording(), "pace", only=("pulse.theirs",))
    assert {row["disposition"] for q in ("pulse", "pace") for row in house.outcomes(again, q)} == {"reused"}


def test_where_the_named_one_fails_no_other_steps_in(engine: Engine, recording: Recording) -> None:
    document = house.analyze(engine, recording(), "pulse", only=("pulse.broken",))
    assert [row["plugin"] for row in house.outcomes(document, "pulse")] == ["pulse.broken"]
    assert won(document, "pulse") is None and document["verdict"] == "partial"


def test_a_name_that_only_names_wrongly_is_refused_before_the_job(engine: Engine) -> None:
    with pytest.raises(BadRequest, match=r"'pulse\.mine'"):
        engine.submit(Path("/nowhere.wav"), Request(only=("pulse.mine",)))
