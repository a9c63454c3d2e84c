"""POST /analyze: by path, at once or waited for; what is asked, with which settings; what cannot be asked."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.live import Live, outcomes


def test_a_job_is_answered_at_once_with_its_links(live: Live) -> None:
    told = live.post("/analyze", 202, json={"file_path": str(live.sound("a.wav")), "questions": ["features"]})
    assert told["name"] == "a.wav"
    assert told["links"]["self"] == f"/jobs/{told['job_id']}"
    assert told["links"]["events"] == f"/jobs/{told['job_id']}/events"
    job = live.done(told["job_id"])
    assert (job["verdict"], job["kind"], job["progress"], job["now"]) == ("complete", "analyze", 1.0, "")
    assert job["links"]["file"] == f"/api/files/{job['file']['id']}"
    assert job["file"]["path"] == str(live.home / "a.wav")
    assert job["created"] <= job["started"] <= job["finished"] and job["created"].endswith("Z")


def test_waiting_answers_with_the_whole_document(live: Live) -> None:
    document = live.analyze(live.sound("b.wav"))
    assert document["file"]["name"] == "b.wav" and document["verdict"] == "complete"
    assert {"intake", "summary", "regions", "schema", "notices"} <= document.keys()
    (row,) = outcomes(document, "features")
    assert (row["status"], row["disposition"]) == ("ok", "fresh")
    assert document == live.get(f"/api/files/{document['file']['sha256']}/analysis")


def test_a_path_may_begin_with_the_home_folder(live: Live) -> None:
    live.sound("c.wav")
    told = live.post("/analyze", json={"file_path": "~/c.wav", "questions": ["features"], "wait": True})
    assert told["file"]["path"] == str(live.home / "c.wav")


def test_the_folder_it_was_started_in_may_be_named(live: Live) -> None:
    path = live.sound("d.wav")
    assert live.analyze(path.rename(live.started_in / "d.wav"))["verdict"] == "complete"


def test_a_second_call_reuses_and_force_does_not(live: Live) -> None:
    path = live.sound("e.wav")
    said = [
        outcomes(live.analyze(path, **more), "features")[0]["disposition"]
        for more in ({}, {}, {"force": True})
    ]
    assert said == ["fresh", "reused", "fresh"]


def test_plugins_beside_the_chains_own_choice_each_have_an_outcome(live: Live) -> None:
    document = live.analyze(live.sound("f.wav"), "onsets", plugins=["onsets.essentia", "mood.curt"])
    onsets = {row["plugin"]: row for row in outcomes(document, "onsets")}
    assert onsets.keys() == {"onsets.superflux", "onsets.essentia"}
    assert onsets["onsets.superflux"]["result"] is None and onsets["onsets.essentia"]["result"]["times"]
    assert [row["plugin"] for row in outcomes(document, "mood")] == ["mood.patient", "mood.curt"]


def test_plugins_answer_in_place_of_the_ranked_ones_in_the_order_named(live: Live) -> None:
    path = live.sound("only.wav")
    document = live.analyze(path, "mood", only=["mood.echo", "mood.curt"])
    assert [row["plugin"] for row in outcomes(document, "mood")] == ["mood.echo"]
    (take,) = [region for region in document["regions"] if region["level"] == "take"]
    assert take["results"]["mood"]["words"] == ["echo"]
    assert [row["plugin"] for row in outcomes(live.analyze(path, "mood"), "mood")] == ["mood.patient"]


def test_settings_by_plugin_are_used_for_this_job(live: Live) -> None:
    words = {"mood.patient": {"words": ["of", "a", "saint"]}}
    document = live.analyze(live.sound("g.wav"), "mood", config=words)
    (take,) = [region for region in document["regions"] if region["level"] == "take"]
    assert take["results"]["mood"]["words"] == ["patient", "of", "a", "saint"]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"questions": ["tune"]}, ("'tune'", "beats", "onsets", "tempo")),
        ({"plugins": ["key.mine"]}, ("'key.mine'", "key.librosa", "mood.curt")),
        ({"only": ["key.mine"]}, ("'key.mine'", "key.librosa", "mood.echo")),
        ({"config": {"key.mine": {}}}, ("'key.mine'", "key.librosa")),
        ({"config": {"onsets.superflux": {"threshold": 7}}}, ("onsets.superflux", "threshold")),
        ({"config": {"onsets.superflux": {"loud": True}}}, ("onsets.superflux", "loud")),
        ({"colour": "red"}, ("colour",)),
        ({"file_path": "take.wav"}, ("take.wav", "absolute")),
        ({"file_path": "~nobody-here/take.wav"}, ("nobody-here",)),
        ({"file_path": "/a\0b"}, ("zero byte",)),
        ({"file_path": ""}, ("file_path",)),
        ({"file_path": None}, ("file_path",)),
        ({"wait": "perhaps"}, ("wait",)),
    ],
)
def test_what_cannot_be_asked_is_said_with_what_can(
    live: Live, asked: dict[str, Any], says: tuple[str, ...]
) -> None:
    told = live.post("/analyze", 422, json={"file_path": str(live.sound("h.wav")), **asked})
    assert all(word in told["detail"] for word in says), told["detail"]


STANDS_FOR = {"HUGE": "1" + "0" * 30, "DEEPER": "[" * 100_000 + "]" * 100_000, "DEEP": "[" * 300 + "]" * 300}


@pytest.mark.parametrize(
    "body",
    [
        '{"file_path": PATH, "config": {"mood.patient": {"count": HUGE}}}',
        '{"file_path": PATH, "config": {"mood.patient": {"count": -HUGE}}}',
        '{"file_path": PATH, "config": {"mood.patient": {"seconds": NaN}}}',
        '{"file_path": PATH, "config": {"mood.patient": {"seconds": 1e999}}}',
        '{"file_path": PATH, "config": {"mood.patient": {"words": ["\\ud800"]}}}',
        '{"file_path": PATH, "config": {"mood.patient": {"\\ud800": 1}}}',
        '{"file_path": PATH, "config": {"\\ud800": {}}}',
        '{"file_path": PATH, "questions": ["\\ud800"]}',
        '{"file_path": PATH, "\\ud800": 1}',
        '{"file_path": PATH, "config": {"mood.patient": {"words": DEEP}}}',
        '{"file_path": DEEPER}',
        '{"file_path": "' + "x" * 5000 + '"}',
        '{"file_path": "\\ud800"}',
        '{"file_path": ',
        "[]",
        "null",
        '"text"',
        "",
    ],
)
def test_a_hostile_body_is_refused_in_words(live: Live, body: str) -> None:
    whole = body.replace("PATH", f'"{live.sound("h.wav")}"')
    for name, text in STANDS_FOR.items():
        whole = whole.replace(name, text)
    response = live.client.post("/analyze", content=whole, headers={"Content-Type": "application/json"})
    assert response.status_code in (400, 422), response.text[:500]
    live.told(response, response.status_code)


def test_a_body_of_other_characters_is_refused_in_words(live: Live) -> None:
    response = live.client.post(
        "/analyze", content=b'{"file_path": "\xff"}', headers={"Content-Type": "application/json"}
    )
    live.told(response, 400)


def test_a_body_that_says_it_is_text_is_refused(live: Live) -> None:
    whole = f'{{"file_path": "{live.sound("h.wav")}"}}'
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        live.told(live.client.post("/analyze", content=whole, headers={"Content-Type": kind}), 422)
    live.told(live.client.post("/analyze", content=whole), 422)
