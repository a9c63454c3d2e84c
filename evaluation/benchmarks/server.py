"""Speed and memory of the server and its page, for `make bench`.

server_ready_s       from `hemiola serve` in a new data folder to its first answer, median; server_ready_ratio: over
                     importing fastapi, sqlalchemy and numpy in a process of its own
host_mb              resident memory of the server's process while jobs run, and what it must not have mapped
db_p99_ms            of /database/files and of one file's document, a million regions in the database
load_p99_ms          a hundred clients, a request a second each, while four jobs are queued and running
first_paint_s        of the page, in headless Chromium
progress_s           from a plugin's start in its worker to its name on the page
"""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil

from core.settings import ROOT
from evaluation.benchmarks.million import build
from evaluation.benchmarks.recordings import song

GOALS = {
    "server_ready_s": 2.0,
    "server_ready_ratio": 2.5,
    "host_mb": 200.0,
    "db_p99_ms": 20.0,
    "load_p99_ms": 100.0,
    "first_paint_s": 1.0,
    "progress_s": 0.5,
}
HOST = str(ROOT / ".venv" / "bin" / "python")
FOREIGN = ("/librosa/", "/torch/", "/scipy/", "libav", "libsndfile", "/essentia/", "/madmom/", "/numba/")
CLIENTS, LOAD_S = 100, 20
REGIONS = 1_000_000


class Served:
    """A server in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], address: str, ready_s: float) -> None:
        self.process, self.address, self.ready_s = process, address, ready_s


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """A server on a data folder, on a port of its own, stopped at the end."""
    environ = {**os.environ, "HEMIOLA_DATA": str(folder / "data"), "HEMIOLA_CACHE": str(folder / "cache")}
    environ |= {"HEMIOLA_ALLOW": str(folder.parent), "HEMIOLA_PORT": "0", "PYTHONUNBUFFERED": "1"}
    started = time.monotonic()
    process = subprocess.Popen(
        [str(ROOT / ".venv" / "bin" / "hemiola"), "serve"], stdout=subprocess.PIPE, text=True, env=environ
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        address = next(word for word in said.split() if word.startswith("http")).partition("/ui/")[0]
        httpx.get(f"{address}/health").raise_for_status()
        yield Served(process, address, time.monotonic() - started)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)


def server_ready(folder: Path) -> dict[str, float]:
    """Start of the server, beside what its libraries take to import."""
    taken, imports = [], []
    for number in range(6):
        with served(folder / f"new-{number}") as server:
            taken.append(server.ready_s)
        started = time.monotonic()
        subprocess.run([HOST, "-c", "import fastapi, sqlalchemy, numpy"], check=True)
        imports.append(time.monotonic() - started)
    ready = statistics.median(taken[1:])
    return {
        "server_ready_s": round(ready, 3),
        "server_ready_ratio": round(ready / statistics.median(imports[1:]), 2),
    }


def host_mb(folder: Path) -> dict[str, Any]:
    """Memory of the server's own process while four jobs run."""
    paths = [song(folder / f"host-{n}.wav", 60.0, seed=n) for n in range(4)]
    most = 0.0
    with served(folder / "host") as server, httpx.Client(base_url=server.address) as client:
        jobs = [_submit(client, path) for path in paths]
        while any(client.get(f"/jobs/{job}").json()["state"] in ("queued", "running") for job in jobs):
            most = max(most, psutil.Process(server.process.pid).memory_info().rss / 1e6)
            time.sleep(0.1)
        mapped = Path(f"/proc/{server.process.pid}/maps").read_text()
    return {"host_mb": round(most, 1), "host_mapped": sorted(name for name in FOREIGN if name in mapped)}


def _submit(client: httpx.Client, path: Path) -> int:
    answer = client.post("/analyze", json={"file_path": str(path)}, timeout=60)
    answer.raise_for_status()
    return int(answer.json()["job_id"])


def db_p99_ms(folder: Path) -> dict[str, float]:
    """Listing, searching and one document, with a million regions."""
    named = build(folder / "million" / "data", REGIONS)
    asked = {
        "files": [
            "/database/files",
            "/database/files?query=take+77",
            "/database/files?query=A+minor&limit=50",
        ],
        "document": [f"/database/files{path.replace(' ', '%20')}" for _, path in named[:: len(named) // 50]],
    }
    figures: dict[str, float] = {}
    with served(folder / "million") as server:
        client = http.client.HTTPConnection(server.address.removeprefix("http://"))
        _settle(server)
        for what, addresses in asked.items():
            taken = [_timed(client, addresses[n % len(addresses)]) for n in range(400)]
            figures[f"db_{what}_p99_ms"] = round(statistics.quantiles(taken[20:], n=100)[98] * 1e3, 1)
            figures[f"db_{what}_p50_ms"] = round(statistics.median(taken[20:]) * 1e3, 1)
    shutil.rmtree(folder / "million")
    return {"db_p99_ms": max(figures["db_files_p99_ms"], figures["db_document_p99_ms"]), **figures}


def _settle(server: Served) -> None:
    """Wait until the environments that a new server warms are warm."""
    while True:
        before = _cpu_s(server)
        time.sleep(1.0)
        if _cpu_s(server) - before < 0.05:
            return


def _cpu_s(server: Served) -> float:
    family = psutil.Process(server.process.pid).children(recursive=True)
    return sum(sum(process.cpu_times()[:2]) for process in family)


def _timed(client: http.client.HTTPConnection, address: str) -> float:
    started = time.monotonic()
    client.request("GET", address)
    answer = client.getresponse()
    answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{address} was answered with {answer.status}")
    return time.monotonic() - started


def load_p99_ms(folder: Path) -> dict[str, float]:
    """A hundred clients with a request a second each while four jobs are queued and running."""
    paths = [song(folder / f"load-{n}.wav", 240.0, seed=n) for n in range(4)]
    with served(folder / "load") as server:
        with httpx.Client(base_url=server.address) as client:
            jobs = [_submit(client, path) for path in paths]
        taken, worst = asyncio.run(_crowd(server.address, jobs))
    return {
        "load_p99_ms": round(statistics.quantiles(taken, n=100)[98] * 1e3, 1),
        "load_p50_ms": round(statistics.median(taken) * 1e3, 1),
        "load_requests": len(taken),
        "load_worst_status": worst,
    }


async def _crowd(address: str, jobs: list[int]) -> tuple[list[float], int]:
    """Seconds of every answer, and the highest status; each client keeps one connection."""
    host, port = address.removeprefix("http://").split(":")
    asked = ["/jobs", "/database/files", "/status", "/plugins", *(f"/jobs/{job}" for job in jobs)]
    taken: list[float] = []
    statuses: set[int] = set()

    async def one(number: int) -> None:
        await asyncio.sleep(number / CLIENTS)
        reader, writer = await asyncio.open_connection(host, int(port))
        for turn in range(LOAD_S):
            started = time.monotonic()
            path = asked[(number + turn) % len(asked)]
            writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            await reader.readexactly(int(head.partition("content-length:")[2].split()[0]))
            taken.append(time.monotonic() - started)
            statuses.add(int(head.split()[1]))
            await asyncio.sleep(max(0.0, 1.0 - (time.monotonic() - started)))
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*(one(number) for number in range(CLIENTS)))
    return taken, max(statuses)


SLOW = textwrap.dedent(
    '''
    import time
    from typing import ClassVar
    from hemiola import Config, Context, Plugin, Region, hookimpl
    from hemiola.results import Result

    class Started(Result):
        question: ClassVar[str] = "started"
        levels: ClassVar[tuple[str, ...]] = ("file",)
        at: float

        def window(self, start_s: float, end_s: float) -> "Started":
            return self

    class Slow(Plugin[Started, Config]):
        """Says when it began, and works for a second."""
        name, version, licence = "started.slow", "1.0.0", "MIT"
        audio = None

        def analyze(self, region: Region, context: Context) -> Started:
            at = time.time()
            while time.time() < at + 2.0:
                pass
            return Started(at=at)

    @hookimpl
    def hemiola_plugins():
        return [Slow]
    '''
)
WATCH = """
() => new Promise(resolve => {
  const look = () => document.body.innerText.includes('started.slow') && (resolve(Date.now() / 1000), true)
  if (look()) return
  const watcher = new MutationObserver(() => look() && watcher.disconnect())
  watcher.observe(document.body, {subtree: true, childList: true, characterData: true, attributes: true})
})
"""


def page(folder: Path) -> dict[str, float]:
    """First paint of the page, and how soon a plugin that starts is named on it."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        return {}
    from playwright.sync_api import sync_playwright

    path = song(folder / "page.wav", 5.0)
    drop_in = folder / "page" / "data" / "plugins.d" / "slow.py"
    drop_in.parent.mkdir(parents=True)
    drop_in.write_text(SLOW)
    with served(folder / "page") as server, sync_playwright() as playwright:
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=chromium, args=options)
        paints = []
        for _ in range(5):
            shown = browser.new_context().new_page()
            shown.goto(f"{server.address}/ui/", wait_until="load")
            shown.wait_for_function("performance.getEntriesByName('first-contentful-paint').length > 0")
            paint = shown.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
            paints.append(float(paint) / 1e3)
        with httpx.Client(base_url=server.address) as client:
            request = {"file_path": str(path), "questions": ["started"]}
            warming = {"file_path": str(path), "questions": ["features"], "wait": True}
            client.post("/analyze", json=warming, timeout=60).raise_for_status()
            answers: list[Any] = []
            asking = threading.Thread(
                target=lambda: answers.append(
                    client.post("/analyze", json={**request, "wait": True}, timeout=60).json()
                )
            )
            asking.start()
            seen = shown.evaluate(WATCH)
            asking.join()
        browser.close()
    began = next(r["results"]["started"]["at"] for r in answers[0]["regions"] if "started" in r["results"])
    return {"first_paint_s": round(statistics.median(paints), 3), "progress_s": round(seen - began, 3)}


MEASURES = {
    "server_ready": server_ready,
    "host_mb": host_mb,
    "db_p99_ms": db_p99_ms,
    "load_p99_ms": load_p99_ms,
    "page": page,
}

if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as temporary:
        for measure in sys.argv[1:] or MEASURES:
            print(json.dumps(MEASURES[measure](Path(temporary))))
