"""A real server, a real browser, and recordings synthesised here; one of each serves all tests of a run."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect, sync_playwright

from hemiola.testing import click_track, tone
from tests.conftest import write_wav
from tests.ui.serving import Serving

NAMES = ("chromium", "chromium-browser", "google-chrome")
RATE = 22050
expect.set_options(timeout=30_000)

Open = Callable[..., Page]


def song(seconds: float, bpm: float, chord: tuple[float, ...] = (220.0, 277.18, 329.63)) -> np.ndarray:
    """Clicks over a swelling chord, shape (n,)."""
    samples = click_track(np.arange(0.25, seconds, 60 / bpm), seconds, RATE)
    swell = 0.06 + 0.04 * np.sin(2 * np.pi * 0.7 * np.arange(len(samples)) / RATE)
    for frequency in chord:
        samples = samples + swell * tone(frequency, seconds, RATE, 1.0)
    return samples


def room(seconds: float) -> np.ndarray:
    """A very quiet room, shape (n,)."""
    return np.random.default_rng(3).normal(0.0, 0.00003, int(seconds * RATE))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, headless."""
    found = os.environ.get("HEMIOLA_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("there is no Chromium here; the Debian package chromium has one, or set HEMIOLA_CHROMIUM")
    quiet = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--disable-dev-shm-usage"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=quiet)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """The server that most tests share."""
    with Serving(tmp_path_factory.mktemp("served")) as serving:
        yield serving


@pytest.fixture(scope="session")
def tape(served: Serving) -> str:
    """The id of a recording with two takes, analysed."""
    takes = [room(0.5), song(7.0, 120.0), room(4.0), song(6.0, 150.0, (261.63, 329.63, 392.0)), room(0.5)]
    return served.analyze(write_wav(served.music / "rehearsal tape.wav", np.concatenate(takes), RATE))


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Opens pages; at the end none of them may have complained, or asked another machine for anything."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def open_(address: str, width: int = 1280, height: int = 800, scheme: str = "dark") -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="light" if scheme == "light" else "dark",
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        host = re.match(r"https?://[^/]+", address)
        assert host is not None
        watch(page, host[0], wrong)
        page.goto(address)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not wrong


def watch(page: Page, host: str, wrong: list[str]) -> None:
    """Note errors, violations of the content security policy, failures of the server, requests elsewhere."""

    def answered(response: Response) -> None:
        if response.status >= 500:
            wrong.append(f"{response.status} {response.url}")

    def said(kind: str, text: str) -> None:
        if kind in ("error", "warning") and not text.startswith("Failed to load resource"):
            wrong.append(f"{kind}: {text}")

    page.on("response", answered)
    page.on("console", lambda message: said(message.type, message.text))
    page.on("pageerror", lambda error: wrong.append(f"page error: {error}"))
    page.on(
        "request",
        lambda request: request.url.startswith((host, "data:", "blob:")) or wrong.append(request.url),
    )


def drop(page: Page, *paths: Path) -> None:
    """Drop files or folders on the middle of the page, as from a file manager."""
    session = page.context.new_cdp_session(page)
    carried = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 600, "y": 400, "data": carried})
    session.detach()


def numbers(text: str) -> float:
    """The seconds of a time readout."""
    minutes, seconds = text.split(":")
    return int(minutes) * 60 + float(seconds)
