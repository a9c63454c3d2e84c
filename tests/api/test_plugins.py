"""Plugins over HTTP: what there is, settings and ranks that the next job uses, release from quarantine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.live import Json, Live, outcomes


def shown(live: Live, name: str) -> Json:
    (found,) = [one for one in live.get("/plugins")["items"] if one["name"] == name]
    return dict(found)


@pytest.fixture(autouse=True)
def as_before(live: Live) -> Iterator[None]:
    """Settings and ranks are put back."""
    live.engine.catalogue.providers()
    yield
    live.put("/plugins/mood.patient/config", json={})
    live.put("/plugins/mood.patient/rank", json={"rank": 1})


def test_every_plugin_is_told_with_what_it_stands_on(live: Live) -> None:
    told = live.get("/plugins")
    assert not told["discovering"] and told["problems"] == []
    known = {one["name"]: one for one in told["items"]}
    assert known.keys() == live.engine.catalogue.providers().keys()
    beats = known["beats.madmom"]
    assert (beats["question"], beats["environment"], beats["source"]) == ("beats", "numpy1", "builtin")
    assert "take" in beats["levels"] and beats["version"] and beats["summary"] and beats["licence"]
    assert "madmom" in [one["name"] for one in beats["libraries"]] and beats["model_licence"]
    assert all(one["version"] for one in beats["libraries"])
    assert beats["config_schema"]["properties"]["min_bpm"]["default"] == 55.0
    assert beats["health"]["state"] in ("ok", "unavailable") and beats["config"] == {}
    assert known["mood.curt"]["source"] != "builtin"
    for question in {one["question"] for one in told["items"]}:
        ranks = [one["rank"] for one in told["items"] if one["question"] == question and not one["peer"]]
        assert ranks == list(range(1, len(ranks) + 1))


def test_settings_are_kept_and_used_by_the_next_job(live: Live) -> None:
    told = live.put("/plugins/mood.patient/config", json={"words": ["kept"]})
    assert told["config"] == {"words": ["kept"]} == shown(live, "mood.patient")["config"]
    path = live.sound("kept settings.wav")
    (take,) = [one for one in live.analyze(path, "mood")["regions"] if one["level"] == "take"]
    assert take["results"]["mood"]["words"] == ["patient", "kept"]
    asked = live.analyze(path, "mood", config={"mood.patient": {"words": ["asked"]}})
    (take,) = [one for one in asked["regions"] if one["level"] == "take"]
    assert take["results"]["mood"]["words"] == ["patient", "asked"], "a job's own settings come first"
    assert live.put("/plugins/mood.patient/config", json={})["config"] == {}
    (take,) = [one for one in live.analyze(path, "mood")["regions"] if one["level"] == "take"]
    assert take["results"]["mood"]["words"] == ["patient"]


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"seconds": -1}, "seconds"),
        ({"seconds": "long"}, "seconds"),
        ({"hours": 1}, "hours"),
        ({"count": 10**30}, "64-bit"),
        ({"words": [1]}, "words"),
    ],
)
def test_settings_that_do_not_fit_are_refused_and_not_kept(
    live: Live, config: dict[str, Any], says: str
) -> None:
    detail = live.put("/plugins/mood.patient/config", 422, json=config)["detail"]
    assert "mood.patient" in detail and says in detail
    assert shown(live, "mood.patient")["config"] == {}


@pytest.mark.parametrize("body", ["[]", "null", '"x"', "1", "{", "", '{"seconds": NaN}'])
def test_settings_that_are_no_object_are_refused(live: Live, body: str) -> None:
    response = live.client.put(
        "/plugins/mood.patient/config", content=body, headers={"Content-Type": "application/json"}
    )
    live.told(response, 422)


def test_a_rank_is_kept_and_used_by_the_next_job(live: Live) -> None:
    assert [shown(live, name)["rank"] for name in ("mood.patient", "mood.curt")] == [1, 2]
    told = live.put("/plugins/mood.curt/rank", json={"rank": 1})
    assert told == {"question": "mood", "order": ["mood.curt", "mood.patient"]}
    assert [shown(live, name)["rank"] for name in ("mood.patient", "mood.curt")] == [2, 1]
    document = live.analyze(live.sound("ranked.wav"), "mood")
    assert [row["plugin"] for row in outcomes(document, "mood")] == ["mood.curt"]


def test_a_peer_is_told_as_one_and_has_no_rank(live: Live) -> None:
    moods = [one for one in live.get("/plugins")["items"] if one["question"] == "mood"]
    assert [(one["name"], one["rank"], one["peer"]) for one in moods] == [
        ("mood.patient", 1, False),
        ("mood.curt", 2, False),
        ("mood.echo", None, True),
    ]
    detail = live.put("/plugins/mood.echo/rank", 422, json={"rank": 1})["detail"]
    assert "mood.echo is a comparison" in detail


@pytest.mark.parametrize(
    "body", [{"rank": 0}, {"rank": 3}, {"rank": "first"}, {"rank": 10**30}, {}, {"place": 1}]
)
def test_a_rank_that_there_is_not_is_422(live: Live, body: dict[str, Any]) -> None:
    live.put("/plugins/mood.curt/rank", 422, json=body)
    assert shown(live, "mood.curt")["rank"] == 2


def test_settings_and_ranks_outlive_the_server(tmp_path: Path, home: Path) -> None:
    for start in range(2):
        with Live(tmp_path / str(start), data=tmp_path / "data") as again:
            again.engine.catalogue.providers()
            if not start:
                again.put("/plugins/onsets.superflux/config", json={"threshold": 0.5})
                again.put("/plugins/onsets.essentia/rank", json={"rank": 1})
            assert shown(again, "onsets.superflux")["config"] == {"threshold": 0.5}
            assert [shown(again, f"onsets.{how}")["rank"] for how in ("essentia", "superflux")] == [1, 2]


def test_a_quarantined_plugin_is_told_and_released(live: Live) -> None:
    provider = live.engine.catalogue.provider("mood.curt")
    with live.engine.infirmary._lock:
        live.engine.infirmary._keep(provider, ["f"] * 5, "quarantined", "it fell over its own feet")
    health = shown(live, "mood.curt")["health"]
    assert (health["state"], health["reason"]) == ("quarantined", "it fell over its own feet")
    assert live.get("/status")["quarantined"] == [
        {"plugin": "mood.curt", "reason": "it fell over its own feet"}
    ]
    document = live.analyze(live.sound("quarantined.wav"), "features", plugins=["mood.curt"])
    (row,) = [row for row in outcomes(document, "mood") if row["plugin"] == "mood.curt"]
    assert row["status"] == "quarantined" and "feet" in row["reason"]
    assert live.post("/plugins/mood.curt/release")["health"]["state"] == "ok"
    assert live.get("/status")["quarantined"] == []
    assert live.post("/plugins/mood.curt/release")["health"]["state"] == "ok", "twice does no harm"


def test_a_plugin_that_there_is_not_is_404_with_those_there_are(live: Live) -> None:
    for method, address, body in (
        ("PUT", "/plugins/key.mine/config", {}),
        ("PUT", "/plugins/key.mine/rank", {"rank": 1}),
        ("POST", "/plugins/key.mine/release", None),
    ):
        told = live.told(live.client.request(method, address, json=body), 404)
        assert "key.mine" in told["detail"] and "key.librosa" in told["detail"]
