"""What every test may use: an engine on folders of its own, recordings synthesised here, the evaluation folder."""

from __future__ import annotations

import os
import signal
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from core.engine import Engine
from core.settings import Settings
from hemiola.testing import click_track, tone

ROOT = Path(__file__).resolve().parent.parent
EVAL = ROOT.parent / "shared" / "eval"

collect_ignore = ["plugins", "bridges/tasks", "evaluation", "exports", "training"]
"""Run inside the environments, by `make test-environments`."""

Recording = Callable[..., Path]

# A run in a shell's background is started with SIGINT ignored, and so would be what the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)


def _coverage() -> Path | None:
    """Where confined workers write what of their code ran, when that is measured."""
    return Path(os.environ["HEMIOLA_COVERAGE"]) if "HEMIOLA_COVERAGE" in os.environ else None


@pytest.fixture(scope="session")
def eval_folder() -> Path:
    """The evaluation recordings beside the checkout."""
    if not EVAL.is_dir():
        pytest.skip(
            f"the evaluation recordings are not beside the checkout ({EVAL.relative_to(ROOT.parent)})"
        )
    return EVAL


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with folders of their own, in the mode that HEMIOLA_SANDBOX names."""
    return Settings(
        data=tmp_path / "data",
        cache=tmp_path / "cache",
        sandbox=os.environ.get("HEMIOLA_SANDBOX", "confined"),
        still_s=3.0,
        coverage=_coverage(),
    )


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    """A running engine."""
    with Engine(settings) as running:
        yield running


@pytest.fixture(scope="module")
def shared_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A running engine for all tests of a module that leave nothing behind in it."""
    folder = tmp_path_factory.mktemp("engine")
    with Engine(Settings(data=folder / "data", cache=folder / "cache", coverage=_coverage())) as running:
        yield running


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    """Makes a WAV file of clicks at 120 a minute over an A major chord."""

    def make(name: str = "take.wav", seconds: float = 6.0, rate: int = 22050, bpm: float = 120.0) -> Path:
        samples = click_track(np.arange(0.25, seconds, 60 / bpm), seconds, rate)
        swell = 0.06 + 0.04 * np.sin(
            2 * np.pi * 0.7 * np.arange(len(samples)) / rate
        )  # a steady chord would be hum
        for frequency in (220.0, 277.18, 329.63):
            samples = samples + swell * tone(frequency, seconds, rate, 1.0)
        return write_wav(tmp_path / name, samples, rate)

    return make


def write_wav(path: Path, samples: np.ndarray, rate: int) -> Path:
    """Write float samples, shape (n,) or (n, channels), as 16-bit WAV."""
    values = np.clip(np.round(np.asarray(samples) * 32767), -32768, 32767).astype("<i2")
    channels = 1 if values.ndim == 1 else values.shape[1]
    data = values.tobytes()
    head = struct.pack("<HHIIHH", 1, channels, rate, rate * channels * 2, channels * 2, 16)
    body = b"WAVEfmt " + struct.pack("<I", len(head)) + head + b"data" + struct.pack("<I", len(data)) + data
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    return path
