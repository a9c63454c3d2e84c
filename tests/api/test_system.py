"""The machine and the server: health, status, resources, folders, clean-up, the way to the page and the docs."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from bridges.environments import environments
from core.settings import ROOT
from hemiola import __version__
from tests.api.live import Live


def test_the_first_address_says_what_this_is_and_where_things_are(live: Live) -> None:
    told = live.get("/")
    assert (told["name"], told["version"]) == ("hemiola", __version__)
    for name, link in told["links"].items():
        assert live.client.get(link).status_code == 200, name


def test_a_browser_is_sent_to_the_page(live: Live) -> None:
    response = live.client.get("/", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (response.status_code, response.headers["location"]) == (303, "/ui/")
    page = live.client.get("/ui/")
    assert page.status_code == 200 and page.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("address", ["/docs", "/ui/"])
def test_a_page_refers_to_no_other_host(live: Live, address: str) -> None:
    page = live.client.get(address).text
    references = re.findall(r"(?:src|href|action|content)\s*=\s*[\"']([^\"']*)", page)
    assert references and not re.search(r"(?:https?:)?//", " ".join(references))
    for reference in references:
        if reference.startswith("/") or reference.endswith((".js", ".css", ".svg")):
            there = live.client.get(reference if reference.startswith("/") else f"/ui/{reference}")
            assert there.status_code == 200, reference
    assert "<script>" not in page and not re.search(r"\son\w+\s*=", page), (
        "nothing inline: the policy forbids it"
    )


# -- health ----------------------------------------------------------------------------------------


def test_a_working_server_says_so(live: Live) -> None:
    known = environments(ROOT).values()
    problems = [one.reason for one in known if not one.optional and one.state != "ready"]
    assert live.get("/health") == {"status": "degraded" if problems else "ok", "problems": problems}


def test_a_missing_environment_is_a_degraded_server(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a checkout tells of it in which nothing was built."""
    live.engine.catalogue.providers()
    known = live.engine.workers.environments
    gone = replace(known["numpy1"], state="missing", reason="It is not built. Run: hemiola envs build numpy1")
    monkeypatch.setitem(known, "numpy1", gone)
    told = live.get("/health")
    assert told["status"] == "degraded" and "hemiola envs build" in told["problems"][0]
    shown = {one["name"]: one for one in live.get("/status")["environments"]}
    assert shown["numpy1"]["state"] == "missing" and "hemiola envs build" in shown["numpy1"]["reason"]
    assert live.get("/plugins")["items"][0]["name"]


def test_a_server_without_its_database_is_failing(tmp_path: Path, home: Path) -> None:
    with Live(tmp_path) as live:
        file = live.settings.data / "hemiola.db"
        file.rename(tmp_path / "away.db")
        response = live.client.get("/health")
        assert response.status_code == 503
        assert (
            response.json()["status"] == "failing" and "hemiola.db is gone" in response.json()["problems"][0]
        )
        (tmp_path / "away.db").rename(file)
        assert live.get("/health")["status"] in ("ok", "degraded")


def test_a_server_whose_job_loop_has_ended_is_failing(tmp_path: Path, home: Path) -> None:
    with Live(tmp_path) as live:
        live.engine._closing = True
        for thread in live.engine._threads:
            if thread.name.startswith("jobs-"):
                thread.join()
        response = live.client.get("/health")
        assert response.status_code == 503 and "job loop has ended" in response.json()["problems"][0]


def test_a_server_that_ends_before_it_knows_its_plugins_says_so(tmp_path: Path, home: Path) -> None:
    with Live(tmp_path, cache=tmp_path / "cache") as live:
        live.engine.catalogue.close()
        told = live.post("/analyze", 503, json={"file_path": str(live.sound("too late.wav"))})
        assert "stopping" in told["detail"]
        live.put("/plugins/key.librosa/config", 503, json={})


# -- status and resources --------------------------------------------------------------------------


def test_the_status_tells_what_is_done_and_with_what(live: Live) -> None:
    live.engine.catalogue.providers()
    told = live.get("/status")
    assert told["queue"].keys() == {"queued", "running"}
    assert told["workers"]["limit"] == live.settings.workers and told["workers"]["running"] >= 0
    assert {one["name"] for one in told["environments"]} == environments(ROOT).keys()
    confinement = told["confinement"]
    assert confinement["mode"] == live.engine.workers.mode and confinement["sentence"]
    assert set(confinement["layers"]) >= {"landlock", "seccomp"}
    assert any(confinement["layers"].values()) == (confinement["mode"] == "confined")
    assert told["cache"]["path"] == str(live.settings.cache) and told["cache"]["limit_bytes"] == 20e9
    assert told["versions"]["hemiola"] == __version__ and told["versions"]["sqlite"]
    assert str(live.home) in told["roots"] and told["server"]["pid"] == os.getpid()


def test_the_queue_counts_what_waits_and_runs(live: Live) -> None:
    begun = [
        live.begin(live.sound(f"queue {n}.wav"), "mood", config={"mood.patient": {"seconds": 20}})
        for n in range(live.settings.jobs + 2)
    ]
    live.running(begun[0])
    queue = live.get("/status")["queue"]
    assert (
        sum(queue.values()) == len(begun) and queue["running"] <= live.settings.jobs and queue["queued"] >= 2
    )
    assert live.get("/jobs?state=queued")["total"] == queue["queued"]
    for job in reversed(begun):
        assert live.delete(f"/jobs/{job}")["state"] == "cancelled"
    assert {live.done(job)["state"] for job in begun} == {"cancelled"}
    assert sum(live.get("/status")["queue"].values()) == 0


def test_resources_are_those_of_this_machine(live: Live) -> None:
    told = live.get("/api/system/resources")
    assert told["cpu"]["count"] == os.cpu_count() and 0 <= told["cpu"]["percent"] <= 100
    memory = told["memory"]
    assert 0 < memory["process_bytes"] < memory["total_bytes"] >= memory["available_bytes"] > 0
    assert [one["what"] for one in told["disk"]] == ["data", "cache"]
    assert all(0 <= one["free_bytes"] <= one["total_bytes"] for one in told["disk"])
    assert all(one["total_bytes"] > 0 for one in told["gpus"])


# -- clean-up --------------------------------------------------------------------------------------


def test_a_clean_up_says_what_it_freed(live: Live) -> None:
    live.post("/api/system/cleanup")
    path = live.sound("cleaned up.wav")
    live.analyze(path)
    audio = live.settings.workshop / "audio"
    size = sum(file.stat().st_size for file in audio.rglob("*") if file.is_file())
    live.settings.uploads.mkdir(mode=0o700, exist_ok=True)
    orphan = live.settings.uploads / ("e" * 64)
    orphan.mkdir()
    (orphan / "left.wav").write_bytes(b"12345")
    fresh = live.settings.uploads / ("f" * 64)
    fresh.mkdir()
    (fresh / "new.wav").write_bytes(b"1")
    os.utime(orphan, (0, 0))
    told = live.post("/api/system/cleanup")
    freed = {one["what"]: one["bytes"] for one in told["what"]}
    assert freed == {"decoded audio": size, "uploads": 5} and told["freed_bytes"] == size + 5 > 5
    assert not orphan.exists() and fresh.exists() and path.exists()
    assert not [file for file in audio.rglob("*") if file.is_file()]


def test_a_clean_up_leaves_what_a_job_holds(live: Live) -> None:
    path = live.sound("held.wav")
    job = live.begin(path, "mood", config={"mood.patient": {"seconds": 20}})
    sha = live.running(job)["file"]["id"]
    live.post("/api/system/cleanup")
    assert live.engine.views.find(sha) is not None
    live.delete(f"/jobs/{job}")


# -- folders ---------------------------------------------------------------------------------------


def test_a_folder_is_listed_folders_first_and_hidden_ones_left_out(live: Live, tmp_path: Path) -> None:
    folder = live.home / "Browse Me"
    (folder / "Zoo").mkdir(parents=True)
    (folder / "album").mkdir()
    (folder / ".hidden").mkdir()
    for name in ("b.WAV", "a.flac", ".secret.wav", "notes.txt", "c.mp3"):
        (folder / name).write_bytes(b"x" * 7)
    (folder / "out.wav").symlink_to("/etc/passwd")
    (folder / "outside").symlink_to(tmp_path)
    (folder / "broken.wav").symlink_to(folder / "nothing")
    (folder / "inside.wav").symlink_to(folder / "a.flac")
    os.mkfifo(folder / "pipe.wav")
    told = live.get("/api/browse", params={"path": str(folder)})
    assert [one["name"] for one in told["items"]] == [
        "album",
        "Zoo",
        "a.flac",
        "b.WAV",
        "c.mp3",
        "inside.wav",
    ]
    assert [one["kind"] for one in told["items"]] == ["folder"] * 2 + ["audio"] * 4
    assert told["items"][2] == {
        "name": "a.flac", "path": str(folder / "a.flac"), "kind": "audio", "size": 7
    }  # fmt: skip
    assert told["items"][0]["size"] is None
    assert (told["path"], told["parent"]) == (str(folder), str(live.home))
    assert told["roots"] == [str(root) for root in live.settings.roots]


def test_the_home_folder_is_where_it_begins_and_nothing_lies_above(live: Live) -> None:
    told = live.get("/api/browse")
    assert told["path"] == str(live.home) and told["parent"] is None
    assert live.get("/api/browse", params={"path": "~"})["path"] == str(live.home)


def test_a_folder_whose_name_is_no_text_is_shown(live: Live) -> None:
    name = os.fsdecode(b"caf\xe9")
    (live.home / name / "below").mkdir(parents=True)
    assert "caf\ufffd" in [one["name"] for one in live.get("/api/browse")["items"]]
    address = "file://" + os.fsencode(live.home).decode() + "/caf%E9/below"
    told = live.get("/api/browse", params={"path": address})
    assert told["parent"].endswith("caf\ufffd")


@pytest.mark.parametrize("path", ["/", "/etc", "/home/..", "~/..", "~/nowhere", "/proc/self/fd", "~root"])
def test_a_folder_outside_the_roots_is_not_there(live: Live, path: str) -> None:
    live.get("/api/browse", 404, params={"path": path})


def test_what_is_no_folder_is_not_listed(live: Live) -> None:
    live.get("/api/browse", 404, params={"path": str(live.sound("a file.wav"))})
    live.get("/api/browse", 422, params={"path": "relative"})
    live.get("/api/browse", 422, params={"path": "/" + "x" * 20_000})
