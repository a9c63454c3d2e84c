"""Jobs over HTTP: listed, followed, cancelled, asked again; and the event streams that tell of them."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from api import streams
from api.streams import RESYNC, ROOM, Client, Message
from tests.api.live import Json, Live, events, outcomes
from tests.sandbox.house import soon

PATIENT = {"mood.patient": {"seconds": 20}}


@pytest.fixture
def slow(live: Live) -> Iterator[int]:
    """A job in which a plugin runs for as long as the test does."""
    job = live.begin(live.sound(f"slow-{time.monotonic_ns()}.wav"), "mood", config=PATIENT)
    live.running(job)
    yield job
    live.client.delete(f"/jobs/{job}")
    live.done(job)


# -- lists -----------------------------------------------------------------------------------------


def test_jobs_are_listed_newest_first_page_by_page(live: Live) -> None:
    begun: list[int] = []
    path = live.sound("listed.wav")
    for force in (False, True, False, True):
        begun.append(live.begin(path, force=force))
        live.done(begun[-1])
    first = live.get("/jobs", params={"limit": 2})
    assert [job["id"] for job in first["items"]] == begun[:-3:-1]
    second = live.get("/jobs", params={"limit": 2, "cursor": first["next_cursor"]})
    assert [job["id"] for job in second["items"]] == begun[-3::-1][:2]
    assert first["total"] == second["total"] >= 4
    everything = live.get("/jobs", params={"limit": 500})
    assert everything["next_cursor"] is None and everything["total"] == len(everything["items"])
    assert live.get("/jobs", params={"cursor": "1"}) == {**everything, "items": []}


def test_jobs_are_listed_by_state(live: Live, slow: int) -> None:
    assert [job["id"] for job in live.get("/jobs?state=running")["items"]] == [slow]
    assert live.get("/jobs?state=running")["total"] == 1
    done = live.get("/jobs?state=done&limit=500")
    assert {job["state"] for job in done["items"]} <= {"done"} and done["total"] == len(done["items"])


@pytest.mark.parametrize(
    "asked", ["state=sleeping", "limit=0", "limit=501", "cursor=-1", "cursor=x", "limit=a"]
)
def test_what_cannot_be_listed_is_said(live: Live, asked: str) -> None:
    live.get(f"/jobs?{asked}", 422)


def test_a_job_that_there_is_not_is_404(live: Live) -> None:
    for number in (10**9, 2**62):
        assert f"there is no job {number}" in live.get(f"/jobs/{number}", 404)["detail"]
        live.get(f"/jobs/{number}/events", 404)
        live.delete(f"/jobs/{number}", 404)
        live.post(f"/jobs/{number}/retry", 404)
    for number in ("0", "-1", "x", str(2**70)):
        live.get(f"/jobs/{number}", 422)


def test_a_running_job_says_how_far_it_is(live: Live, slow: int) -> None:
    first = live.get(f"/jobs/{slow}")
    assert first["state"] == "running" and first["verdict"] is None and first["finished"] is None
    assert "mood.patient" in first["now"] and 0 < first["progress"] < 1
    time.sleep(0.3)
    assert live.get(f"/jobs/{slow}")["progress"] > first["progress"]


# -- ending and asking again -----------------------------------------------------------------------


def test_a_cancelled_job_ends_soon_and_stays_cancelled(live: Live, slow: int) -> None:
    began = time.monotonic()
    assert live.delete(f"/jobs/{slow}")["state"] == "cancelled"
    assert live.done(slow)["verdict"] is None and time.monotonic() - began < 2
    assert "cancelled" in live.delete(f"/jobs/{slow}", 409)["detail"]


def test_a_finished_job_cannot_be_cancelled(live: Live) -> None:
    job = live.begin(live.sound("over.wav"))
    live.done(job)
    assert f"job {job} is done" in live.delete(f"/jobs/{job}", 409)["detail"]


def test_a_job_that_is_not_over_cannot_be_tried_again(live: Live, slow: int) -> None:
    assert "running" in live.post(f"/jobs/{slow}/retry", 409)["detail"]


@pytest.mark.parametrize(("ends", "status"), [("crash", "crashed"), ("fail", "failed")])
def test_a_retry_asks_again_what_failed_and_nothing_else(live: Live, ends: str, status: str) -> None:
    path = live.sound(f"{ends}.wav")
    first = live.analyze(path, "mood", "features", config={"mood.patient": {"ends": ends}})
    assert first["verdict"] == "partial"
    row, after = outcomes(first, "mood")
    assert (row["plugin"], row["status"], after["plugin"]) == ("mood.patient", status, "mood.curt")
    assert row["reason"] and after["degraded"].startswith("mood.patient")
    job = live.get("/jobs")["items"][0]["id"]
    again = live.analyze(path, "mood", "features", config={"mood.patient": {"ends": ends}})
    assert {row["disposition"] for row in outcomes(again, "mood")} == {"reused"}
    told = live.post(f"/jobs/{job}/retry", 202)
    over = live.done(told["job_id"])
    assert over["id"] != job
    retried = live.get(over["links"]["analysis"])
    said = {row["plugin"]: row["disposition"] for row in outcomes(retried, "mood")}
    assert said == {"mood.patient": "fresh", "mood.curt": "reused"}
    assert outcomes(retried, "features")[0]["disposition"] == "reused"


def test_a_retry_may_name_one_plugin(live: Live) -> None:
    path = live.sound("named.wav")
    live.analyze(path, "mood", "features")
    job = live.get("/jobs")["items"][0]
    over = live.done(live.post(job["links"]["retry"], 202, json={"plugin": "features.librosa"})["job_id"])
    document = live.get(over["links"]["analysis"])
    assert outcomes(document, "features")[0]["disposition"] == "fresh"
    assert outcomes(document, "mood")[0]["disposition"] == "reused"
    assert "known are" in live.post(job["links"]["retry"], 422, json={"plugin": "key.mine"})["detail"]
    live.post(job["links"]["retry"], 422, json={"plugins": ["key.mine"]})
    assert live.post(job["links"]["retry"], 202, json={"plugin": None})
    assert live.post(job["links"]["retry"], 202, json={})


# -- events ----------------------------------------------------------------------------------------


def test_a_jobs_stream_tells_what_happens_and_ends(live: Live) -> None:
    job = live.begin(live.sound("told.wav"), "mood", config={"mood.patient": {"seconds": 0.5}})
    with events(live, f"/jobs/{job}/events") as stream:
        heard = list(stream)
    kinds = [event["event"] for event in heard]
    assert {"progress", "outcome", "done"} <= set(kinds) and kinds[-1] == "done" and kinds.count("done") == 1
    (row,) = [event for event in heard if event["event"] == "outcome"]
    assert row["data"]["plugin"] == "mood.patient" and row["id"] == str(row["data"]["id"])
    assert row["data"]["job"] == job and row["data"]["level"] == "take" and row["data"]["end_s"] > 0
    assert row["data"]["file"] == heard[-1]["data"]["file"]["id"]
    assert heard[-1]["data"] == live.get(f"/jobs/{job}")
    moved = [event["data"]["progress"] for event in heard if event["event"] == "progress"]
    assert moved == sorted(moved) and len(moved) > 5
    assert any("mood.patient" in event["data"]["now"] for event in heard if event["event"] == "progress")
    assert not any("id" in event for event in heard if event["event"] != "outcome")


def test_the_stream_of_a_job_that_is_over_says_so_and_ends(live: Live) -> None:
    job = live.begin(live.sound("silent-end.wav"))
    live.done(job)
    with events(live, f"/jobs/{job}/events") as stream:
        assert [event["event"] for event in stream] == ["done"]


def test_who_comes_back_is_told_what_was_missed(live: Live) -> None:
    begin = live.engine.store.last_outcome_id()
    job = live.begin(live.sound("missed.wav"), "mood", "features")
    live.done(job)
    for last, missed in ((begin, 2), (begin + 1, 1), (begin + 2, 0)):
        with events(live, f"/jobs/{job}/events", **{"Last-Event-ID": str(last)}) as stream:
            heard = list(stream)
        assert [event["event"] for event in heard] == ["outcome"] * missed + ["done"]
        assert all(int(event["id"]) > last for event in heard[:-1])
    with events(live, "/events", **{"Last-Event-ID": str(begin)}) as stream:
        heard = [next(stream) for _ in range(3)]
    assert [event["event"] for event in heard] == ["outcome", "outcome", "done"]
    assert heard[-1]["data"]["id"] == job


@pytest.mark.parametrize("last", ["", "x", "-1", "1.5", "9" * 30, "\u0661"])
def test_a_strange_last_event_is_none(live: Live, last: str) -> None:
    job = live.begin(live.sound("strange.wav"))
    live.done(job)
    with events(live, f"/jobs/{job}/events", **{"Last-Event-ID": last.encode()}) as stream:  # type: ignore[dict-item]
        assert [event["event"] for event in stream] == ["done"]


def test_too_much_missed_is_one_resync_and_the_stream_still_ends(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = live.begin(live.sound("much.wav"), "mood", "features")
    live.done(job)
    monkeypatch.setattr(streams, "MOST_REPLAYED", 1)
    with events(live, f"/jobs/{job}/events", **{"Last-Event-ID": "0"}) as stream:
        assert [event["event"] for event in stream] == ["resync", "done"]


def test_one_stream_tells_of_every_job(live: Live) -> None:
    with events(live) as stream:
        jobs = [live.begin(live.sound(f"every-{n}.wav")) for n in range(2)]
        heard: list[Json] = []
        while sum(event["event"] == "done" for event in heard) < 2:
            heard.append(next(stream))
    told = {event["data"]["id"]: event["data"]["state"] for event in heard if event["event"] == "done"}
    assert told == dict.fromkeys(jobs, "done")
    of_first = [event for event in heard if event["event"] == "job" and event["data"]["id"] == jobs[0]]
    states = [event["data"]["state"] for event in of_first]
    assert states[0] in ("queued", "running") and "running" in states


def test_a_cancelled_job_is_told(live: Live, slow: int) -> None:
    with events(live, f"/jobs/{slow}/events") as stream:
        assert next(stream)["data"]["state"] == "running"
        live.delete(f"/jobs/{slow}")
        heard = list(stream)
    assert heard[-1]["event"] == "done" and heard[-1]["data"]["state"] == "cancelled"


def test_progress_is_heard_within_half_a_second_of_a_plugins_start(live: Live) -> None:
    path = live.sound("quick.wav")
    live.analyze(path)
    with events(live) as stream:
        began = time.monotonic()
        job = live.begin(path, "mood", config={"mood.patient": {"seconds": 1}})
        while "mood.patient" not in next(stream)["data"].get("now", ""):
            pass
        assert time.monotonic() - began < 1.5  # with the job's own beginning
    live.delete(f"/jobs/{job}")


def test_a_client_that_does_not_read_is_told_to_load_anew() -> None:
    async def fill() -> list[str]:
        client = Client(None)
        for number in range(ROOM + 5):
            client.put(Message("progress", 1, json.dumps(number)))
        held = []
        while not client.queue.empty():
            told = client.queue.get_nowait()
            held.append("end" if told is None else told.name)
        return held

    held = asyncio.run(fill())
    assert held[0] == "resync" and len(held) <= ROOM and set(held[1:]) <= {"progress"}


def test_a_jobs_own_stream_that_fell_behind_still_hears_the_end(live: Live, slow: int) -> None:
    with events(live, f"/jobs/{slow}/events") as stream:
        assert next(stream)["event"] in ("job", "progress")

        def flood() -> None:
            for client in live.streams._clients:
                for _ in range(ROOM + 1):
                    client.put(Message("progress", slow, "{}"))
                client.put(RESYNC)

        live._loop.call_soon_threadsafe(flood)
        live.delete(f"/jobs/{slow}")
        kinds = [event["event"] for event in stream]
    assert "resync" in kinds and kinds[-1] == "done"


def test_a_client_that_does_not_read_holds_up_nobody(live: Live) -> None:
    with socket.create_connection(("127.0.0.1", live.port)) as door:
        door.sendall(b"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        path = live.sound("unread.wav")
        live.analyze(path, "mood", config={"mood.patient": {"seconds": 0.2}})
        assert live.get("/status")["queue"]["running"] == 0


def test_a_client_that_leaves_is_forgotten(live: Live) -> None:
    with events(live) as stream, events(live):
        live.begin(live.sound("left.wav"))
        next(stream)
        assert len(live.streams._clients) == 2
    assert soon(lambda: not live.streams._clients)


def test_a_jobs_document_stays_what_it_found(live: Live) -> None:
    path = live.sound("twice asked.wav")
    jobs = [live.begin(path, *questions) for questions in (("features",), ("mood",))]
    for job, question in zip(jobs, ("features", "mood"), strict=True):
        live.done(job)
        document = live.get(f"/jobs/{job}/document")
        assert {row["question"] for region in document["regions"] for row in region["outcomes"]} == {question}
    live.get(f"/jobs/{10**9}/document", 404)


def test_waiting_ends_with_a_cancelled_job(live: Live) -> None:
    path = live.sound("waited.wav")
    told: list[Json] = []
    waiting = threading.Thread(
        target=lambda: told.append(live.analyze(path, "mood", config=PATIENT)), daemon=True
    )
    waiting.start()
    while not (jobs := live.get("/jobs?state=running")["items"]) or not jobs[0]["now"]:
        time.sleep(0.02)
    began = time.monotonic()
    live.delete(f"/jobs/{jobs[0]['id']}")
    waiting.join(10)
    assert time.monotonic() - began < 3 and told[0]["verdict"] is None
