"""What the page says when a plugin crashes, a job is cancelled, an upload is refused, the server goes away."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.conftest import write_wav
from tests.ui.conftest import RATE, Open, drop, song
from tests.ui.serving import Serving


def test_a_crash_is_told_in_words_and_asked_again(open_page: Open, served: Serving, tape: str) -> None:
    sha = served.analyze(write_wav(served.music / "too short.wav", song(4.0, 120.0), RATE))
    page = open_page(f"{served.address}/ui/#/files/{sha}")
    expect(page.locator(".verdict")).to_have_text(re.compile(r"^partial: 1 of \d+ failed"))
    line = page.locator(".ledger .line[data-plugin='mood.brave']")
    expect(line.locator(".status")).to_have_text("crashed")
    expect(line).to_contain_text("mood.brave stopped (segmentation fault); mood.calm answered in its place.")
    line.get_by_text("What it wrote").click()
    expect(line.locator("pre")).to_contain_text("too <b>short</b> to live")
    stand_in = page.locator(".ledger .line[data-plugin='mood.calm']")
    expect(stand_in.locator(".status")).to_have_text("ok, in its place")
    expect(page.locator("tr[data-question=mood]")).to_contain_text("in its place")
    before = served.told("/jobs")["total"]
    line.get_by_role("button", name="Try mood.brave again").click()
    expect(page.locator(".said")).to_contain_text("mood.brave is asked again.")
    expect(page.locator(".verdict")).to_have_text(re.compile(r"^partial"))
    assert served.told("/jobs")["total"] == before + 1
    expect(line.locator(".status")).to_have_text("crashed")


def test_what_answered_only_to_be_compared_says_so(open_page: Open, served: Serving) -> None:
    path = write_wav(served.music / "compared.wav", song(6.5, 105.0), RATE)
    page = open_page(f"{served.address}/ui/#/files/{served.analyze(path, plugins=('mood.calm',))}")
    said = page.locator(".ledger .line[data-plugin='mood.calm'] .status")
    expect(said).to_have_text("ok, compared")
    expect(page.locator(".ledger .line[data-plugin='mood.brave'] .status")).to_have_text("ok")


def test_a_job_is_cancelled_and_asked_again(open_page: Open, served: Serving, tape: str) -> None:
    page = open_page(f"{served.address}/ui/")
    expect(page.locator("a.row").first).to_be_visible()
    long = np.tile(np.concatenate([song(9.0, bpm) for bpm in (100.0, 111.0, 123.0, 137.0, 152.0)]), 10)
    path = write_wav(served.music / "long.wav", long, RATE)
    page.keyboard.press("/")
    page.locator("#search").fill(str(path))
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".verdict")).to_have_text("cancelled before it was finished")
    page.locator(".title").get_by_role("button", name="Try again").click()
    expect(page.locator(".progress")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".verdict")).to_have_text("cancelled before it was finished")


def test_from_nothing_to_an_example_and_a_server_that_goes_and_comes_back(
    open_page: Open, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with Serving(tmp_path_factory.mktemp("fresh")) as fresh:
        page = open_page(f"{fresh.address}/ui/")
        expect(page.get_by_role("heading", name="Nothing here yet")).to_be_visible()
        page.get_by_role("button", name="Make an example and listen").click()
        expect(page.locator("h1")).to_have_text("hemiola-example.wav")
        expect(page.locator(".takes button")).to_have_count(2)
        fresh.stop()
        gone = page.locator("[data-strip=gone]")
        expect(gone).to_have_text("The server is gone; looking for it …")
        fresh.start()
        expect(gone).to_have_count(0)
        expect(page.locator(".verdict")).to_have_text(re.compile("^complete"))
        expect(page.locator("tr[data-question=tempo]")).to_be_visible()


def test_a_strip_says_where_plugins_are_not_confined(open_page: Open, served: Serving) -> None:
    page = open_page(f"{served.address}/ui/")
    expect(page.locator(".tally")).to_have_text(re.compile("file"))
    portable = served.told("/status")["confinement"]["mode"] == "portable"
    expect(page.locator("[data-strip=portable]")).to_have_count(int(portable))


def test_an_upload_that_is_refused_says_why(open_page: Open, served: Serving, tmp_path: Path) -> None:
    page = open_page(f"{served.address}/ui/")
    expect(page.locator(".tally")).to_have_text(re.compile("file"))
    reason = "“big.wav” is larger than this server takes."
    problem = {"type": "about:blank", "title": "Content Too Large", "status": 413, "detail": reason}
    page.route("**/api/analyze/upload", lambda route: route.fulfill(status=413, json=problem))
    drop(page, write_wav(tmp_path / "big.wav", song(1.0, 70.0), RATE))
    row = page.locator(".row.refused", has_text="big.wav")
    expect(row).to_contain_text(reason)
    page.unroute("**/api/analyze/upload")
    row.get_by_role("button", name="Try again").click()
    expect(page.locator("h1")).to_have_text("big.wav")
