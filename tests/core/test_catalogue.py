"""The catalogue ranks plugins, orders questions after what they need, and leaves out what goes in circles."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.catalogue import Catalogue
from core.engine import Engine
from core.errors import BadRequest
from core.requests import Request

RING = '''
from typing import ClassVar
from hemiola import Config, Context, Plugin, Region, Result, hookimpl

class Ping(Result):
    """One half."""
    question: ClassVar[str] = "ping"

class Pong(Result):
    """The other half."""
    question: ClassVar[str] = "pong"

class PingPlugin(Plugin[Ping, Config]):
    """Needs pong."""
    name, version, licence, needs = "ping.a", "1", "MIT", (Pong,)
    def analyze(self, region: Region, context: Context) -> Ping:
        return Ping()

class PongPlugin(Plugin[Pong, Config]):
    """Needs ping."""
    name, version, licence, needs = "pong.a", "1", "MIT", (Ping,)
    def analyze(self, region: Region, context: Context) -> Pong:
        return Pong()

@hookimpl
def hemiola_plugins(): return [PingPlugin, PongPlugin]
'''


@pytest.fixture
def catalogue(shared_engine: Engine) -> Catalogue:
    return shared_engine.catalogue


def test_the_default_chain_asks_each_question_after_what_it_needs(catalogue: Catalogue) -> None:
    chain = catalogue.chain()
    place = {question.name: index for index, question in enumerate(chain)}
    assert {"features", "content", "onsets", "beats", "tempo", "key"} <= place.keys()
    assert "stems" not in place
    for question in chain:
        for provider in question.everyone:
            assert all(
                place[needed] < place[question.name] for needed in provider.upstream if needed in place
            )


def test_providers_are_asked_in_rank_order(catalogue: Catalogue) -> None:
    ranked = {question.name: [p.name for p in question.providers] for question in catalogue.chain()}
    assert ranked["beats"] == ["beats.net", "beats.madmom", "beats.librosa"]
    assert ranked["meter"] == ["meter.net", "meter.periodicity"]
    assert ranked["tempo"] == ["tempo.net", "tempo.madmom", "tempo.librosa"]
    assert ranked["key"] == ["key.ensemble", "key.essentia", "key.librosa"]
    assert ranked["onsets"][0] == "onsets.superflux"


def test_a_question_brings_what_it_needs_and_nothing_else(catalogue: Catalogue) -> None:
    assert [question.name for question in catalogue.chain(["onsets"])] == ["onsets"]
    assert {question.name for question in catalogue.chain(["tempo"])} >= {"tempo", "beats"}


def test_a_further_plugin_runs_beside_the_chains_own(catalogue: Catalogue) -> None:
    (onsets,) = catalogue.chain(["onsets"], ["onsets.essentia"])
    assert [provider.name for provider in onsets.beside] == ["onsets.essentia"]


@pytest.mark.parametrize("asked", [{"questions": ("mood",)}, {"plugins": ("beats.mine",)}])
def test_what_is_not_known_is_refused_with_what_is(
    shared_engine: Engine, asked: dict[str, tuple[str, ...]]
) -> None:
    with pytest.raises(BadRequest, match=r"known are .*onsets"):
        shared_engine.submit(Path("/nowhere.wav"), Request.model_validate(asked))


@pytest.mark.parametrize("config", [{"beats.mine": {}}, {"onsets.superflux": {"no_such_setting": 1}}])
def test_settings_that_do_not_fit_are_refused(
    shared_engine: Engine, config: dict[str, dict[str, int]]
) -> None:
    with pytest.raises(BadRequest):
        shared_engine.submit(Path("/nowhere.wav"), Request(config=config))


def test_the_peers_of_other_libraries_are_known_and_in_no_chain(catalogue: Catalogue) -> None:
    peers = {provider.name for provider in catalogue.providers().values() if provider.manifest.peer}
    assert peers == {
        *("meter.madmom", "meter.beat_this", "onsets.madmom", "key.madmom"),
        *("beats.essentia", "beats.beat_this", "tempo.essentia", "onsets.librosa", "hits.annoteator"),
    }
    asked = {provider.name for question in catalogue.chain() for provider in question.everyone}
    assert not asked & peers and "meter.madmom" not in catalogue.order("meter")
    (meter,) = catalogue.chain(["meter"], only=["meter.madmom"])
    assert [provider.name for provider in meter.providers] == ["meter.madmom"]


def test_every_manifest_names_its_licence_and_environment(catalogue: Catalogue) -> None:
    for provider in catalogue.providers().values():
        manifest = provider.manifest
        assert manifest.licence and manifest.summary, provider.name
        assert manifest.environment in ("main", "neural", "numpy1"), provider.name
        assert manifest.libraries
    assert "NC" in str(catalogue.providers()["beats.madmom"].manifest.model_licence)
    assert "AGPL" in catalogue.providers()["key.essentia"].manifest.licence


def test_needs_that_go_round_in_a_circle_cost_one_plugin_and_a_sentence(
    shared_engine: Engine, tmp_path: Path
) -> None:
    dropped = tmp_path / "data" / "plugins.d"
    dropped.mkdir(parents=True)
    (dropped / "ring.py").write_text(RING)
    catalogue = Catalogue(
        Path(__file__).parents[2], tmp_path / "data", tmp_path / "cache", shared_engine.workers
    )
    names = {question.name for question in catalogue.chain()}
    assert len(names & {"ping", "pong"}) == 1
    assert any("circle" in problem for problem in catalogue.problems)
