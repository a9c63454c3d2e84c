"""A running server for the tests: an engine, both doors' application in a thread, and a client that asks it things."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx
import numpy as np
import uvicorn
from starlette.types import ASGIApp

from api.app import create, gated
from api.server import listening
from api.streams import Streams
from core.engine import Engine
from core.settings import Settings
from hemiola.testing import click_track
from tests.conftest import write_wav

HERE = Path(__file__).resolve().parent
RATE = 22050
SOON_S = 60.0
UPLOAD_GB = 0.002
DEVICE = Path("/dev/full")
"""No folder, but a root all the same: what lies in it is itself."""

Json = dict[str, Any]


class Live:
    """A server. A context manager: leaving it ends thread, engine and client.

    Parameters
    ----------
    folder
        For its data, its cache, and the folder it is started in; the home folder is its own as well.
    dropin
        Whether `dropin.py` is among its plugins.
    changes
        Settings.
    """

    def __init__(self, folder: Path, *, dropin: bool = False, **changes: Any) -> None:
        self.folder, self.home = folder, Path.home()
        self.started_in = folder / "started"
        self.started_in.mkdir(parents=True)
        coverage = os.environ.get("HEMIOLA_COVERAGE")
        told = {
            "data": folder / "data",
            "cache": self.home / ".cache",
            "started_in": self.started_in,
            "sandbox": os.environ.get("HEMIOLA_SANDBOX", "confined"),
            "still_s": 20.0,
            "upload_gb": UPLOAD_GB,
            "allow": (DEVICE,),
            "port": 0,
            "coverage": Path(coverage) if coverage else None,
        }
        self.settings = Settings(**{**told, **changes})
        if dropin:
            plugins = self.settings.data / "plugins.d"
            plugins.mkdir(parents=True)
            shutil.copy(HERE / "dropin.py", plugins)

    def __enter__(self) -> Self:
        self.engine = Engine(self.settings)
        self._doors = contextlib.ExitStack()
        self._door = self._doors.enter_context(listening(self.settings))
        self.port = self._door.getsockname()[1]
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="server")
        self._thread.start()
        assert self._started.wait(SOON_S)
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=SOON_S)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.client.close()
        self._loop.call_soon_threadsafe(self._stop)
        self._thread.join(SOON_S)
        self._doors.close()
        self.engine.close()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.streams = Streams(self.engine)
        self.streams.open()
        app: ASGIApp = gated(create(self.engine, self.streams), self.settings.token)
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                lifespan="off",
                log_config=None,
                timeout_graceful_shutdown=1,
                server_header=False,
                ws="none",
            )
        )
        serving = asyncio.create_task(self._server.serve(sockets=[self._door]))
        while not self._server.started:
            await asyncio.sleep(0.005)
        self._started.set()
        await serving

    def _stop(self) -> None:
        self.streams.close()
        self._server.should_exit = True

    # -- asking ------------------------------------------------------------------------------

    def get(self, address: str, status: int = 200, **more: Any) -> Any:
        """The JSON of a GET that answers so."""
        return self.told(self.client.get(address, **more), status)

    def post(self, address: str, status: int = 200, **more: Any) -> Any:
        """The JSON of a POST that answers so."""
        return self.told(self.client.post(address, **more), status)

    def put(self, address: str, status: int = 200, **more: Any) -> Any:
        """The JSON of a PUT that answers so."""
        return self.told(self.client.put(address, **more), status)

    def delete(self, address: str, status: int = 200) -> Any:
        """The JSON of a DELETE that answers so."""
        return self.told(self.client.delete(address), status)

    def told(self, response: httpx.Response, status: int) -> Any:
        """The JSON of an answer with this status; an error is a problem with a sentence."""
        assert response.status_code == status, f"{response.status_code}: {response.text[:2000]}"
        if status >= 400:
            assert response.headers["content-type"] == "application/problem+json"
            told = response.json()
            assert told["status"] == status and told["title"] and told["detail"] and told["type"]
        return response.json() if response.content else None

    def analyze(self, path: Path | str, *questions: str, **asked: Any) -> Json:
        """The document of a file, waited for."""
        body = {"file_path": str(path), "wait": True, "questions": list(questions) or ["features"], **asked}
        document: Json = self.post("/analyze", json=body)
        return document

    def begin(self, path: Path, *questions: str, **asked: Any) -> int:
        """The number of a job that was just asked for."""
        body = {"file_path": str(path), "questions": list(questions) or ["features"], **asked}
        return int(self.post("/analyze", 202, json=body)["job_id"])

    def done(self, job: int) -> Json:
        """A job, once it is over."""
        end = time.monotonic() + SOON_S
        while (told := self.get(f"/jobs/{job}"))["state"] in ("queued", "running"):
            assert time.monotonic() < end, told
            time.sleep(0.02)
        return dict(told)

    def running(self, job: int) -> Json:
        """A job, once a plugin runs in it."""
        end = time.monotonic() + SOON_S
        while "mood" not in (told := self.get(f"/jobs/{job}"))["now"]:
            assert time.monotonic() < end and told["state"] in ("queued", "running"), told
            time.sleep(0.02)
        return dict(told)

    # -- files to ask about --------------------------------------------------------------------

    def sound(self, name: str, seconds: float = 1.0, rate: int = RATE, channels: int = 1) -> Path:
        """A recording of clicks in the home folder; another name holds other bytes."""
        noise = np.random.default_rng(zlib.crc32(os.fsencode(name))).standard_normal(
            (round(seconds * rate), channels)
        )
        clicks = click_track(np.arange(0.1, seconds, 0.25), seconds, rate)
        samples = clicks[:, None] * 0.7 + 0.002 * noise
        return write_wav(self.home / name, samples[:, 0] if channels == 1 else samples, rate)


def behind(path: Path | bytes) -> str:
    """A path as it stands in an address, byte for byte."""
    return quote(os.fsencode(path))


def outcomes(document: Json, question: str) -> list[Json]:
    """A document's rows of the ledger about a question."""
    return [o for region in document["regions"] for o in region["outcomes"] if o["question"] == question]


@contextlib.contextmanager
def events(live: Live, address: str = "/events", **headers: str) -> Iterator[Iterator[Json]]:
    """The events of a stream, as dictionaries with event, id and data; comments are left out."""
    with live.client.stream("GET", address, headers=headers) as response:
        assert response.status_code == 200, response.read()
        assert response.headers["content-type"].startswith("text/event-stream")
        yield _events(response.iter_lines())


def _events(lines: Iterator[str]) -> Iterator[Json]:
    event: Json = {}
    for line in lines:
        if not line and event:
            yield {**event, "data": json.loads(event["data"])}
            event = {}
        elif line and not line.startswith(":"):
            name, _, value = line.partition(":")
            event[name] = value.removeprefix(" ")
