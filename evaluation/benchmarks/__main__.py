"""`make bench`: speed and memory, written to bench.json. Ratios are taken in one run; the server's are in server.

help_s             `hemiola --help`, median of five
worker_ready_ms    from asking a warm zygote for a worker until librosa works in it, median
sandbox_ratio      CPU of a job on four minutes over that of bare warm processes calling the same functions
memory_growth_mb   peak of host, zygotes and workers on 500 MB of WAV over that on 5 MB
realtime_4min      wall time over the audio's, and realtime_30min
rhythm_4min        the same of beats, meter, tempo and subdivision alone, and rhythm_2h
rhythm_growth_mb   their peak on two hours over that on ten minutes
batch_ratio        wall time of 100 files of 10 s over that of a bare two-process pool
ok_share           plugin calls that end ok, degraded or skipped, on the valid files of the evaluation recordings
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from core.engine import Engine
from core.requests import Request
from core.settings import ROOT, Settings
from evaluation.benchmarks import server
from evaluation.benchmarks.recordings import song
from evaluation.benchmarks.yardstick import Yardstick, requests_of

GOALS = {
    "help_s": 0.35,
    "worker_ready_ms": 60.0,
    "sandbox_ratio": 1.03,
    "memory_growth_mb": 500.0,
    "realtime_4min": 0.3,
    "realtime_30min": 0.3,
    "rhythm_4min": 0.05,
    "rhythm_growth_mb": 250.0,
    "batch_ratio": 1.15,
    **server.GOALS,
}
RHYTHM = ("beats.net", "meter.net", "tempo.net", "subdivision.grid")
EVAL = ROOT.parent / "shared" / "eval"


def main() -> None:
    """Measure what is named (all, by default), print and write it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("figures", nargs="*", choices=[[], *MEASURES], default=[])
    parser.add_argument("--out", type=Path, default=ROOT / "bench.json")
    options = parser.parse_args()
    figures: dict[str, Any] = json.loads(options.out.read_text()) if options.out.exists() else {}
    with tempfile.TemporaryDirectory(prefix="hemiola-bench-") as folder:
        for name in options.figures or MEASURES:
            figures.update(MEASURES[name](Path(folder)))
            options.out.write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n")
    for name, value in sorted(figures.items()):
        goal = f"   goal: under {GOALS[name]}" if name in GOALS else ""
        print(f"{name:24} {value}{goal}")


def _settings(folder: Path, **changes: Any) -> Settings:
    return Settings(data=folder / "data", cache=folder / "cache", **changes)


def _warm(engine: Engine) -> None:
    engine.catalogue.providers()
    for name in engine.workers.environments:
        if engine.workers.reason(name) is None:
            engine.workers.warm(name)


def _analyze(engine: Engine, paths: list[Path], request: Request | None = None) -> tuple[list[int], float]:
    """Job numbers and wall seconds."""
    started = time.monotonic()
    jobs = [engine.submit(path, request or Request()).id for path in paths]
    for job in jobs:
        engine.wait(job)
    return jobs, time.monotonic() - started


def help_s(folder: Path) -> dict[str, float]:
    """Start of the command line."""
    command = [str(ROOT / ".venv" / "bin" / "hemiola"), "--help"]
    taken = []
    for _ in range(6):
        started = time.monotonic()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        taken.append(time.monotonic() - started)
    return {"help_s": round(statistics.median(taken[1:]), 3)}


def worker_ready_ms(folder: Path) -> dict[str, float]:
    """A worker with librosa: forked, confined, a plugin that uses librosa loaded."""
    from evaluation.benchmarks.yardstick import ready_ms

    with Engine(_settings(folder / "ready")) as engine:
        _warm(engine)
        taken = [ready_ms(engine, "features.librosa") for _ in range(21)]
    return {"worker_ready_ms": round(statistics.median(taken[1:]), 1)}


def sandbox_ratio(folder: Path) -> dict[str, float]:
    """CPU seconds of a job against those of the work itself; the same run gives realtime_4min."""
    path = song(folder / "four.wav", 240.0)
    with Engine(_settings(folder / "four")) as engine:
        _warm(engine)
        before = _cpu(engine)
        (job,), wall = _analyze(engine, [path])
        spent = _cpu(engine) - before
        requests = requests_of(engine, job, path, folder)
        bare = 0.0
        for name, request in requests.items():
            with Yardstick(engine.workers.environments[name]) as yardstick:
                bare += yardstick.ask(request)["cpu_s"]
    return {
        "sandbox_ratio": round(spent / bare, 3),
        "sandbox_cpu_s": round(spent, 2),
        "bare_cpu_s": round(bare, 2),
        "realtime_4min": round(wall / 240.0, 3),
    }


def _cpu(engine: Engine) -> float:
    """CPU seconds of this process, of the zygotes and of all workers that have ended."""
    own = time.process_time()
    return own + engine.workers.cpu_s()


def realtime_30min(folder: Path) -> dict[str, float | str]:
    """Half an hour in one take."""
    path = song(folder / "thirty.wav", 1800.0)
    with Engine(_settings(folder / "thirty")) as engine:
        _warm(engine)
        with _Peak() as peak:
            (job,), wall = _analyze(engine, [path])
        verdict = engine.wait(job).verdict
    return {
        "realtime_30min": round(wall / 1800.0, 3),
        "verdict_30min": verdict or "none",
        "peak_mb_30min": round(peak.mb),
    }


def memory_growth_mb(folder: Path) -> dict[str, float]:
    """Peak memory on 5 MB and on 500 MB of WAV."""
    peaks = {}
    for name, megabytes in (("small", 5), ("large", 500)):
        path = song(folder / f"{name}.wav", megabytes * 1e6 / (44100 * 4))
        with Engine(_settings(folder / name)) as engine:
            _warm(engine)
            with _Peak() as peak:
                _analyze(engine, [path])
        peaks[name] = peak.mb
        path.unlink()
    return {
        "memory_growth_mb": round(peaks["large"] - peaks["small"]),
        "memory_small_mb": round(peaks["small"]),
    }


def rhythm(folder: Path) -> dict[str, float]:
    """What the rhythm takes alone, from opening a file to its tempo."""
    request = Request(questions=("tempo", "subdivision"), only=RHYTHM)
    walls, peaks = {}, {}
    for seconds in (240.0, 600.0, 7200.0):
        path = song(folder / "rhythm.wav", seconds, channels=1)
        with Engine(_settings(folder / f"rhythm-{seconds:.0f}")) as engine:
            _warm(engine)
            with _Peak() as peak:
                _, walls[seconds] = _analyze(engine, [path], request)
        peaks[seconds] = peak.mb
        path.unlink()
    return {
        "rhythm_4min": round(walls[240.0] / 240.0, 4),
        "rhythm_2h": round(walls[7200.0] / 7200.0, 4),
        "rhythm_growth_mb": round(peaks[7200.0] - peaks[600.0]),
    }


def batch_ratio(folder: Path, count: int = 100) -> dict[str, float]:
    """Many short files, two at a time, against two bare processes per environment, two at a time."""
    paths = [song(folder / f"short-{n}.wav", 10.0, seed=n) for n in range(count)]
    with Engine(_settings(folder / "batch")) as engine:
        _warm(engine)
        jobs, wall = _analyze(engine, paths)
        requests = [requests_of(engine, job, path, folder) for job, path in zip(jobs, paths, strict=True)]
        bare = _pool(engine, requests)
    return {"batch_ratio": round(wall / bare, 3), "batch_s": round(wall, 1), "bare_batch_s": round(bare, 1)}


def _pool(engine: Engine, requests: list[dict[str, Any]], size: int = 2) -> float:
    """Wall seconds of a pool: each of its processes has one warm half per environment."""
    names = sorted({name for request in requests for name in request})
    pairs = [{name: Yardstick(engine.workers.environments[name]) for name in names} for _ in range(size)]
    waiting = list(reversed(requests))
    lock = threading.Lock()

    def work(pair: dict[str, Yardstick]) -> None:
        while True:
            with lock:
                if not waiting:
                    return
                request = waiting.pop()
            for name, calls in request.items():
                pair[name].ask(calls)

    threads = [threading.Thread(target=work, args=(pair,)) for pair in pairs]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall = time.monotonic() - started
    for pair in pairs:
        for yardstick in pair.values():
            yardstick.close()
    return wall


def ok_share(folder: Path) -> dict[str, float]:
    """Every valid evaluation recording through the default chain."""
    if not EVAL.is_dir():
        return {}
    from cli.walking import audio_files

    paths, _ = audio_files([EVAL])
    calls = good = refused = 0
    with Engine(_settings(folder / "eval")) as engine:
        jobs, _wall = _analyze(engine, paths)
        for job in jobs:
            told = json.loads(engine.document(job))
            refused += told["verdict"] == "none"
            ran = [o for region in told["regions"] for o in region["outcomes"] if o["disposition"]]
            calls += len(ran)
            good += sum(o["status"] in ("ok", "skipped") for o in ran)
    return {
        "ok_share": round(good / max(1, calls), 5),
        "calls": calls,
        "files": len(paths),
        "files_refused": refused,
    }


class _Peak:
    """The peak of this process and all it started, proportional shares of memory, sampled."""

    def __enter__(self) -> _Peak:
        self.mb = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        here = psutil.Process()
        while not self._over.wait(0.2):
            total = 0
            for process in [here, *here.children(recursive=True)]:
                try:
                    total += _own(process.pid)
                except OSError:
                    continue
            self.mb = max(self.mb, total / 1e6)


def _own(pid: int) -> int:
    """Memory of a process that is not a mapped file, shared pages by share."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    fields = dict(line.split(":", 1) for line in text.splitlines()[1:])
    return int(fields["Pss_Anon"].split()[0]) * 1024


MEASURES: dict[str, Callable[[Path], dict[str, Any]]] = {
    "help_s": help_s,
    "worker_ready_ms": worker_ready_ms,
    "sandbox_ratio": sandbox_ratio,
    "memory_growth_mb": memory_growth_mb,
    "realtime_30min": realtime_30min,
    "rhythm": rhythm,
    "batch_ratio": batch_ratio,
    "ok_share": ok_share,
    **server.MEASURES,
}

if __name__ == "__main__":
    main()
