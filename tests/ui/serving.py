"""A server in a process of its own, as a user starts it, that a test can stop and start again."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from tests.conftest import ROOT

HERE = Path(__file__).resolve().parent
STARTS_WITHIN_S = 30.0
STOPS_WITHIN_S = 10.0


class Serving:
    """A server on a free port, with data, cache and home in `folder`; recordings are read from `folder/music`."""

    def __init__(self, folder: Path) -> None:
        self.music = folder / "music"
        self.music.mkdir(parents=True)
        plugins = folder / "data" / "plugins.d"
        plugins.mkdir(parents=True)
        shutil.copy(HERE / "dropin.py", plugins / "mood.py")
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.client = httpx.Client(base_url=self.address, timeout=60.0)
        self._log = folder / "server.log"
        self._environment = {
            **os.environ,
            "HOME": str(folder),
            "HEMIOLA_DATA": str(folder / "data"),
            "HEMIOLA_CACHE": str(folder / "cache"),
            "HEMIOLA_ALLOW": str(self.music),
            "HEMIOLA_PORT": str(self.port),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.stop()
        self.client.close()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [sys.executable, str(ROOT / "main.py"), "serve"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=self.music, env=self._environment, stdout=log, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + STARTS_WITHIN_S
        while True:
            try:
                self.client.get("/health")
                return
            except httpx.TransportError:
                assert self._process.poll() is None, self._log.read_text()
                assert time.monotonic() < deadline, self._log.read_text()
                time.sleep(0.05)

    def stop(self) -> None:
        """Stop it as Ctrl-C does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(STOPS_WITHIN_S)
            self._process = None

    def told(self, address: str) -> Any:
        """The JSON at an address."""
        return self.client.get(address).raise_for_status().json()

    def analyze(self, path: Path, plugins: tuple[str, ...] = (), **more: Any) -> str:
        """The id of a file after its analysis, with further plugins beside the chain's own."""
        asked = {"file_path": str(path), "wait": True, "plugins": plugins, **more}
        document = self.client.post("/analyze", json=asked).raise_for_status().json()
        return str(document["file"]["sha256"])
